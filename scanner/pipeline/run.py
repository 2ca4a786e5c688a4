"""The whole scan, in the order the data takes."""

import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from scanner.config import Config
from scanner.incidents import seed
from scanner.model import (
    Confidence,
    Finding,
    Report,
    Severity,
    Tool,
)
from scanner.pipeline.gather import gather
from scanner.pipeline.opening import open_subject
from scanner.pipeline.setup import Setup, prepare
from scanner.pipeline.workers import Progress, Silence
from scanner.rules import digest
from scanner.suppress import (
    Baseline,
    split_by_baseline,
    write_baseline,
    write_detect_secrets_baseline,
)
from scanner.version import __version__

if TYPE_CHECKING:
    from scanner.pipeline.legacy import Legacy

_ANCHORS = ("README.md", "README.rst", "README", ".gitignore", "LICENSE", "pyproject.toml")


class Outcome(msgspec.Struct, frozen=True):
    """A report, and what the command line needs beside it."""

    report: Report
    fail_on: Severity | None
    """The project's own threshold, if it names one."""
    root: str | None
    anchor: str | None
    """A file at hand for what has no place in one; SARIF needs it."""
    unfiltered: tuple[Finding, ...]
    baseline: Baseline
    legacy: "Legacy | None" = None

    def write_baseline(self, path: Path) -> int:
        """Accept every place of every finding, also those accepted before. Returns their number.

        With `Config.name_for_detect_secrets` in the form of that tool, else in ours.
        """
        if self.legacy is not None and self.legacy.is_naming:
            return write_detect_secrets_baseline(path, self.unfiltered, self.legacy.handles)
        return write_baseline(path, self.unfiltered, self.root, self.baseline)


def run(config: Config, progress: Progress | None = None) -> Outcome:
    """Scan what `config` names.

    Raises `ScannerError` for what the user has to mend first. Whatever could not be read on the way
    is a `Problem` in the report.
    """
    begun = time.time()
    progress = progress or Silence()
    with open_subject(config) as opened:
        subject = opened.subject
        setup = prepare(config, opened.settings, subject.files, opened.root, opened.root_commit)
        gathered = gather(opened, setup, progress)
        findings = _enabled(gathered.findings, setup)
        unfiltered = _sorted(findings)
        certain, uncertain = _by_confidence(unfiltered, setup.min_confidence)
        kept, baselined = split_by_baseline(certain, setup.baseline, setup.accepted)
        doubtful, _ = split_by_baseline(uncertain, setup.baseline, setup.accepted)
        seeded, incidents = seed(kept)
        report = Report(
            tool=Tool(__version__, digest(cached_in=config.cache_directory), setup.detector.engine),
            repository=gathered.repository,
            agents=gathered.agents,
            findings=seeded,
            incidents=incidents,
            problems=tuple(dict.fromkeys(gathered.problems)),
            coverage=msgspec.structs.replace(
                gathered.coverage, baselined=baselined, uncertain=len(doubtful)
            ),
            started=int(begun),
            seconds=round(time.time() - begun, 3),
        )
        root = setup.root_of() if unfiltered else None
        anchor = next((name for name in _ANCHORS if subject.files.read(name) is not None), None)
    if config.incidents is not None and report.incidents:
        from scanner.incidents.records import write_records

        report, _ = write_records(config.incidents, report)
    return Outcome(
        report, setup.settings.fail_on, root, anchor, unfiltered, setup.baseline, setup.legacy
    )


def _enabled(findings: Iterable[Finding], setup: Setup) -> Iterator[Finding]:
    return (finding for finding in findings if finding.rule not in setup.disabled)


def _by_confidence(
    findings: Sequence[Finding], least: Confidence
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """Those that are certain enough to show, and the others."""
    sure = tuple(one for one in findings if one.confidence.rank >= least.rank)
    return sure, tuple(one for one in findings if one.confidence.rank < least.rank)


def _sorted(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(
        sorted(
            findings,
            key=lambda finding: (
                -finding.severity.rank,
                -finding.confidence.rank,
                int(finding.category),
                finding.locations[0].path,
                finding.locations[0].line or 0,
                finding.rule,
                finding.fingerprint,
            ),
        )
    )
