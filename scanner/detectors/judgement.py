"""Runs a rule's checks and the placeholder test on a candidate, and weighs what they say."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import FunctionType, MappingProxyType
from typing import Final, NamedTuple

from scanner.detectors import checks, placeholder
from scanner.detectors.candidate import Candidate
from scanner.detectors.verdict import Verdict, drop
from scanner.errors import RuleError
from scanner.model import Confidence, Match
from scanner.rules.secrets import SecretRule

Check = Callable[[Candidate, str], Verdict]

_LEVELS: Final = tuple(Confidence)
_MOST_REMEMBERED: Final = 50_000
"""Candidates whose judgement is kept."""


@cache
def known_checks() -> Mapping[str, Check]:
    """Every check by the name that rules use: in the modules of `checks`, the public functions
    that take a candidate."""
    found: dict[str, Check] = {}
    for module in iter_modules(checks.__path__, checks.__name__ + "."):
        if module.name.rpartition(".")[2].startswith("_"):
            continue
        for name, function in vars(import_module(module.name)).items():
            if name.startswith("_") or not isinstance(function, FunctionType):
                continue
            own = function.__module__ == module.name
            if own and function.__code__.co_varnames[:1] == ("candidate",):
                found[name.replace("_", "-")] = function
    return MappingProxyType(found)


def resolve_checks(rule: SecretRule) -> tuple[tuple[Check, str], ...]:
    """A rule's checks with their arguments. Raises `RuleError` for a name there is no check for."""
    resolved: list[tuple[Check, str]] = []
    for text in rule.checks:
        name, _, argument = text.partition(":")
        check = known_checks().get(name)
        if check is None:
            known = ", ".join(sorted(known_checks()))
            raise RuleError(f"rule {rule.id}: no check {name!r}", hint=f"known: {known}")
        if name == "entropy" and not _is_number(argument):
            raise RuleError(f"rule {rule.id}: entropy needs a number, as in entropy:3.5")
        resolved.append((check, argument))
    return tuple(resolved)


def _is_number(text: str) -> bool:
    whole, _, fraction = text.partition(".")
    return whole.isdigit() and (not fraction or fraction.isdigit())


class _Kept(NamedTuple):
    """What the checks made of a candidate that they kept."""

    confidence: Confidence
    evidence: tuple[str, ...]


class _Memory(Enum):
    """What can be known instead of what was made of a candidate."""

    NOTHING = 0
    AROUND = 1
    """That it hangs on more than the lines of the match."""


def _key(
    rule: int, candidate: Candidate, part: tuple[int, int] | None = None
) -> tuple[object, ...]:
    """A name for what is to be judged: a part of what is there to see, or all of it."""
    low, high = part or (0, len(candidate.data))
    places = (candidate.start - low, candidate.end - low, candidate.match_start - low)
    state = candidate.whole if part is None else candidate.line_complete
    return (rule, *places, state, hash(candidate.data[low:high]))


class Judge:
    """The checks of all rules, resolved once. Shared by threads."""

    def __init__(self, rules: Sequence[SecretRule]) -> None:
        """Raises `RuleError` for a check that does not exist."""
        self._checks = tuple(resolve_checks(rule) for rule in rules)
        self._levels = tuple(rule.confidence.rank for rule in rules)
        self._judged: dict[tuple[object, ...], _Kept | _Memory | None] = {}
        self._binary = tuple(
            rule.confidence is Confidence.HIGH and not rule.generic for rule in rules
        )

    def fits_binary(self, rule: int) -> bool:
        """Whether a rule is specific enough for contents that are no text."""
        return self._binary[rule]

    def verdicts(self, rule: int, candidate: Candidate) -> Iterator[tuple[str, Verdict]]:
        """What each check says, with its name, up to and with the first that drops."""
        proven = False
        for check, argument in self._checks[rule]:
            verdict = check(candidate, argument)
            yield check.__name__.replace("_", "-"), verdict
            if verdict.drop:
                return
            proven = proven or verdict.proven
        # Generic values are tested for stand-ins by their own check, which knows their context.
        if not proven and not candidate.rule.generic:
            reason = placeholder.stand_in(candidate.secret)
            if reason is not None:
                yield "placeholder", drop(reason)

    def judge(self, rule: int, candidate: Candidate) -> Match | None:
        """The match a candidate becomes, or None when a check drops it."""
        known = self._remembered(rule, candidate)
        if known is None:
            return None
        return Match(
            rule=candidate.rule.id,
            start=candidate.origin + candidate.start,
            end=candidate.origin + candidate.end,
            confidence=known.confidence,
            evidence=known.evidence,
        )

    def _remembered(self, rule: int, candidate: Candidate) -> "_Kept | None":
        """A history shows the same lines again with every version of a file: what was made of them
        is remembered, under a hash that is keyed anew in every process; and where a check looked
        further around, under that of all it could see."""
        judged = self._judged  # another thread may put a new one in its place
        near = _key(rule, candidate, candidate.near)
        known = judged.get(near, _Memory.NOTHING)
        if known is _Memory.AROUND:
            known = judged.get(_key(rule, candidate), _Memory.NOTHING)
        if not isinstance(known, _Memory):
            return known
        verdict = self._judge(rule, candidate)
        if len(judged) >= _MOST_REMEMBERED:
            judged = self._judged = {}
        judged[near] = verdict
        if candidate.looked_around:
            judged[near] = _Memory.AROUND
            judged[_key(rule, candidate)] = verdict
        return verdict

    def _judge(self, rule: int, candidate: Candidate) -> "_Kept | None":
        level = self._levels[rule]
        evidence: list[str] = []
        for _, verdict in self.verdicts(rule, candidate):
            if verdict.drop:
                return None
            level += verdict.step
            if verdict.reason:
                evidence.append(verdict.reason)
        return _Kept(_LEVELS[min(max(level, 0), len(_LEVELS) - 1)], tuple(evidence))
