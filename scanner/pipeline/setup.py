"""Everything a scan needs before it looks at the first byte; what is wrong here ends it early."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, get_args

import msgspec

from scanner.attribution import Attributor
from scanner.boundary import Boundary
from scanner.config import DEFAULT_MAX_BYTES, FILE_NAME, Config, Settings
from scanner.detectors import SecretDetector
from scanner.errors import ConfigError
from scanner.model import Files, Problem
from scanner.pipeline.digest import Digester, fingerprint_key
from scanner.pipeline.locate import Locator
from scanner.pipeline.workers import Session
from scanner.rules.agents import AgentFile, load_agents
from scanner.rules.secrets import SecretRule, load_secret_rules
from scanner.sources.exclusion import excluder
from scanner.suppress import Baseline

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
    baseline: Baseline
    root_of: Callable[[], str | None]
    """The commit that keys the digests when there is no team key; found when first asked for."""
    excluded: Callable[[str], bool]
    """Whether a path is left out on request."""
    disabled: frozenset[str]
    max_bytes: int
    notes: tuple[str, ...]
    problems: tuple[Problem, ...] = ()

    def digester(self) -> Digester:
        """A new digester; each thread needs its own."""
        return Digester(fingerprint_key(self.config.key, self.root_of()))

    def worker(self) -> tuple[Session, Locator]:
        """What one scanning thread needs."""
        return self.detector.session(), Locator(self.digester, self.rules, self.baseline)


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
    detector = SecretDetector(
        load_secret_rules(cached_in=config.cache_directory),
        engine=_engine(config),
        cache_directory=config.cache_directory,
    )
    agents = load_agents(cached_in=config.cache_directory)
    _check_rules("--disable", config.disable, detector)
    _check_rules(f"{FILE_NAME}: disable", settings.disable, detector)
    _check_agents("--agent", config.agents, agents)
    _check_agents(f"{FILE_NAME}: agents", settings.agents, agents)
    baseline = _baseline(config, settings, root)
    return Setup(
        config=config,
        settings=settings,
        rules=detector.rules,
        agents=agents,
        detector=detector,
        attributor=Attributor(agents),
        boundary=Boundary.load(files, task=config.task, task_file=config.task_file),
        baseline=baseline,
        root_of=(lambda: baseline.root) if baseline.root else root_commit,
        excluded=excluder((*config.exclude, *settings.exclude)),
        disabled=frozenset((*config.disable, *settings.disable)),
        max_bytes=config.max_bytes or settings.max_bytes or DEFAULT_MAX_BYTES,
        notes=_hidden_by(settings),
    )


def _engine(config: Config) -> Engine:
    engines: tuple[Engine, ...] = get_args(Engine)
    for engine in engines:
        if engine == config.engine:
            return engine
    raise ConfigError(f"there is no engine {config.engine!r}", hint=", ".join(engines))


def _check_rules(source: str, names: tuple[str, ...], detector: SecretDetector) -> None:
    """A misspelt rule would go on speaking; worse, it would seem to be switched off."""
    if not names:
        return
    from scanner.rules.boundaries import SCOPE_RULES, load_boundary_files
    from scanner.rules.dataflow import load_flow_rules

    guards = (rule.id for file in load_boundary_files() for rule in file.rules)
    known = {*detector.rules, *SCOPE_RULES, *guards, *load_flow_rules()}
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
    if config.baseline is not None:
        # A baseline that is about to be written for the first time does not exist yet.
        return Baseline.read(config.baseline)
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
    return tuple(notes)
