"""Judges commits by a project's policy on agents: who is approved, and what has to be disclosed.

Only marks break a policy, and only those of a tier that the project counts. A commit without a mark
is never a breach, whatever its author did.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from typing import Final

import msgspec

from scanner.attribution.attributor import Attributor
from scanner.attribution.policy_trailers import State, Trailers
from scanner.errors import ConfigError
from scanner.model import Attribution, Basis, Change, Confidence, Evidence, Mark, Role, Tier, Where
from scanner.rules.agents import AgentFile
from scanner.rules.policy import Form, PolicyFile, PolicyKind
from scanner.rules.policy_settings import FORBIDDEN, ApprovedAgent, HouseRule, PolicySettings

UNNAMED: Final = "unnamed-agent"
"""The agent of marks that do not say which agent it was: it cannot be known to lack approval."""
SETTINGS: Final = ".agentreach.yml"
_HOUSE: Final = "house rule"
_CONFIDENCE: Final[Mapping[Tier, Confidence]] = {
    Tier.FOOTER: Confidence.MEDIUM,
    Tier.BRANCH: Confidence.LOW,
}
"""Of a breach, by the tier of the mark that it rests on; any stronger tier is certain enough."""
_SHOWN_MARKS: Final = 3
_ACTED: Final = (Role.AUTHOR, Role.CO_AUTHOR)


class Breach(msgspec.Struct, frozen=True):
    """One way in which one commit breaks the policy."""

    kind: PolicyKind
    agent: str
    """The agent's id."""
    name: str
    confidence: Confidence
    evidence: tuple[Evidence, ...]
    """Rule data and line numbers, never other text of the commit."""
    line: int | None = None
    """In the message, where one line is at fault."""


class Policy:
    """One project's policy. Remembers trailers; build one a process."""

    def __init__(
        self,
        settings: PolicySettings,
        file: PolicyFile,
        agents: Collection[AgentFile],
        attributor: Attributor,
    ) -> None:
        """Raises `ConfigError` for a form or an agent that does not exist."""
        self._form = _form(settings, file)
        self._forbidden = settings.disclosure == FORBIDDEN
        self._approved = _approved(settings, agents)
        self._least = settings.least_tier.rank
        self._since = settings.since
        self._trailers = Trailers(attributor, agents, self._form, file.forms)
        self._signs_off = _signs_off(settings, self._form)
        self.since_commit = settings.since_commit
        """Commits from before this one are to be passed over; this class has no history to ask."""

    def breaches(self, change: Change, attribution: Attribution) -> Iterator[Breach]:
        """How the change breaks the policy, at most once for each kind and agent.

        Stashes and commits that no ref reaches are not judged: they are nobody's contribution.
        `attribution` is the change's own.
        """
        if change.where not in (Where.COMMIT, Where.INDEX) or self._is_older(change):
            return
        marks = [mark for mark in attribution.marks if self._counts(mark)]
        if marks and self._forbidden:
            yield self._forbidden_content(marks)
        elif marks:
            yield from (self._unapproved(mark) for mark in marks if not self._is_approved(mark))
            # What a merge brings in was disclosed, or not, in the commits that it merges.
            if self._form is not None and len(change.parents) < 2:
                yield from self._undisclosed(self._form, change, marks)
        if not self._signs_off:
            yield from self._signed_off(change)

    def _counts(self, mark: Mark) -> bool:
        return not mark.bot and mark.role in _ACTED and mark.tier.rank <= self._least

    def _is_older(self, change: Change) -> bool:
        if self._since is None or change.commit is None:
            return False
        return _day(min(change.author_time, change.committer_time)) < self._since

    def _is_approved(self, mark: Mark) -> bool:
        if self._approved is None or mark.agent == UNNAMED:
            return True
        models = self._approved.get(mark.agent)
        return models is not None and not _strange_models(mark, models)

    def _forbidden_content(self, marks: Collection[Mark]) -> Breach:
        reason = Evidence(f"{SETTINGS} takes no commit that an agent had a part in", Basis.CONFIG)
        return _breach(PolicyKind.FORBIDDEN, marks, reason)

    def _unapproved(self, mark: Mark) -> Breach:
        assert self._approved is not None
        models = self._approved.get(mark.agent)
        if models is None:
            text = f"{SETTINGS} does not name {mark.name} ({mark.agent}) among the approved agents"
        else:
            strange = ", ".join(_strange_models(mark, models))
            text = f"{SETTINGS} approves {mark.name}, but not with the model {strange}"
        return _breach(PolicyKind.NOT_APPROVED, [mark], Evidence(text, Basis.CONFIG))

    def _undisclosed(self, form: Form, change: Change, marks: Collection[Mark]) -> Iterator[Breach]:
        found = self._trailers.disclosure(change)
        wanted = f"{SETTINGS} asks for {form.name} form: {form.shape}"
        if form.id == _HOUSE:
            wanted = f"{SETTINGS} asks for a trailer of its own: {form.shape}"
        source = form.references[0] if form.references else None
        if found.state is State.NONE:
            text = f"The message has no disclosure. {wanted}"
            yield _breach(PolicyKind.UNDISCLOSED, marks, Evidence(text, Basis.CONFIG, source))
        elif found.state is State.OTHER_FORM:
            where = f"The trailer {found.key} in message line {found.line}"
            reason = Evidence(f"{where} has another form. {wanted}", Basis.CONFIG, source)
            yield _breach(PolicyKind.FORM, marks, reason, found.line)

    def _signed_off(self, change: Change) -> Iterator[Breach]:
        for mark, line in self._trailers.sign_offs(change):
            text = f"Signed-off-by in message line {line} is the address of {mark.name}"
            yield Breach(
                kind=PolicyKind.SIGNED_OFF,
                agent=mark.agent,
                name=mark.name,
                confidence=Confidence.HIGH,
                evidence=(Evidence(text),),
                line=line,
            )


