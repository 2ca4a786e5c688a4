"""Who wrote the very line that brought a finding in, as far as notes and marks tell.

A commit's mark speaks of the commit, and in marked commits a fifth of the added lines had another
origin. So a finding says separately what is known of its line. All questions of a scan are put
together, since each answer costs a look into notes and diffs.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

import msgspec

from scanner.attribution import Attributor
from scanner.model import Basis, Change, Event, Evidence, Finding, Location, Mark, Where
from scanner.model.lines import Author, Form
from scanner.pipeline.locate import Sighting
from scanner.pipeline.places import secret_key
from scanner.pipeline.provenance import Provenance

MOST_LINES: Final = 2000
"""Lines asked about in one scan; those of the first findings."""
_LINES_PER_FINDING: Final = 3
_CURRENT: Final = (Where.WORKTREE, Where.INDEX, Where.COMMIT)


class AddedLine(NamedTuple):
    """A line as a commit has it."""

    commit: str
    path: str
    line: int
    """From 1, in the version of the file that the commit has."""


class Attestation(NamedTuple):
    """What one note says about one line."""

    author: Author
    agent: str | None
    """An agent's id; None for a person."""
    form: Form


class Attester(Protocol):
    """Answers from notes who wrote lines; asked at most once in a scan."""

    def __call__(self, lines: Sequence[AddedLine], /) -> Mapping[AddedLine, Sequence[Attestation]]:
        """By line, what notes say about it. Only lines that their commit really added are there;
        one that no note speaks of may be left out."""


class CurrentLine(NamedTuple):
    """A line of a file at hand."""

    path: str
    line: int


class Blamed(NamedTuple):
    """The commit that a line at hand comes from, and where it stood there."""

    change: Change
    path: str
    line: int


class Blamer(Protocol):
    """Finds the commits that lines at hand come from; asked at most once in a scan."""

    def __call__(self, lines: Sequence[CurrentLine], /) -> Mapping[CurrentLine, Blamed]:
        """By line, where it comes from; without lines that are not committed, and without those
        whose history is not here."""


class LineEvidence:
    """Adds to the findings of one scan what is known of their introducing lines."""

    def __init__(
        self, attributor: Attributor, attester: Attester, blamer: Blamer, names: Mapping[str, str]
    ) -> None:
        """`names`: of agents, by id."""
        self._attributor = attributor
        self._attester = attester
        self._blamer = blamer
        self._names = names

    def added_to(
        self,
        findings: Sequence[Finding],
        provenance: Provenance,
        sightings: Mapping[str, Sequence[Sighting]],
    ) -> list[Finding]:
        """The same findings, in their order, with evidence about their lines: secrets, oversteps
        and data flows.

        A finding about files at hand that names no commit (a data flow) also gets the commit that
        its line comes from, and that commit's attribution.
        """
        blamed = self._blamed(findings)
        dated = [self._dated(finding, blamed) for finding in findings]
        sites = [tuple(_sites(one, provenance, sightings, blamed)) for one in dated]
        asked = list(dict.fromkeys(site for group in sites for site in group))[:MOST_LINES]
        answers = self._attester(asked) if asked else {}
        return [
            self._with_evidence(finding, group, answers)
            for finding, group in zip(dated, sites, strict=True)
        ]

    def _blamed(self, findings: Iterable[Finding]) -> Mapping[CurrentLine, Blamed]:
        lines = (_current_line(one) for one in findings if one.introduced is None)
        asked = list(dict.fromkeys(line for line in lines if line is not None))[:MOST_LINES]
        return self._blamer(asked) if asked else {}

    def _dated(self, finding: Finding, blamed: Mapping[CurrentLine, Blamed]) -> Finding:
        found = _origin(finding, blamed)
        if found is None or found.change.commit is None:
            return finding
        change = found.change
        event = Event(
            commit=found.change.commit,
            path=found.path,
            author=change.author,
            time=change.author_time,
            committed=change.committer_time,
            subject=change.subject,
            exact=not change.boundary,
        )
        return msgspec.structs.replace(
            finding, introduced=event, attribution=self._attributor.attribute(change)
        )

    def _with_evidence(
        self,
        finding: Finding,
        sites: Iterable[AddedLine],
        answers: Mapping[AddedLine, Sequence[Attestation]],
    ) -> Finding:
        mark = finding.attribution.agent if finding.attribution else None
        said = [self._said(site, answers.get(site, ()), mark) for site in sites]
        evidence = [one for one in said if one is not None]
        if not evidence:
            return finding
        return msgspec.structs.replace(finding, evidence=(*finding.evidence, *evidence))

    def _said(
        self, site: AddedLine, attestations: Sequence[Attestation], mark: Mark | None
    ) -> Evidence | None:
        """What is known of a line; None where there is no evidence of any kind."""
        where = f"line {site.line} of {site.path}, as the commit brought it,"
        if attestations:
            sources = sorted({self._words(one) for one in attestations})
            doubt = "; the notes contradict each other" if _contradict(attestations) else ""
            text = f"{where} is attested to {' and to '.join(sources)}{doubt}"
            return Evidence(text, source=site.commit)
        if mark is None:
            return None
        text = (
            f"no note says who wrote {where} so {mark.name} is known to have had a part in the"
            " commit only"
        )
        return Evidence(text, Basis.UNKNOWN, site.commit)

    def _words(self, one: Attestation) -> str:
        if one.author is Author.HUMAN:
            return f"a person by {_FORMS[one.form]}"
        name = self._names.get(one.agent or "", "an unnamed agent")
        return f"{name} by {_FORMS[one.form]}"


