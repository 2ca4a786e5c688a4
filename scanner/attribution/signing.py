"""Checks commits that claim a vendor's published SSH key, and says what a verified one proves.

A rule pins the key by its SHA-256 fingerprint; the signature carries the key itself, so the
fingerprint is all that has to be kept. Only commits whose signature names such a key are read.
OpenPGP signatures, the forge's web flow among them, are not verified: their key id is shown.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec

from scanner.attribution.signing_sshsig import UnsupportedSignatureError, parse, verifies
from scanner.gitio.signed_objects import ReadCommit, split_signed
from scanner.model import Attribution, Basis, Change, Evidence, Mark, Role, Tier
from scanner.model.attribution import SignatureState
from scanner.rules.agents import AgentFile
from scanner.rules.signatures import Field, SignatureRule

FRESH = 600
"""Seconds. A commit written longer before it was signed was rebased or amended: the key vouches for
the commit object, and no more for what its message had said before."""

_REMEMBERED = 100_000
# Anthropic's signer ends the text that it signs with a line feed, also where the commit has none at
# its end, as after some rebases. Nothing else of a commit can change this way.
_LINE_FEED = "over the message with a final line feed, which the commit lacks; git says it is bad"
_REBASED = "It was written well before: a rebase or a cherry-pick"
_ACTED = (Role.AUTHOR, Role.CO_AUTHOR)
_COMMITTED = (Role.COMMITTER, Role.REBASED)


class VendorKey(NamedTuple):
    """A key that a vendor publishes for commits of its agent."""

    agent: AgentFile
    rule: SignatureRule
    fingerprint: str


class Check(msgspec.Struct, frozen=True):
    """What checking one commit's signature brought."""

    state: SignatureState
    reason: str = ""
    """Why it is `unsupported`, or what is special about it; without a final stop."""


def vendor_keys(agents: Iterable[AgentFile]) -> Mapping[str, VendorKey]:
    """The SSH keys of the agents' signature rules, by fingerprint."""
    return {
        value: VendorKey(agent, rule, value)
        for agent in agents
        for rule in agent.signatures
        if Field.SIGNING_KEY in rule.fields
        for value in rule.values
        if value.startswith("SHA256:")
    }


class Verifier:
    """Checks the signatures of one repository's commits.

    Each commit is read and checked once, and only when its signature names a vendor's key. For one
    thread.
    """

    def __init__(self, agents: Iterable[AgentFile], read: ReadCommit) -> None:
        self._keys = vendor_keys(agents)
        self._read = read
        self._checks: dict[str, Check] = {}

    def key(self, change: Change) -> VendorKey | None:
        """The published key that the change's signature names; nothing is verified."""
        signature = change.signature
        if signature is None or signature.format != "ssh" or signature.key is None:
            return None
        return self._keys.get(signature.key)

    def check(self, change: Change) -> Check | None:
        """The state of a signature that names a published key; None for every other change."""
        key = self.key(change)
        if key is None or change.commit is None:
            return None
        check = self._checks.get(change.commit)
        if check is None:
            check = check_commit(change.commit, self._read(change.commit), key.fingerprint)
            if len(self._checks) < _REMEMBERED:
                self._checks[change.commit] = check
        return check

    def verify(self, changes: Iterable[Change]) -> Iterator[tuple[Change, Check]]:
        """The changes whose signature names a published key, with what checking it brought."""
        for change in changes:
            check = self.check(change)
            if check is not None:
                yield change, check

    def checked(self, change: Change) -> Change:
        """The change with `Signature.status` set to the state of its signature."""
        check = self.check(change)
        if check is None or change.signature is None:
            return change
        signature = msgspec.structs.replace(change.signature, status=check.state.value)
        return msgspec.structs.replace(change, signature=signature)

    def attribute(self, change: Change, attribute: Callable[[Change], Attribution]) -> Attribution:
        """The marks that `attribute` finds on one change, weighed by its signature.

        A verified signature gives its agent's mark the tier `signature`, as far as it supports the
        mark's role; one that does not verify is no evidence for the agent, and the evidence of the
        agent's other marks says so. Any other change is attributed as `attribute` does.
        """
        check = self.check(change)
        key = self.key(change)
        if check is None or key is None:
            return attribute(change)
        if check.state not in (SignatureState.VERIFIED, SignatureState.BAD):
            return attribute(change)
        unsigned = attribute(msgspec.structs.replace(change, signature=None))
        if check.state is SignatureState.BAD:
            return _doubted(unsigned, key, change)
        return _vouched(unsigned, attribute(change), key, change, check.reason)


