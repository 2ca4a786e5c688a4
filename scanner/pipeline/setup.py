"""Everything a scan needs before it looks at the first byte; what is wrong here ends it early."""

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache, reduce
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import msgspec

from scanner.attribution import Attributor
from scanner.boundary import Boundary
from scanner.config import DEFAULT_MAX_BYTES, FILE_NAME, Config, Settings
from scanner.detectors import SecretDetector
from scanner.errors import ConfigError
from scanner.model import ConcernKind, Confidence, Files, Problem
from scanner.pipeline.data_sightings import RULE as PERSONAL_DATA
from scanner.pipeline.digest import Digester, fingerprint_key
from scanner.pipeline.examine import Session
from scanner.pipeline.foreign import Foreign, TextSession, load_foreign
from scanner.pipeline.forked import CAN_FORK
from scanner.pipeline.locate import Locator
from scanner.pipeline.provenance import SecretKey
from scanner.rules.agents import AgentFile, load_agents
from scanner.rules.secrets import SecretRule, load_secret_rules
from scanner.sources.exclusion import excluder
from scanner.suppress import Baseline

if TYPE_CHECKING:
    from scanner.pipeline.legacy import Legacy
    from scanner.pipeline.policy import LoadedPolicy

Engine = Literal["auto", "hyperscan", "re"]


class Setup(msgspec.Struct, frozen=True):
    """The loaded rules and settings of one scan."""

    config: Config
    settings: Settings
    rules: Mapping[str, SecretRule]
    agents: tuple[AgentFile, ...]
    detector: SecretDetector
    attributor: Attributor
    boundary: Boundary
    policy: "LoadedPolicy | None"
    """What the project asks of commits that an agent had a part in; None where it asks nothing."""
    foreign: Foreign
    baseline: Baseline
    legacy: "Legacy | None"
    """For baselines of other tools; None when there is none to ask or to write."""
    root_of: Callable[[], str | None]
    open_digester: Callable[[], Digester]
    """The commit that keys the digests when there is no team key; found when first asked for."""
    excluded: Callable[[str], bool]
    """Whether a path is left out on request."""
    disabled: frozenset[str]
    max_bytes: int
    min_confidence: Confidence
    notes: tuple[str, ...]
    problems: tuple[Problem, ...] = ()

    def digester(self) -> Digester:
        """The one digester of this scan: what it costs to hide a password is paid once."""
        return self.open_digester()

    @property
    def accepted(self) -> Mapping[SecretKey, Collection[str]]:
        """The paths in which other tools' baselines accept a secret; complete after the scan."""
        return self.legacy.accepted if self.legacy is not None else {}

    @property
    def can_work_apart(self) -> bool:
        """Whether workers may be processes: nothing but what they return has to be known here."""
        return CAN_FORK and self.config.workers > 1 and self.legacy is None

    def worker(self) -> tuple[Session, Locator]:
        """What one scanning worker needs."""
        return self._session(), Locator(self.digester, self.rules, self.legacy)

    def text_session(self) -> Session:
        """Looks for secrets in the texts of a report."""
        own, foreign = self.detector.session(), self.foreign.rules
        if foreign is None:
            return own
        return TextSession(own, foreign, {*self.rules, *(agent.id for agent in self.agents)})

    def _session(self) -> Session:
        own, foreign = self.detector.session(), self.foreign.rules
        if foreign is None:
            return own
        from scanner.detectors.foreign_join import JoinedSession

        generic = [rule.id for rule in self.detector.rules.values() if rule.generic]
        return JoinedSession(own, foreign.session(), generic)


def prepare(
    config: Config,
    settings: Settings,
    files: Files,
    root: Path | None,
    root_commit: Callable[[], str | None],
) -> Setup:
    """Load and check everything. `root` is the directory that relative settings count from.

    Raises `ConfigError` or `RuleError`.
    """
    detector = _detector(config, settings)
    agents = load_agents(cached_in=config.cache_directory)
    baseline = _baseline(config, settings, root)
    root_of = (lambda: baseline.root) if baseline.root else root_commit
    # Finding the root commit may take a walk over the history: only when there is a need.
    open_digester = lru_cache(maxsize=1)(lambda: _digester(config, root_of))
    foreign = load_foreign(config, settings, files, root, open_digester, _engine(config))
    _check_names(config, settings, {*detector.rules, *foreign.names}, agents)
    attributor = Attributor(agents)
    return Setup(
        config=config,
        settings=settings,
        rules={**foreign.known, **detector.rules} if foreign.known else detector.rules,
        agents=agents,
        detector=detector,
        attributor=attributor,
        policy=_policy(settings, agents, attributor),
        boundary=Boundary.load(files, task=config.task, task_file=config.task_file),
        foreign=foreign,
        baseline=baseline,
        legacy=_legacy(config, baseline),
        root_of=root_of,
        open_digester=open_digester,
        excluded=excluder((*config.exclude, *settings.exclude)),
        disabled=frozenset((*config.disable, *settings.disable)),
        max_bytes=config.max_bytes or settings.max_bytes or DEFAULT_MAX_BYTES,
        min_confidence=config.min_confidence or settings.min_confidence or Confidence.MEDIUM,
        notes=(*_hidden_by(settings), *foreign.notes),
        problems=foreign.problems,
    )


