"""One group of findings as lines for people."""

from collections.abc import Iterator, Sequence
from itertools import islice

from scanner.model import AgentUse, ConcernKind, Confidence, Finding, Severity
from scanner.sinks._describe import CATEGORIES, by, count, event, flow, place, proof, short
from scanner.sinks._facts import brief, known, shortened, telling, terms, unknown
from scanner.sinks._group import Group, commit_of
from scanner.sinks._layout import MARGIN, Line, Piece, row, wrap
from scanner.sinks._place_rows import places, reach
from scanner.sinks._printable import printable

_FACTS = 3
"""Pieces of evidence told; the rest are counted."""
_STEPS_VERBOSE = 40
_NO_RULE_FILE = "detect-secrets-"
_CONCERNS = frozenset(ConcernKind)
"""Rules of which `rules show` knows nothing."""


def block(
    group: Group, agents: Sequence[AgentUse], width: int, *, verbose: bool = False
) -> Iterator[Line]:
    """All lines of one group; a finding's first line begins with its severity."""
    if group.acted:
        yield from _commit(group.findings, width)
        for finding in group.findings:
            yield from _entry(finding, width, verbose=verbose)
        return
    for finding in group.findings:
        if finding.severity is Severity.INFO and not verbose:
            yield from _short(finding, width)
            continue
        yield from _head(finding, width)
        yield from places(finding, width, verbose=verbose)
        yield from reach(finding, agents, width, verbose=verbose)
        yield from _history(finding, width)
        yield from _reasons(finding, width, verbose=verbose)
        yield from _remedies(finding, width, verbose=verbose)


def _head(finding: Finding, width: int) -> Iterator[Line]:
    title = [Piece(printable(finding.title, 200), "title")]
    if finding.secret is not None and finding.secret.masked:
        title.append(Piece(f"  {printable(finding.secret.masked, 60)}"))
    severity = finding.severity
    yield from row(severity.upper(), title, width, style=severity.value)
    facts = (
        f"category {finding.category.value} {CATEGORIES[finding.category]}"
        f" · {finding.confidence} confidence · {printable(finding.rule, 80)}"
    )
    record = f" · {printable(finding.incident, 40)}" if finding.incident else ""
    yield from row("", [Piece(facts + record, "dim")], width, hang=2)


def _short(finding: Finding, width: int) -> Iterator[Line]:
    """What is good to know and needs nobody now: what and where."""
    masked = printable(finding.secret.masked, 60) if finding.secret is not None else ""
    pieces = [
        Piece(printable(finding.title, 200), "title"),
        Piece(f"  {masked}" if masked else ""),
        Piece(f"  {printable(finding.rule, 80)}", "dim"),
    ]
    severity = finding.severity
    yield from row(severity.upper(), pieces, width, style=severity.value, hang=2)
    yield from places(finding, width, verbose=False)


# ------------------------------------------------------------------------------ what one commit did


def _commit(findings: Sequence[Finding], width: int) -> Iterator[Line]:
    """What the entries below have in common, said once."""
    first = findings[0]
    commit = commit_of(first)
    if first.introduced is not None:
        title = event(first.introduced, width - MARGIN)
    else:
        title = short(commit) if commit else "what is staged"
    yield from row("COMMIT" if commit else "STAGED", [Piece(title, "title")], width, hang=2)
    who = by(first.attribution)
    parts = [
        *([who] if who else []),
        f"category {first.category.value}",
        *([printable(first.incident, 40)] if first.incident else []),
    ]
    yield from row("  by", [Piece(" · ".join(parts))], width, hang=2)
    if first.task:
        scope = terms(findings, first.task)
        words = f"{printable(first.task, 80)} {scope}".rstrip()
        yield from row("  task", [Piece(words)], width, hang=2)


def _entry(finding: Finding, width: int, *, verbose: bool) -> Iterator[Line]:
    """Two or three lines: what, where and by which sign, what to do."""
    severity = finding.severity
    sure = finding.confidence is Confidence.HIGH
    doubt = "" if sure else f" · {finding.confidence} confidence"
    head = [
        Piece(printable(finding.title, 200), "title"),
        Piece(f"  {printable(finding.rule, 80)}{doubt}", "dim"),
    ]
    yield from row(severity.upper(), head, width, style=severity.value, hang=2)
    if verbose:
        yield from places(finding, width, verbose=True)
        yield from _reasons(finding, width, verbose=True)
    else:
        at, *others = finding.locations
        more = f" and {count(len(others), 'more place')}" if others else ""
        changed = ", changed since" if at.in_head is False else ""
        told = _told(finding)
        pieces = [Piece(place(at), "path", whole=True), Piece(f"{more}{changed}")]
        pieces += [Piece(f"  {told}")] if told else []
        yield from row("  at", pieces, width, hang=2)
        yield from _open_questions(finding, width)
    yield from _remedies(finding, width, verbose=verbose)


