"""The marks of the commits that lines come from, with the agents that Entire's checkpoints name."""

from collections.abc import Collection, Iterable, Mapping

import msgspec

from scanner.attribution import Attributor
from scanner.attribution.lines import UNNAMED, Tools, checkpoint_at, checkpoints_of, read_entire
from scanner.errors import GitError
from scanner.gitio.line_history import LineHistory
from scanner.gitio.repository import Repository
from scanner.gitio.values import Ref
from scanner.model import Attribution, Mark
from scanner.model.lines import EvidenceCounts, Form

_BRANCH = "entire/checkpoints/v1"


class Marked(msgspec.Struct, frozen=True):
    """Attributions by commit, and what Entire's checkpoints came to."""

    attributions: Mapping[str, Attribution]
    """Only commits with a mark."""
    unread: int
    """Commits of which git told nothing."""
    entire: EvidenceCounts | None


def read_marks(
    repository: Repository,
    history: LineHistory,
    attributor: Attributor,
    tools: Tools | None,
    commits: Collection[str],
    refs: Iterable[Ref],
) -> Marked:
    """The marks of these commits. Without `tools` no checkpoint is read."""
    attributions: dict[str, Attribution] = {}
    named: dict[str, tuple[str, ...]] = {}
    seen = 0
    for change in history.commits(commits):
        seen += 1
        if change.commit is None:
            continue
        attribution = attributor.attribute(change)
        if attribution.marks:
            attributions[change.commit] = attribution
            if tools is not None and (checkpoints := checkpoints_of(change.message)):
                named[change.commit] = checkpoints
    place = _place(refs) if tools is not None else None
    entire = None
    if place is not None and tools is not None:
        agents, entire = _agents(repository, place, tools, named)
        for commit, agent in agents.items():
            attributions[commit] = _renamed(attributions[commit], agent)
    return Marked(attributions, len(commits) - seen, entire)


def _place(refs: Iterable[Ref]) -> Ref | None:
    """The branch of one's own, or else the first remote's."""
    found = [ref for ref in refs if ref.name.endswith(f"/{_BRANCH}") and ref.kind == "commit"]
    return min(
        found, key=lambda ref: (not ref.name.startswith("refs/heads/"), ref.name), default=None
    )


def _agents(
    repository: Repository, place: Ref, tools: Tools, named: Mapping[str, tuple[str, ...]]
) -> tuple[dict[str, str], EvidenceCounts]:
    """The one agent that a commit's checkpoints name, by commit."""
    wanted = {checkpoint for found in named.values() for checkpoint in found}
    agents: dict[str, set[str]] = {}
    records = reached = malformed = 0
    try:
        for entry in repository.tree_entries(place.target):
            checkpoint = checkpoint_at(entry.path)
            records += checkpoint is not None
            if checkpoint is None or checkpoint not in wanted:
                continue
            reached += 1
            reading = read_entire(repository.read_blob(entry.blob) or b"", tools)
            malformed += bool(reading.complaints)
            found = {claim.agent for claim in reading.claims if claim.agent not in (None, UNNAMED)}
            agents.setdefault(checkpoint, set()).update(filter(None, found))
    except GitError:
        malformed += 1
    chosen: dict[str, str] = {}
    for commit, checkpoints in named.items():
        everyone = {agent for one in checkpoints for agent in agents.get(one, ())}
        if len(everyone) == 1:
            chosen[commit] = everyone.pop()
    counts = EvidenceCounts(
        form=Form.ENTIRE, place=place.name, records=records, reached=reached, malformed=malformed
    )
    return chosen, counts


def _renamed(attribution: Attribution, agent: str) -> Attribution:
    """With the unnamed agent's mark given to the one that the checkpoint names, unless that agent
    has a mark of its own."""
    marks: list[Mark] = []
    known = any(mark.agent == agent for mark in attribution.marks)
    for mark in attribution.marks:
        if mark.agent != UNNAMED:
            marks.append(mark)
        elif not known:
            marks.append(msgspec.structs.replace(mark, agent=agent, name=agent))
    return Attribution(tuple(marks))