_FORMS: Final[Mapping[Form, str]] = {
    Form.GIT_AI: "a git-ai note",
    Form.AGENT_TRACE: "an Agent Trace record",
    Form.AGENTBLAME: "an agentblame note",
    Form.WHOGITIT: "a whogitit note",
    Form.ENTIRE: "an Entire checkpoint",
}


def _contradict(attestations: Iterable[Attestation]) -> bool:
    return len({(one.author, one.agent) for one in attestations}) > 1


def _sites(
    finding: Finding,
    provenance: Provenance,
    sightings: Mapping[str, Sequence[Sighting]],
    blamed: Mapping[CurrentLine, Blamed],
) -> Iterator[AddedLine]:
    """The lines that brought a finding in; none where that is not known exactly."""
    event = finding.introduced
    if event is None or not event.exact or not event.commit:
        return
    found = _origin(finding, blamed)
    if found is not None:
        yield AddedLine(event.commit, found.path, found.line)
    elif finding.secret is not None:
        key = (finding.rule, finding.secret.digest)
        known = provenance.introduced.get(key)
        blob = _brought(known[1], event.path) if known is not None else None
        lines = {one.line for one in sightings.get(blob or "", ()) if secret_key(one) == key}
        for line in sorted(lines)[:_LINES_PER_FINDING]:
            yield AddedLine(event.commit, event.path, line)
    else:
        place = finding.locations[0]
        if place.commit == event.commit and place.path and place.line is not None:
            yield AddedLine(event.commit, place.path, place.line)


def _brought(change: Change, path: str) -> str | None:
    """The blob that the change brought to the path."""
    return next((one.new_blob for one in change.paths if one.path == path), None)


def _origin(finding: Finding, blamed: Mapping[CurrentLine, Blamed]) -> Blamed | None:
    line = _current_line(finding)
    return blamed.get(line) if line is not None else None


def _current_line(finding: Finding) -> CurrentLine | None:
    """The line at hand that a finding without a secret is about.

    A secret has its history from the pass over all changes; that it is not there means that no
    commit brought it.
    """
    place: Location = finding.locations[0]
    at_hand = place.where in _CURRENT and place.commit is None
    if finding.secret is not None or not at_hand or place.line is None:
        return None
    return CurrentLine(place.path, place.line)