# ------------------------------------------------------------------------------ since when, why


def _history(finding: Finding, width: int) -> Iterator[Line]:
    who = by(finding.attribution)
    tail = f" · {who}" if who else ""
    room = width - MARGIN - len(tail)
    if finding.introduced is not None:
        yield from row("  since", [Piece(event(finding.introduced, room) + tail)], width, hang=2)
    elif finding.secret is None and finding.locations[0].commit:
        acted = f"{short(finding.locations[0].commit)}{tail}"
        task = f" · task {printable(finding.task, 80)}" if finding.task else ""
        yield from row("  by", [Piece(acted + task)], width, hang=2)
    if finding.removed is not None:
        tail = ", but history still holds it"
        words = event(finding.removed, width - MARGIN - len(tail)) + tail
        yield from row("  removed", [Piece(words)], width, hang=2)


def _reasons(finding: Finding, width: int, *, verbose: bool) -> Iterator[Line]:
    steps = flow(finding)
    if steps:
        yield from _flow(steps, width, verbose=verbose)
    if verbose:
        for number, item in enumerate(known(finding)):
            yield from row("" if number else "  why", [Piece(proof(item))], width, hang=2)
    elif not steps and (told := _told(finding)):
        yield from row("  why", [Piece(told)], width, hang=2)
    yield from _open_questions(finding, width)


def _told(finding: Finding) -> str:
    """The most telling facts, one after the other."""
    facts = list(
        dict.fromkeys(brief(item, finding) for item in telling(known(finding), finding.task))
    )
    rest = len(facts) - _FACTS
    return "; ".join([*facts[:_FACTS], *([f"and {rest:,} more"] if rest > 0 else [])])


def _open_questions(finding: Finding, width: int) -> Iterator[Line]:
    for number, item in enumerate(unknown(finding)[:_FACTS]):
        words = [Piece(proof(item), "unknown")]
        yield from row("" if number else "  unknown", words, width, hang=2)


def _flow(steps: Sequence[tuple[str, int, str]], width: int, *, verbose: bool) -> Iterator[Line]:
    """The ends of the way; all of it with `verbose`, as far as anyone reads."""
    kept = _STEPS_VERBOSE if verbose else 2
    hidden = max(len(steps) - kept, 0)
    shown = (*steps[: kept - 1], steps[-1]) if hidden else steps
    for number, (path, line, text) in enumerate(shown):
        last = number == len(shown) - 1
        pieces = [
            Piece(f"{printable(path)}:{line}", "path", whole=True),
            Piece(f"  {printable(text, 200)}"),
            Piece(f", after {count(hidden, 'more step')}" if hidden and last else "", "dim"),
        ]
        yield from row("" if number else "  flow", pieces, width, hang=2)


# ------------------------------------------------------------------------------ what to do


def _remedies(finding: Finding, width: int, *, verbose: bool) -> Iterator[Line]:
    steps = finding.remediation
    if not steps:
        return
    if verbose:
        for number, step in enumerate(steps):
            lead = f"{number + 1}. " if len(steps) > 1 else ""
            words = [Piece(f"{lead}{printable(step)}")]
            yield from row("" if number else "  do", words, width, hang=len(lead))
        return
    yield from row("  do", _first_step(finding, max(width - MARGIN, 20)), width)


def _first_step(finding: Finding, columns: int) -> list[Piece]:
    """The next thing to do, in as many of its clauses as two lines hold."""
    steps = finding.remediation
    whole = printable(steps[0])
    more = _more(finding)
    pointer = f"all steps: {more}"
    pieces: list[Piece] = []
    for text in shortened(whole):
        pieces = [Piece(text)]
        if more and (text != whole or len(steps) > 1):
            pieces += [Piece("  "), Piece(pointer, "dim", whole=len(pointer) <= columns)]
        if len(list(islice(wrap(pieces, columns), 3))) <= 2:
            break
    return pieces


def _more(finding: Finding) -> str:
    own = finding.secret is not None or finding.rule in _CONCERNS
    if not own or finding.rule.startswith(_NO_RULE_FILE):
        return ""
    return f"agentreach rules show {printable(finding.rule, 80)}"
