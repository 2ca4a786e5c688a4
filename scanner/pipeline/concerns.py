"""Settings that a person should look at, as findings: what is dead, refused, or opens too much.

They are about the state of the files at hand, not about a change; a boundary finding about the
commit that widened a permission may stand beside one of these.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from posixpath import basename, dirname
from typing import Final, NamedTuple, TypeVar

from scanner.incidents import Kind, assess, gather
from scanner.model import (
    Basis,
    Concern,
    ConcernKind,
    Confidence,
    Evidence,
    Files,
    Finding,
    Location,
    Reach,
    Verdict,
    Where,
)
from scanner.pipeline.digest import Digester
from scanner.pipeline.places import with_fingerprint
from scanner.reach.matching.gitignore import IgnoreFile, decide, parse_file
from scanner.rules.concerns import ConcernRule, load_concern_rules
from scanner.suppress import InlineIgnore, inline_ignore

Key = TypeVar("Key")

_OWN_COMMENT: Final = b"agentreach:"
_LINE_REACH: Final = 2000
_SHOWN_SECRETS: Final = 3
_PLACES_PER_SECRET: Final = 20
_PER_KIND_AND_FILE: Final = 50
_LONGEST_SUBJECT: Final = 200
_CONFIDENCE: Final[Mapping[Basis, Confidence]] = {
    Basis.DERIVED: Confidence.MEDIUM,
    Basis.UNKNOWN: Confidence.LOW,
}
"""What the vendor or the file itself says is certain."""


class Surface(NamedTuple):
    """What the concerns of one scan are about."""

    files: Files
    on_disk: bool
    """The files are those of a work tree or directory; else those of HEAD."""
    covers: Callable[[str], bool]
    """Whether a path is part of what was asked for."""


class ConcernFindings:
    """Builds the findings of one scan."""

    def __init__(
        self,
        surface: Surface,
        agents: Mapping[str, str],
        open_digester: Callable[[], Digester],
        reach_of: Callable[[Location], tuple[Reach, ...]],
    ) -> None:
        """`agents`: names by id."""
        self._surface = surface
        self._agents = agents
        self._open_digester = open_digester
        self._reach_of = reach_of

    @cached_property
    def _digester(self) -> Digester:
        return self._open_digester()

    @cached_property
    def _rules(self) -> Mapping[ConcernKind, ConcernRule]:
        return load_concern_rules()

    def findings(
        self, concerns: Iterable[Concern], secrets: Sequence[Finding]
    ) -> tuple[list[Finding], int]:
        """One finding for each kind and path, with a place for each subject, and how many subjects
        an ignore comment took away.

        Concerns about a user's own settings are left out: they are not the repository's. `secrets`
        are those that were found, to tell which of them a dead control was meant to guard.
        """
        found: list[Finding] = []
        ignored = 0
        for (_, path), subjects in self._by_file(concerns).items():
            content = self._surface.files.read(path)
            shown = list(subjects.values())[:_PER_KIND_AND_FILE]
            kept: list[list[Concern]] = []
            remarks: list[Evidence] = []
            for group in shown:
                ignore = _ignore(content, group[0])
                if ignore is not None and ignore.honoured:
                    ignored += 1
                    continue
                kept.append(group)
                if ignore is not None:
                    remarks.append(Evidence(ignore.note))
            if left_out := len(subjects) - len(shown):
                words = f"{left_out} more of this kind in the file are not listed"
                remarks.append(Evidence(words, Basis.DERIVED))
            if kept:
                found.append(self._finding(kept, remarks, secrets))
        return found, ignored

    def _by_file(
        self, concerns: Iterable[Concern]
    ) -> Mapping[tuple[ConcernKind, str], dict[str, list[Concern]]]:
        """By kind and path, and there by subject: what one finding is about."""
        files: dict[tuple[ConcernKind, str], dict[str, list[Concern]]] = {}
        for one in concerns:
            if not one.personal and self._surface.covers(one.path):
                subjects = files.setdefault((one.kind, one.path), {})
                subjects.setdefault(one.subject, []).append(one)
        return files

    def _finding(
        self,
        groups: Sequence[Sequence[Concern]],
        remarks: Iterable[Evidence],
        secrets: Sequence[Finding],
    ) -> Finding:
        first, members = groups[0][0], [one for group in groups for one in group]
        rule = self._rules[first.kind]
        places = tuple(self._stamped(rule.kind, group[0]) for group in groups)
        guarded = tuple(self._guarded(groups[0], secrets))
        confidence = _confidence(members)
        assessment = assess(
            gather(
                kind=Kind.CONCERN,
                rule=rule.kind,
                severity=rule.severity,
                confidence=confidence,
                locations=places,
                declared=rule.category,
                names_secret=bool(guarded),
                whole_file=any(_is_whole(group[0]) for group in groups),
            )
        )
        return Finding(
            fingerprint=self._digester.subject("concern", rule.kind, first.path),
            rule=rule.kind,
            category=assessment.category,
            severity=assessment.severity,
            confidence=confidence,
            title=rule.title,
            locations=places,
            evidence=(
                *(said for group in groups for said in self._told(group)),
                *guarded,
                *remarks,
                assessment.evidence,
            ),
            remediation=(*self._steps(members), *rule.remediation),
            references=tuple(
                dict.fromkeys((*(one.reference for one in members), *rule.references))
            ),
        )

    def _stamped(self, kind: str, concern: Concern) -> Location:
        # Not of the agents: a scan of a range knows fewer of them, and it is the same setting.
        fingerprint = self._digester.subject("place", kind, concern.path, concern.subject)
        return with_fingerprint(self._place(concern), fingerprint)

    def _place(self, concern: Concern) -> Location:
        tracking = self._surface.files.tracking(concern.path)
        if self._surface.on_disk:
            return Location(Where.WORKTREE, concern.path, concern.line, tracking=tracking)
        return Location(Where.COMMIT, concern.path, concern.line, in_head=True)

    def _told(self, group: Sequence[Concern]) -> Iterator[Evidence]:
        """What it does, once for all agents that it is the same for."""
        for words, members in _by(group, lambda one: (one.words, one.grade, one.reference)).items():
            about = "" if _is_whole(group[0]) else f"{_shortened(group[0].subject)}: "
            said, grade, reference = words
            names = self._names(members)
            who = "" if names in said else f" ({names})"
            yield Evidence(f"{about}{said}{who}", grade, reference)

    def _steps(self, group: Sequence[Concern]) -> Iterator[str]:
        """What to do instead; each agent by its name where they differ."""
        steps = _by(group, lambda one: one.instead)
        for instead, members in steps.items():
            lead = f"{self._names(members)}: " if len(steps) > 1 else ""
            text = instead if lead else f"{instead[:1].upper()}{instead[1:]}"
            yield f"{lead}{text}."

    def _names(self, group: Iterable[Concern]) -> str:
        return ", ".join(sorted({self._agents.get(one.agent, one.agent) for one in group}))

    def _guarded(self, group: Sequence[Concern], secrets: Sequence[Finding]) -> Iterator[Evidence]:
        """The secrets that a dead ignore file names and that its agents get at all the same."""
        patterns = self._patterns(group[0])
        if patterns is None:
            return
        agents = {one.agent for one in group}
        shown = 0
        for finding in secrets:
            place = self._open_place(finding, patterns, agents)
            if place is not None:
                title, path = finding.title, place.path
                yield Evidence(f"it names {path}, where a secret is: {title}", Basis.DERIVED)
                shown += 1
            if shown == _SHOWN_SECRETS:
                return

    def _patterns(self, concern: Concern) -> IgnoreFile | None:
        path = concern.path
        if concern.kind is not ConcernKind.DEAD_CONTROL or not basename(path).endswith("ignore"):
            return None
        data = self._surface.files.read(path)
        text = data.decode("utf-8", "replace") if data else ""
        return parse_file(path, text, dirname(path))

    def _open_place(
        self, finding: Finding, patterns: IgnoreFile, agents: Collection[str]
    ) -> Location | None:
        if finding.confidence is Confidence.LOW:
            return None
        for place in finding.locations[:_PLACES_PER_SECRET]:
            if place.where not in (Where.WORKTREE, Where.INDEX) and not place.in_head:
                continue
            hit = decide((patterns,), place.path)
            if hit is None or hit.negated:
                continue
            if any(one.agent in agents and _is_open(one) for one in self._reach_of(place)):
                return place
        return None


def _unique(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _shortened(subject: str) -> str:
    """The settings file may be hostile, and a rule in it a megabyte long."""
    if len(subject) <= _LONGEST_SUBJECT:
        return subject
    return f"{subject[:_LONGEST_SUBJECT]}\N{HORIZONTAL ELLIPSIS}"


def _is_open(reach: Reach) -> bool:
    return reach.verdict.rank < Verdict.BYPASS_ONLY.rank


def _is_whole(concern: Concern) -> bool:
    """It is about the file as a whole, not about a key or a rule in it."""
    return concern.subject == concern.path


def _confidence(group: Iterable[Concern]) -> Confidence:
    """That of the best known."""
    known = (_CONFIDENCE.get(one.grade, Confidence.HIGH) for one in group)
    return max(known, key=lambda one: one.rank)


def _by(group: Iterable[Concern], key: Callable[[Concern], Key]) -> dict[Key, list[Concern]]:
    parts: dict[Key, list[Concern]] = {}
    for one in group:
        parts.setdefault(key(one), []).append(one)
    return parts


def _ignore(content: bytes | None, concern: Concern) -> InlineIgnore | None:
    """The comment beside the line, or on the first line of the file that is meant as a whole.

    Other scanners' comments are about secrets and do not count.
    """
    if content is None or _OWN_COMMENT not in content:
        return None
    lines = content.split(b"\n")
    at = (concern.line or 1) - 1
    if at >= len(lines):
        return None
    line, above = lines[at][:_LINE_REACH], lines[at - 1][:_LINE_REACH] if at else b""
    return inline_ignore(
        line if _OWN_COMMENT in line else b"", above if _OWN_COMMENT in above else b"", concern.kind
    )
