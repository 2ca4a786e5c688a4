"""From the hits of rules on one commit to marks: which agent, in what role, how sure, and why."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NamedTuple

from scanner.attribution.table import Entry
from scanner.model import Change, Evidence, Identity, Mark, Role, Tier
from scanner.rules.signatures import Field, Standing

_ROLES = tuple(Role)
_TIERS = tuple(Tier)
_MODELS = 4
"""Model names reported for one mark; a squash can state many."""
_MODELS_KNOWN = 1 << 10
"""Texts remembered with whether they name a model; history repeats them."""
_REBASED = 600
"""Seconds between writing and committing above which a commit was made anew from an older one."""

_APP = "[bot]@users.noreply.github.com"
_GITHUB = Identity("GitHub", "noreply@github.com")
_BUTTON = re.compile(
    r"(?:Update \S+|Apply suggestions?(?: from (?:@\S+|code review))?)\s*"
    r"(?:\n(?i:co-authored-by|signed-off-by): [^\n]*+\s*)+"
)
"""The whole message of an accepted suggestion; a squash has its number, or more lines."""
_SQUASHED = re.compile(r"^\* ", re.MULTILINE)
"""Where GitHub's squash begins the message of the next of its commits."""
_SUMMARY = re.compile(r"\n-{9}\n")
"""Below it GitHub's squash repeats the trailers of all its commits."""

# A model's name goes into reports, and it comes from free text, where a credential could have been
# pasted. Reported is only what is built like a model's name, of short words and numbers with
# punctuation between, and names a known family; any other model stays unknown.
_MODEL = re.compile(
    r"(?=.*(?i:claude|opus|sonnet|haiku|fable|gpt|gemini|gemma|grok|qwen|kimi|glm|deepseek|minimax"
    r"|llama|mistral|devstral|codestral|nova|[0-9]\.[0-9]))"
    r"(?:\(?(?:[A-Za-z]{1,12}[0-9]{0,3}[A-Za-z]?|[0-9]{1,8}[A-Za-z]{0,2})\)?(?:[ ./:_-]+|$)){1,12}"
)


class Hit(NamedTuple):
    """One rule satisfied."""

    entry: Entry
    text: str
    """The evidence. Quotes rule data and positions only, never the commit's free text."""
    model: str | None = None
    doubt: bool = False
    """It may be quoted text."""


class Weighed(NamedTuple):
    """A hit with what it says on the commit's day."""

    hit: Hit
    standing: Standing
    notes: tuple[str, ...]


def combined(
    hits: Iterable[Hit], change: Change | None, *, hints: bool = False
) -> tuple[Mark, ...]:
    """One mark for each agent, in the order of `Attributor.attribute`; or instead, for each agent
    that only hints speak for, those. Without a change nothing is weighed by its times."""
    groups: dict[str, list[Weighed]] = {}
    for hit in hits:
        if hit.entry.rule.not_subject and change is not None and _excepted(hit, change):
            continue
        groups.setdefault(hit.entry.agent.id, []).append(_weighed(hit, change))
    if len(groups) > 1:
        groups = _told_once(groups)
    commit = change.commit if change is not None else None
    marks = [_mark(group, commit) for group in groups.values() if _is_hint(group) is hints]
    return tuple(sorted(marks, key=_place)) if len(marks) > 1 else tuple(marks)


def _excepted(hit: Hit, change: Change) -> bool:
    return re.fullmatch(hit.entry.rule.not_subject, change.subject) is not None


def _is_hint(group: list[Weighed]) -> bool:
    return group[0].standing.tier is Tier.HINT and all(
        weighed.standing.tier is Tier.HINT for weighed in group
    )


def _told_once(groups: dict[str, list[Weighed]]) -> dict[str, list[Weighed]]:
    """Without agents that rules for unnamed ones saw, where that was one of the others."""
    named = [group for group in groups.values() if not _is_unnamed(group)]
    wrote = [group for group in named if any(_wrote(one) for one in group)]
    return {
        agent: group
        for agent, group in groups.items()
        if not (_is_unnamed(group) and any(_may_be(group, one) for one in wrote))
    }


def _is_unnamed(group: list[Weighed]) -> bool:
    marks = [one for one in group if one.standing.tier is not Tier.HINT]
    return bool(marks) and all(one.hit.entry.rule.unnamed for one in marks)


def _wrote(one: Weighed) -> bool:
    tier, role = one.standing.tier, one.standing.role
    ours = one.hit.entry.agent.kind != "bot" and tier is not Tier.HINT
    return ours and role in (Role.AUTHOR, Role.CO_AUTHOR)


def _may_be(unnamed: list[Weighed], named: list[Weighed]) -> bool:
    """Whether no model that is stated for the one differs from those of the other in every word:
    "Opus 5" may be "Claude Opus 5", and no "GPT-6"."""
    known = {word for one in named for word in _words(one.hit.model)}
    stated = [_words(one.hit.model) for one in unnamed]
    return all(not known or not words or known & words for words in stated)


def _words(model: str | None) -> set[str]:
    return set(re.findall(r"[a-z]{2,}", model.lower())) if model is not None else set()


