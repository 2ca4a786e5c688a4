"""One commit's evidence in sentences: what speaks for an agent, what does not, what that means."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from types import MappingProxyType

from scanner.config import Config
from scanner.errors import GitError
from scanner.gitio import Repository, open_repository
from scanner.gitio.commit_log import Selection, commit_log, notes_on
from scanner.model import Attribution, Change, Mark, Problem, Role, Tier
from scanner.model.attribute_report import CommitExplanation, ExplainedMark, Outcome, outcome
from scanner.pipeline.attribute import secret_detector
from scanner.pipeline.redact import redact
from scanner.pipeline.signing import RepositoryAttributor
from scanner.pipeline.squash import recover
from scanner.rules.agents import AgentFile, load_agents
from scanner.rules.signatures import Field

_TIERS: Mapping[str, str] = MappingProxyType(
    {
        "verified": "The signature was checked against a key that its vendor publishes.",
        "signature": "The signature was checked against a key that its vendor publishes.",
        "identity": "The address or key is one that only it uses, but anyone can write it with "
        "git config.",
        "trailer": "The trailer is exactly the one that it writes, but anyone can type it.",
        "footer": "The line is one that it writes, but anyone can type or quote it.",
        "branch": "Only the name of a merged branch says so, and anyone may name a branch.",
        "hint": "This only supports other evidence; by itself it is none.",
    }
)
"""What each tier is worth. A tier without a sentence is named, and nothing more is claimed."""
_ROLES: Mapping[str, str] = MappingProxyType(
    {
        "author": "It is the commit's author.",
        "co-author": "It had a part in the commit; how large a part, the mark does not say.",
        "suggestion": "Somebody accepted its suggestion; the commit's author wrote the rest.",
        "committer-only": "It made the commit object; the content is the author's.",
        "rebased": "It made this copy of a commit that was written well before; the content is "
        "the author's.",
    }
)

_PULL = re.compile(r"\(#(\d{1,9})\)\s*\Z")
_MERGE_REQUEST = re.compile(r"^See merge request \S*!(\d{1,9})\s*\Z", re.MULTILINE)
_JOINED = re.compile(r"^(?:\* \S.*|-{9,})$", re.MULTILINE)
_PICKED = re.compile(r"^\(cherry picked from commit [0-9a-f]{7,64}\)$", re.MULTILINE)
_REWRITTEN = 10 * 60
"""Seconds between author's and committer's date after which a commit counts as made anew."""


def explain_commit(config: Config, revision: str) -> CommitExplanation:
    """Why one commit counts as it does. Raises `GitError` where there is no such commit."""
    agents = load_agents(cached_in=config.cache_directory)
    with open_repository(config.path) as repository:
        change, problems = _read(repository, repository.resolve(revision))
        attribution = _attribution(repository, agents, change)
        notes = notes_on(repository, change.commit or "")
        result = outcome(attribution)
        told = CommitExplanation(
            commit=change.commit or "",
            subject=change.subject,
            author=change.author,
            author_time=change.author_time,
            committer=change.committer,
            committer_time=change.committer_time,
            outcome=result,
            marks=tuple(_explained(mark) for mark in attribution.marks),
            missing=tuple(_missing(change, attribution, agents, notes)),
            about=tuple(_about(change, repository)),
            conclusion=tuple(_conclusion(result, attribution)),
            problems=problems,
        )
        detector, rules = secret_detector(config)
        return redact(told, detector.session(), rules, ())


def _read(repository: Repository, commit: str) -> tuple[Change, tuple[Problem, ...]]:
    problems: list[Problem] = []
    for item in islice(commit_log(repository, Selection(revisions=(commit,))), 2):
        if isinstance(item, Problem):
            problems.append(item)
        elif item.commit == commit:
            return item, tuple(problems)
    reason = problems[0].reason if problems else "git does not show it"
    raise GitError(f"{commit} can't be read: {reason}")


def _attribution(
    repository: Repository, agents: Sequence[AgentFile], change: Change
) -> Attribution:
    attributor = RepositoryAttributor.of(repository, agents)
    if change.commit is not None and len(change.parents) == 1:
        only = (change.commit, f"^{change.parents[0]}")
        attributor.learn(recover(repository, attributor.attribute, only).attributions)
    return attributor.attribute(change)


def _explained(mark: Mark) -> ExplainedMark:
    role = _ROLES.get(mark.role.value, f"Its role is {mark.role.value}.")
    tier = _TIERS.get(mark.tier.value, f"The strength of the evidence is {mark.tier.value}.")
    kind = ("It is an automation that is not AI.",) if mark.bot else ()
    return ExplainedMark(mark, (*kind, role, tier))


# ------------------------------------------------------------------ what is not there


def _missing(
    change: Change, attribution: Attribution, agents: Sequence[AgentFile], notes: Sequence[str]
) -> Iterator[str]:
    known = _known(agents)
    tiers = {mark.tier for mark in attribution.marks}
    roles = {mark.role for mark in attribution.marks}
    if Role.AUTHOR not in roles:
        number = known[Field.AUTHOR_EMAIL]
        yield f"The author's address is none of the {number:,} of agents and bots."
    if not {Role.AUTHOR, Role.COMMITTER} & roles:
        yield "Nor is the committer's."
    if Tier.TRAILER not in tiers:
        number = known[Field.TRAILER] + known[Field.CO_AUTHOR]
        yield f"No line of the message is one of the {number:,} trailers that they write."
    if Tier.FOOTER not in tiers:
        yield f"No line of the message is one of their {known[Field.FOOTER]:,} footers."
    if len(change.parents) > 1 and Tier.BRANCH not in tiers:
        yield "The subject names no branch under an agent's prefix as what was merged."
    yield _signed(change, attribution)
    if notes:
        said = ", ".join(notes)
        yield f"A note on it is in {said}; what notes say of lines: agentreach attribute --lines."
    else:
        yield "No notes ref of this clone has a note on it; git does not fetch notes by default."


def _signed(change: Change, attribution: Attribution) -> str:
    signature = change.signature
    if signature is None:
        return "It is not signed."
    if any("key" in item.text for mark in attribution.marks for item in mark.evidence):
        return "It is signed; what the key says stands above."
    key = f" with key {signature.key}" if signature.key else ""
    return f"It is signed ({signature.format}){key}, which is no agent's key that is known here."


def _known(agents: Iterable[AgentFile]) -> Counter[Field]:
    counts: Counter[Field] = Counter()
    for agent in agents:
        for rule in agent.signatures:
            for field in rule.fields:
                counts[field] += len(rule.values)
    return counts


# ------------------------------------------------------------------ what kind of commit


def _about(change: Change, repository: Repository) -> Iterator[str]:
    if change.boundary:
        yield "It stands at the edge of a shallow clone; its own marks are whole all the same."
    if len(change.parents) > 1:
        yield (
            "It is a merge: its message speaks of the merge, and the merged commits have marks of "
            "their own, which are not repeated here."
        )
    elif (squash := _squash(change, repository)) is not None:
        yield squash
    if change.subject.startswith('Revert "'):
        yield (
            "It is a revert: a mark is of who reverted, and says nothing of the commit that was "
            "taken back."
        )
    if _PICKED.search(change.message):
        yield "It is a cherry-pick: marks in its message were written for the original commit."
    if abs(change.committer_time - change.author_time) > _REWRITTEN:
        yield (
            "It was committed anew after it was written (a rebase, an amendment, a patch applied): "
            "whoever did that could add or drop marks."
        )


def _squash(change: Change, repository: Repository) -> str | None:
    """What to say of a commit that a squash merge seems to have made."""
    pull = _PULL.search(change.subject)
    request = _MERGE_REQUEST.search(change.message)
    joined = len(_JOINED.findall(change.message)) > 1
    if pull is None and request is None and not joined:
        return None
    text = "It looks like a squash of several commits, which can drop the marks of some of them"
    number = (pull or request)[1] if pull or request else None  # type: ignore[index]
    if number is None:
        return f"{text}."
    short = (change.commit or "")[:10]
    space = "pull" if pull else "merge-requests"
    ref = f"refs/{space}/{number}/head"
    here = any(one.name == ref for one in repository.refs())
    if here:
        span = f"{short}^..{ref}"
        return f"{text}. Its commits are here as {ref}: agentreach attribute {span} counts them."
    return f"{text}. Its commits are not in this clone: git fetch origin {ref} would bring them."


# ------------------------------------------------------------------ what it comes to


def _conclusion(result: Outcome, attribution: Attribution) -> Iterator[str]:
    agent = attribution.agent
    if agent is not None:
        yield f"Counted as an agent's commit: {agent.name}, {agent.role}, by {agent.tier}."
        yield "The mark is of the commit. It does not say which of its lines the agent wrote."
    elif result is Outcome.OTHER_ROLE:
        yield "An agent had a hand in it, but somebody else wrote the content."
        yield "It is not counted as an agent's work."
    elif result is Outcome.BOT:
        yield "Counted as made by an automation that is not AI."
    else:
        yield "No evidence of an agent."
    if result in (Outcome.BOT, Outcome.NONE):
        yield (
            "That does not mean that a person wrote it. Every agent can be told to leave its mark "
            "out, and most agents in editors leave none: where it could be measured, half of the "
            "commits with an agent's lines carried no mark."
        )
