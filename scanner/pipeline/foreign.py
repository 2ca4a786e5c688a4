"""What the files of other tools bring into a scan: a configuration's rules, and reports.

A scan without such files imports nothing of it.
"""

import re
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from scanner.config import FILE_NAME, Config, Settings
from scanner.errors import ConfigError
from scanner.model import Batch, Files, Match, Problem
from scanner.pipeline.digest import Digester
from scanner.rules.secrets import SecretRule

if TYPE_CHECKING:
    from scanner.detectors.foreign import ForeignRules
    from scanner.detectors.session import DetectorSession, Seen
    from scanner.interop.gitleaks_config import GitleaksConfig
    from scanner.interop.reports import ImportedReport

_MACHINE_MADE: Final = re.compile("[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}")
_SECONDS: Final = 20.0
_SECONDS_IN_ALL: Final = 600.0
"""In each thread."""


class Foreign(NamedTuple):
    """What was read. By default: nothing."""

    rules: "ForeignRules | None" = None
    reports: "tuple[ImportedReport, ...]" = ()
    known: Mapping[str, SecretRule] = {}
    """What findings say of the rules of both, by id."""
    names: frozenset[str] = frozenset()
    """Ids of all rules, also of those that report files by their path."""
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def is_there(self) -> bool:
        """Whether there is anything to be worked into the findings."""
        return self.rules is not None or bool(self.reports)


def load_foreign(
    config: Config,
    settings: Settings,
    files: Files,
    root: Path | None,
    open_digester: Callable[[], Digester],
    engine: Literal["auto", "hyperscan", "re"],
) -> Foreign:
    """Read the files that `config` or the project's settings name; raises `ConfigError`."""
    foreign = Foreign()
    if config.gitleaks_config is not None or settings.gitleaks_config is not None:
        trusted = config.gitleaks_config is not None
        read, name = _configuration(config, settings, files, root)
        foreign = _configured(read, name, engine, trusted=trusted)
    if config.imports:
        foreign = _with_reports(foreign, config.imports, open_digester())
    return foreign


def _configuration(
    config: Config, settings: Settings, files: Files, root: Path | None
) -> "tuple[GitleaksConfig, str]":
    """The configuration and its name. The command line's wins."""
    from scanner.interop.gitleaks_config import read_gitleaks_config

    if config.gitleaks_config is not None:
        path = config.gitleaks_config
        return read_gitleaks_config(str(path), _beside(path, root)), path.name
    assert settings.gitleaks_config is not None
    name = settings.gitleaks_config
    return read_gitleaks_config(name, _inside(files)), name


def _beside(config_file: Path, root: Path | None) -> Callable[[str], bytes]:
    """Reads the file and what it extends, if that lies in its directory or in the repository."""
    from scanner.interop.gitleaks_config import LARGEST

    homes = [config_file.parent.resolve(), *([root.resolve()] if root is not None else [])]

    def read(name: str) -> bytes:
        path = Path(name)
        # The one that the user names may lie anywhere; what a file names is not the user's word.
        if path != config_file and not any(path.resolve().is_relative_to(home) for home in homes):
            raise ConfigError(f"{config_file}: [extend] path {name!r} leads out of the repository")
        if not path.is_file():
            raise ConfigError(f"{name}: there is no such file")
        with path.open("rb") as stream:
            return stream.read(LARGEST + 1)

    return read


def _inside(files: Files) -> Callable[[str], bytes]:
    """Reads files of the repository itself, links not followed."""

    def read(name: str) -> bytes:
        data = files.read(name.removeprefix("./"))
        if data is None:
            raise ConfigError(f"{FILE_NAME}: gitleaks_config: the repository has no file {name!r}")
        return data

    return read


def _configured(
    read: "GitleaksConfig",
    name: str,
    engine: Literal["auto", "hyperscan", "re"],
    *,
    trusted: bool,
) -> Foreign:
    from scanner.detectors.foreign import PREFIX, ForeignRules

    # What the repository itself brings may have been made to take long, in as many rules as it can.
    share = _SECONDS if trusted else min(_SECONDS, _SECONDS_IN_ALL / max(1, len(read.rules)))
    rules = ForeignRules(
        read.rules, read.allowlists, source=name, engine=engine, seconds_for_a_rule=share
    )
    plural = "" if len(read.rules) == 1 else "s"
    notes = [f"{name}: {len(read.rules)} rule{plural} of gitleaks' form taken in"]
    if any(not allowlist.rules for allowlist in read.allowlists):
        notes.append(f"{name}: its general allowlists leave out findings of all rules")
    return Foreign(
        rules=rules,
        known=rules.rules,
        names=frozenset(PREFIX + rule.id for rule in read.rules),
        notes=(*notes, *read.warnings),
        problems=read.problems,
    )


def _with_reports(foreign: Foreign, paths: tuple[Path, ...], digester: Digester) -> Foreign:
    from scanner.detectors.identity import Identities
    from scanner.interop.reports import read_report
    from scanner.pipeline.imports import imported_digests, imported_rules

    identities = Identities()
    # Which rule of ours a report's entry would have is not known; only URLs' would matter.
    digests = imported_digests(digester, lambda secret: identities.canonical("", secret))
    reports = tuple(read_report(path, digests) for path in paths)
    rules = imported_rules(reports)
    return foreign._replace(
        reports=reports,
        known={**rules, **foreign.known},
        names=foreign.names | frozenset(rules),
    )


class TextSession:
    """Looks for secrets of both kinds in the texts of a report. Not to be shared.

    Allowlists do not hold here: what is allowed to stand in a file need not stand in a report. A
    broad expression would also fit the ids that a report consists of: digests and `names` (of rules
    and agents) are let alone.
    """

    def __init__(
        self, own: "DetectorSession", rules: "ForeignRules", names: Collection[str]
    ) -> None:
        self._own = own
        self._foreign = rules.session()
        self._names = frozenset(name.encode() for name in names)

    def scan(self, batch: Batch) -> list[tuple[int, Match]]:
        """Spans may overlap; by content."""
        return self.look(batch).matches

    def look(self, batch: Batch) -> "Seen":
        """As `scan`, in the form of a detector."""
        seen = self._own.look(batch)
        found = [
            (index, match)
            for index, match in self._foreign.scan(batch)
            if (data := batch.content(index)) not in self._names
            and not _MACHINE_MADE.fullmatch(data.decode("utf-8", "replace"))
        ]
        return seen._replace(matches=sorted([*seen.matches, *found], key=lambda pair: pair[0]))