def _place(mark: Mark) -> tuple[bool, bool, int, int, str]:
    passive = mark.role in (Role.COMMITTER, Role.REBASED)
    return mark.bot, passive, _TIERS.index(mark.tier), _ROLES.index(mark.role), mark.agent


def _at_most_footer(standing: Standing) -> Standing:
    if _TIERS.index(standing.tier) < _TIERS.index(Tier.FOOTER):
        return Standing(Tier.FOOTER, standing.role)
    return standing


def _weighed(hit: Hit, change: Change | None) -> Weighed:
    rule, standing = hit.entry.rule, hit.entry.standing
    notes: tuple[str, ...] = (rule.note,) if rule.note else ()
    if change is None:
        return Weighed(hit, standing, notes)
    # The committer's date, because a mark may be added whenever a commit is rewritten.
    if rule.window is not None and not rule.window.holds(_day(change.committer_time)):
        outside = rule.window.outside
        standing = Standing(outside.tier, outside.role) if outside else _at_most_footer(standing)
        notes = (*notes, outside.note if outside else rule.window.doubt())
    if hit.doubt:
        standing = _at_most_footer(standing)
    if _suggested(hit, change):
        standing = Standing(standing.tier, Role.SUGGESTION)
        notes = (*notes, "GitHub's button committed it: an accepted suggestion, as it seems")
    if standing.role is Role.COMMITTER and change.committer_time - change.author_time > _REBASED:
        standing = Standing(standing.tier, Role.REBASED)
        notes = (*notes, "It was written more than ten minutes before: a rebase or a cherry-pick")
    return Weighed(hit, standing, notes)


def _suggested(hit: Hit, change: Change) -> bool:
    """Whether an app's co-authorship has the form of what GitHub's button for a review's suggestion
    commits: apps that review may write as well."""
    entry = hit.entry
    return (
        entry.field is Field.CO_AUTHOR
        and entry.standing.role is Role.CO_AUTHOR
        and entry.agent.kind != "bot"
        and entry.value.endswith(_APP)
        and change.committer == _GITHUB
        and len(change.parents) == 1
        and _all_by_button(change.message, entry.value)
    )


def _all_by_button(message: str, app: str) -> bool:
    """Whether the message, or in a squash each commit's message that names the app, is the
    button's."""
    if _BUTTON.fullmatch(message) is not None:
        return True
    _, *commits = _SQUASHED.split(_SUMMARY.split(message)[0])
    naming = [commit for commit in commits if app in commit.lower()]
    return bool(naming) and all(_BUTTON.fullmatch(commit) is not None for commit in naming)


def _mark(group: list[Weighed], commit: str | None) -> Mark:
    """One agent's hits as one mark: the widest role, and the strongest tier that supports it."""
    first = group[0]
    evidence: tuple[Evidence, ...]
    if len(group) == 1:
        role, evidence = first.standing.role, (_evidence(first, commit),)
        model = _model(first.hit.model)
    else:
        hint = _is_hint(group)  # beside a mark, a hint says nothing of the role
        roles = [one.standing.role for one in group if hint or one.standing.tier is not Tier.HINT]
        role = min(roles, key=_ROLES.index)
        group = sorted(group, key=lambda one: (one.standing.role is not role, _rank(one)))
        first, evidence = group[0], _all_evidence(group, role, commit)
        model = _all_models(group)
    agent = first.hit.entry.agent
    return Mark(
        agent=agent.id,
        name=agent.name,
        role=role,
        tier=first.standing.tier,
        evidence=evidence,
        model=model,
        bot=agent.kind == "bot",
    )


def _evidence(weighed: Weighed, commit: str | None) -> Evidence:
    return Evidence(". ".join((weighed.hit.text, *weighed.notes)), source=commit)


def _all_evidence(group: list[Weighed], role: Role, commit: str | None) -> tuple[Evidence, ...]:
    """One piece of evidence a rule and field: a squash repeats its trailers."""
    found: dict[tuple[str, Field], Evidence] = {}
    for hit, standing, notes in group:
        key = (hit.entry.rule.id, hit.entry.field)
        if key not in found:
            # A note explains its rule's role; beside a wider one it would contradict the mark.
            said = notes if standing.role is role else ()
            found[key] = Evidence(". ".join((hit.text, *said)), source=commit)
    return tuple(found.values())


def _all_models(group: list[Weighed]) -> str | None:
    stated = dict.fromkeys(weighed.hit.model for weighed in group if weighed.hit.model is not None)
    models = [_model(text) for text in stated]
    return ", ".join([model for model in models if model is not None][:_MODELS]) or None


def _rank(weighed: Weighed) -> int:
    return _TIERS.index(weighed.standing.tier)


@lru_cache(_MODELS_KNOWN)
def _model(text: str | None) -> str | None:
    return text if text is not None and _MODEL.fullmatch(text) else None


def _day(time: int) -> date:
    """The day in UTC; a hostile commit's impossible time is taken for the epoch."""
    try:
        return datetime.fromtimestamp(time, UTC).date()
    except (OverflowError, ValueError, OSError):
        return date(1970, 1, 1)