def _policy(
    settings: Settings, agents: tuple[AgentFile, ...], attributor: Attributor
) -> "LoadedPolicy | None":
    if settings.attribution is None:
        return None
    from scanner.pipeline.policy import load_policy

    return load_policy(settings.attribution, agents, attributor)


def _digester(config: Config, root_of: Callable[[], str | None]) -> Digester:
    return Digester(fingerprint_key(config.key, root_of()))


def _detector(config: Config, settings: Settings) -> SecretDetector:
    """With our rules and the user's own, all of them checked."""
    rules = load_secret_rules(cached_in=config.cache_directory)
    if config.rules:
        from scanner.rules.extra import load_extra

        rules = (*rules, *load_extra(config.rules, rules))
    detector = SecretDetector(
        rules,
        engine=_engine(config),
        cache_directory=config.cache_directory,
        # A hook answers at once; importing detect-secrets would take half of its time.
        adapter=not config.staged,
        archives=config.archives or settings.archives,
        personal=True,
    )
    if config.rules:
        # Loaded when first needed; what is wrong with a user's rule is to be said at once.
        _ = detector.judge
    return detector


def _legacy(config: Config, baseline: Baseline) -> "Legacy | None":
    if not baseline.legacy and not config.name_for_detect_secrets:
        return None
    from scanner.pipeline.legacy import Legacy

    return Legacy(baseline.legacy, naming=config.name_for_detect_secrets)


def _engine(config: Config) -> Engine:
    engines: tuple[Engine, ...] = get_args(Engine)
    for engine in engines:
        if engine == config.engine:
            return engine
    raise ConfigError(f"there is no engine {config.engine!r}", hint=", ".join(engines))


def _check_names(
    config: Config, settings: Settings, rules: Collection[str], agents: tuple[AgentFile, ...]
) -> None:
    _check_rules("--disable", config.disable, rules)
    _check_rules(f"{FILE_NAME}: disable", settings.disable, rules)
    _check_agents("--agent", config.agents, agents)
    _check_agents(f"{FILE_NAME}: agents", settings.agents, agents)


def _check_rules(source: str, names: tuple[str, ...], secret_rules: Collection[str]) -> None:
    """A misspelt rule would go on speaking; worse, it would seem to be switched off."""
    if not names:
        return
    from scanner.rules.boundaries import SCOPE_RULES, load_boundary_files
    from scanner.rules.dataflow import load_flow_rules
    from scanner.rules.policy import PolicyKind

    guards = (rule.id for file in load_boundary_files() for rule in file.rules)
    flows = load_flow_rules()
    known = {*secret_rules, *SCOPE_RULES, *guards, *flows, PERSONAL_DATA, *ConcernKind, *PolicyKind}
    for name in names:
        if name not in known:
            raise ConfigError(
                f"{source}: there is no rule {name!r}", hint="see: agentreach rules list"
            )


def _check_agents(source: str, names: tuple[str, ...], agents: tuple[AgentFile, ...]) -> None:
    known = sorted(agent.id for agent in agents if agent.context is not None)
    for name in names:
        if name not in known:
            raise ConfigError(
                f"{source}: reach cannot be answered for an agent {name!r}",
                hint=f"known: {', '.join(known)}",
            )


def _baseline(config: Config, settings: Settings, root: Path | None) -> Baseline:
    if config.baselines:
        return reduce(Baseline.joined, map(Baseline.read, config.baselines))
    if settings.baseline is None or root is None:
        return Baseline()
    path = root / settings.baseline
    if not path.resolve().is_relative_to(root.resolve()):
        raise ConfigError(
            f"{FILE_NAME}: the baseline {settings.baseline!r} lies outside the repository"
        )
    return Baseline.read(path)


def _hidden_by(settings: Settings) -> tuple[str, ...]:
    """The repository's own settings can hide things: every report says which."""
    notes = []
    if settings.exclude:
        notes.append(f"{FILE_NAME} excludes {', '.join(settings.exclude)}")
    if settings.disable:
        notes.append(f"{FILE_NAME} switches off {', '.join(settings.disable)}")
    if settings.baseline:
        notes.append(f"{FILE_NAME} names the baseline {settings.baseline}")
    if settings.gitleaks_config:
        notes.append(f"{FILE_NAME} names the gitleaks configuration {settings.gitleaks_config}")
    return tuple(notes)
