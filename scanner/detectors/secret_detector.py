"""Rules in, matches out: the two stages, the checks, and one match for one secret."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from scanner.detectors.compiled import Compiled, compile_plans, load_or_compile
from scanner.detectors.detect_secrets_adapter import DetectSecretsAdapter, adapter_rules
from scanner.detectors.joining import Joiner
from scanner.detectors.matcher import Matcher
from scanner.detectors.noticing import Noticing
from scanner.detectors.session import DetectorSession, Tools
from scanner.detectors.stage1 import Stage1
from scanner.detectors.stage1_hyperscan import HyperscanStage1
from scanner.detectors.stage1_re import ReStage1
from scanner.errors import ConfigError
from scanner.rules.secrets import SecretRule

if TYPE_CHECKING:
    from scanner.detectors.judgement import Judge
    from scanner.detectors.layers import Limits
    from scanner.detectors.personal import PersonalDetector

Engine = Literal["auto", "hyperscan", "re"]


_ARCHIVES = 256 << 20
"""Bytes that may come out of one archive."""


class SecretDetector:
    """Finds secrets by rules. Immutable once made; each thread scans with a session of its own."""

    def __init__(
        self,
        rules: Sequence[SecretRule],
        *,
        engine: Engine = "auto",
        cache_directory: Path | None = None,
        adapter: bool = True,
        unwrap: bool = True,
        archives: bool = False,
        personal: bool = False,
    ) -> None:
        """Raises `RuleError` for a pattern that cannot be used, and `ConfigError` when the engine
        `hyperscan` is asked for where it does not load.

        `cache_directory` is created (mode 0700) when needed and holds the compiled patterns.
        `adapter` lets detect-secrets judge the lines of candidates too; `unwrap` looks into
        encodings, and with `archives` into archives and documents; `personal` also looks for
        personal data in bulk.
        """
        self._rules = tuple(rules)
        self.matcher = Matcher(self._rules)
        """Stage 2; for sessions and for explanations."""
        self._joiner = Joiner(self._rules)
        self._noticing = Noticing(unwrap, archives, personal)
        self._compiled = self._load(engine, cache_directory)
        self._plans = self._compiled.plans if self._compiled else compile_plans(self._rules)
        self._adapter = DetectSecretsAdapter() if adapter else None
        known = {rule.id: rule for rule in (*adapter_rules(), *self._rules)}
        self._known = MappingProxyType(known)

    @cached_property
    def judge(self) -> "Judge":
        """The rules' checks. Most staged scans have no candidate, and never load them.

        Raises `RuleError` for a check that does not exist.
        """
        from scanner.detectors.judgement import Judge

        return Judge(self._rules)

    @property
    def engine(self) -> Literal["hyperscan", "re"]:
        """What does stage 1; for the report."""
        return "hyperscan" if self._compiled else "re"

    @property
    def rules(self) -> Mapping[str, SecretRule]:
        """By id, every rule a match may name: those given and those of detect-secrets' plugins."""
        return self._known

    def session(self) -> DetectorSession:
        """A scanner for one thread."""
        tools = Tools(
            judge=lambda: self.judge,
            matcher=self.matcher,
            joiner=self._joiner,
            adapter=self._adapter,
            limits=self._limits,
            personal=lambda: self._personal,
        )
        return DetectorSession(self.stage1(), tools)

    def load(self) -> None:
        """Load now what otherwise is loaded when first needed: before a fork, so that it is done
        once."""
        _ = self.judge
        if self._compiled is None:
            _ = self._without_hyperscan
        if self._adapter is not None:
            self._adapter.load()

    def _load(self, engine: Engine, cache_directory: Path | None) -> Compiled | None:
        if engine == "re" or not self._rules:
            return None
        try:
            return load_or_compile(self._rules, self._noticing, cache_directory)
        except (ImportError, OSError) as error:
            if engine == "auto":
                return None
            raise ConfigError(
                f"the engine hyperscan does not load here: {error}", hint="use the engine re"
            ) from error

    def _limits(self) -> "Limits | None":
        if not self._noticing.encodings:
            return None
        from scanner.detectors.layers import Limits

        return Limits(expansion=_ARCHIVES) if self._noticing.archives else Limits()

    @cached_property
    def _personal(self) -> "PersonalDetector | None":
        if not self._noticing.personal:
            return None
        from scanner.detectors.personal import PersonalDetector

        return PersonalDetector()

    def stage1(self) -> Stage1:
        """The pass over all bytes, for one thread."""
        if self._compiled is None:
            return self._without_hyperscan
        return HyperscanStage1(self._compiled)

    @cached_property
    def _without_hyperscan(self) -> ReStage1:
        """For all threads: it keeps nothing of what it sees, and its triggers take long to make."""
        return ReStage1(self._plans, self._noticing.triggers(self._rules))
