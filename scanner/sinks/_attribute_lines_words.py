"""The words and numbers that the line formats for people share."""

from collections.abc import Iterator, Mapping

from scanner.model.lines import DirectoryLines, EvidenceCounts, LineReport, Shares

INCOMPLETE = "*"
"""Stands behind every percentage of an incomplete count."""
DEPTH = 2
LISTED = 30


def percent(part: int, whole: int, *, complete: bool) -> str:
    """A share with one decimal; never 0 or 100 unless it is exactly that."""
    if not whole:
        return "-"
    mark = "" if complete else INCOMPLETE
    value = 100 * part / whole
    if 0 < part < whole and not 0.1 <= value <= 99.9:
        return f"{'<0.1' if value < 1 else '>99.9'} %{mark}"
    return f"{value:.1f} %{mark}"


def agents(report: LineReport) -> Iterator[tuple[str, int, int]]:
    """Name, attested and marked lines of each agent, most lines first."""
    shares = report.total
    found = sorted({*shares.attested, *shares.marked}, key=lambda one: (-shares.of(one), one))
    for agent in found:
        name = report.names.get(agent, agent)
        yield name, shares.attested.get(agent, 0), shares.marked.get(agent, 0)


def origins(shares: Shares) -> Iterator[tuple[str, int, str]]:
    """What is counted, how many lines, and what it means; only the last two may be left out."""
    yield "attested", sum(shares.attested.values()), "a note gives the line to an agent"
    yield "by mark", sum(shares.marked.values()), "the commit has an agent's mark, the line no note"
    yield "human", shares.human, "a note gives the line to a person"
    yield "unknown", shares.unknown, "no evidence: this does not mean a person"
    if shares.bots:
        yield "bots", sum(shares.bots.values()), "automation that is not AI"
    if shares.cut_off:
        yield "cut off", shares.cut_off, "the history ends before them"


def top_directories(report: LineReport) -> tuple[DirectoryLines, ...]:
    """Those near the root, without the root itself, most lines first."""
    found = [one for one in report.directories if one.path and one.path.count("/") < DEPTH]
    return tuple(sorted(found, key=lambda one: (-one.shares.lines, one.path)))


def evidence(counts: EvidenceCounts) -> str:
    """One place's evidence in a sentence."""
    parts = [f"{counts.records:,} records, {counts.reached:,} of them on commits counted here"]
    sayings: Mapping[str, int] = {
        "on commits that the revision does not reach": counts.orphaned,
        "on commits that are gone": counts.gone,
        "that another place repeats": counts.duplicates,
        "that claim nothing": counts.empty,
        "malformed in part": counts.malformed,
        "that claim more than twice what their commit adds": counts.over_broad,
        "on commits whose additions can't be read": counts.unmeasured,
    }
    parts += [f"{number:,} {words}" for words, number in sayings.items() if number]
    if counts.claimed:
        share = percent(counts.added, counts.claimed, complete=True)
        parts.append(f"{counts.claimed:,} lines claimed, {counts.added:,} ({share}) really added")
    return "; ".join(parts)


def revision(report: LineReport) -> str:
    """What was asked, and how git was asked."""
    given = " ".join(report.options)
    return f"git blame {given}".rstrip()