def _breach(
    kind: PolicyKind, marks: Collection[Mark], reason: Evidence, line: int | None = None
) -> Breach:
    """Of the first mark, which is the strongest; the others stand beside it."""
    first = next(iter(marks))
    shown = [mark for _, mark in zip(range(_SHOWN_MARKS), marks, strict=False)]
    stated = (
        Evidence(f"{mark.name}, {mark.role.value}: {one.text}", one.basis, one.source)
        for mark in shown
        for one in mark.evidence[:1]
    )
    return Breach(
        kind=kind,
        agent=first.agent,
        name=first.name,
        confidence=_CONFIDENCE.get(first.tier, Confidence.HIGH),
        evidence=(*stated, reason),
        line=line,
    )


def _strange_models(mark: Mark, allowed: Collection[str]) -> list[str]:
    """The models that the mark names and nobody approved; no names, no strange ones."""
    if not allowed or mark.model is None:
        return []
    names = mark.model.split(", ")
    return [
        name
        for name in names
        if not any(fnmatchcase(name.lower(), pattern.lower()) for pattern in allowed)
    ]


def _approved(
    settings: PolicySettings, agents: Iterable[AgentFile]
) -> Mapping[str, tuple[str, ...]] | None:
    """The models by agent, none for any; None when nobody chose."""
    known = {agent.id for agent in agents if agent.kind == "agent"}
    for name in settings.agents:
        if name not in known:
            raise ConfigError(
                f"{SETTINGS}: attribution.approved: there is no agent {name!r}",
                hint=f"known: {', '.join(sorted(known))}",
            )
    if settings.approved is None:
        return None
    models: dict[str, tuple[str, ...]] = {}
    for one in settings.approved:
        name, some = (one.agent, one.models) if isinstance(one, ApprovedAgent) else (one, ())
        # Named without models once, it is approved with any.
        models[name] = (*models.get(name, some), *some) if some and models.get(name, some) else ()
    return models


def _form(settings: PolicySettings, file: PolicyFile) -> Form | None:
    wanted = settings.disclosure
    if wanted is None or wanted == FORBIDDEN:
        return None
    if isinstance(wanted, HouseRule):
        keys = " or ".join(wanted.keys)
        return Form(
            id=_HOUSE,
            name="its own",
            shape=f"{keys}, with a value that matches {wanted.value}",
            keys=wanted.keys,
            values=(wanted.value,),
            explicit=True,
            signs_off=wanted.signs_off,
        )
    for form in file.forms:
        if form.id == wanted:
            return form
    known = ", ".join([*(form.id for form in file.forms), FORBIDDEN])
    raise ConfigError(
        f"{SETTINGS}: attribution.disclosure: there is no form {wanted!r}",
        hint=f"known: {known}; or a rule of your own, with `keys` and `value`",
    )


def _signs_off(settings: PolicySettings, form: Form | None) -> bool:
    if settings.signs_off is not None:
        return settings.signs_off
    return form is None or form.signs_off


def _day(time: int) -> date:
    """The day in UTC; a hostile commit's impossible time is taken for the epoch."""
    try:
        return datetime.fromtimestamp(time, UTC).date()
    except (OverflowError, ValueError, OSError):
        return date(1970, 1, 1)