def check_commit(commit: str, data: bytes | None, fingerprint: str) -> Check:
    """Verifies one commit by the key of this fingerprint. `data` is its object, if it is there."""
    signed = split_signed(commit, data) if data is not None else None
    if signed is None:
        return Check(SignatureState.UNSUPPORTED, "the commit object can't be read")
    try:
        signature = parse(signed.signature)
        if signature.fingerprint != fingerprint:
            return Check(SignatureState.UNVERIFIED)
        if verifies(signature, signed.payload):
            return Check(SignatureState.VERIFIED)
        if not signed.payload.endswith(b"\n") and verifies(signature, signed.payload + b"\n"):
            return Check(SignatureState.VERIFIED, _LINE_FEED)
    except UnsupportedSignatureError as error:
        return Check(SignatureState.UNSUPPORTED, str(error))
    return Check(SignatureState.BAD)


def _vouched(
    unsigned: Attribution, full: Attribution, key: VendorKey, change: Change, remark: str
) -> Attribution:
    """`full` is what the change is attributed to with the key's name taken for evidence."""
    text = f"signed with key {key.fingerprint}, verified: {key.agent.vendor} publishes it"
    if remark:
        text = f"{text} ({remark})"
    evidence = Evidence(text, source=change.commit)
    known = _of(unsigned, key)
    if known is None:
        claimed = _of(full, key)
        if claimed is None or claimed.tier is not Tier.IDENTITY:
            return full  # the rule does not hold on the commit's day
        notes = (key.rule.note, _REBASED if claimed.role is Role.REBASED else "")
        noted = Evidence(". ".join(filter(None, (text, *notes))), source=change.commit)
        mark = msgspec.structs.replace(claimed, tier=Tier.SIGNATURE, evidence=(noted,))
        return _ordered((*unsigned.marks, mark))
    fresh = abs(change.committer_time - change.author_time) <= FRESH
    tier = Tier.SIGNATURE if _supports(known, fresh=fresh) else known.tier
    mark = msgspec.structs.replace(known, tier=tier, evidence=(evidence, *known.evidence))
    return _ordered(mark if other is known else other for other in unsigned.marks)


def _supports(mark: Mark, *, fresh: bool) -> bool:
    """Whether the vendor's signature vouches for what the agent's mark says.

    Its sandbox wrote the author and committer of the commit that it signed. Trailers it wrote when
    the commit is fresh; in one that it rebased or amended they may be anybody's.
    """
    if mark.role in _COMMITTED:
        return True
    if mark.role not in _ACTED:
        return False
    return mark.tier is Tier.IDENTITY or (mark.tier is Tier.TRAILER and fresh)


def _doubted(unsigned: Attribution, key: VendorKey, change: Change) -> Attribution:
    known = _of(unsigned, key)
    if known is None:
        return unsigned
    text = (
        f"carries a signature that names {key.agent.vendor}'s key {key.fingerprint} and does not "
        "verify: the commit was changed after it was signed, or the signature is another commit's"
    )
    evidence = (*known.evidence, Evidence(text, Basis.OBSERVED, change.commit))
    mark = msgspec.structs.replace(known, evidence=evidence)
    return Attribution(tuple(mark if other is known else other for other in unsigned.marks))


def _of(attribution: Attribution, key: VendorKey) -> Mark | None:
    for mark in attribution.marks:
        if mark.agent == key.agent.id:
            return mark
    return None


def _ordered(marks: Iterable[Mark]) -> Attribution:
    return Attribution(tuple(sorted(marks, key=lambda mark: mark.strength)))
