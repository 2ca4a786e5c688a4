"""Commits that claim to be made by GitHub's web interface and carry no signature by it.

GitHub signs what its web interface commits: since October 2017 for the commits of one's own pull
requests, since 19 December 2019 for every squash (github.blog, "Improved attribution when squashing
commits"). It does not sign what "Rebase and merge" and "Update with rebase" make, which keep the
author's time (docs.github.com, "Signature verification for rebase and merge"). Tools that rewrite
or import a history drop signatures and keep committers, and in a few bad hours GitHub signed
nothing. Hence the conditions below; what they let through is worth a look, and proves nothing.
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

import msgspec

from scanner.model import Attribution, Change, Identity, Where

COMMITTER: Final = Identity("GitHub", "noreply@github.com")
KEYS: Final = frozenset({"4AEE18F83AFDEB23", "B5690EEEBB952194"})
"""Key ids at github.com/web-flow.gpg: until and from 16 January 2024. Ids only: OpenPGP signatures
are not verified here. A signature by another key is not held against a commit, for keys change."""
SINCE: Final = 1_577_836_800
"""2020-01-01 UTC, in seconds: GitHub signs every squash and merge."""
LEAST_SIGNED: Final = 200
"""So many signed web-flow commits have to be there before a missing signature means anything."""
MOST_UNSIGNED: Final = 0.005
"""The share of unsigned ones above which a history counts as rewritten or imported, or its forge as
one that does not sign. 44 of 95 public repositories stay below it, most of them far."""
_CAP: Final = 1000
_COPILOT: Final = "+copilot@users.noreply.github.com"
_SUBJECT: Final = 200


class WebFlowReport(msgspec.Struct, frozen=True):
    """What one history says about the forge's signatures."""

    signed: int
    """Commits since 2020 that the web flow's key is named on."""
    unsigned: int
    """Those that claim the web flow, without any signature; rebases are left out."""
    claims: tuple[Change, ...]
    """The unsigned ones with a person as author and an agent's mark, in the order they came; none
    where the history does not let a missing signature mean anything. Without paths, and of the
    message with the subject only."""

    @property
    def judged(self) -> bool:
        """Whether a missing signature means anything in this history."""
        return self.signed >= LEAST_SIGNED and self.unsigned <= MOST_UNSIGNED * self.signed


class WebFlow:
    """Takes the changes of a history one by one, in any order."""

    def __init__(self) -> None:
        self._signed = 0
        self._unsigned = 0
        self._claims: list[Change] = []
        self._twins: set[bytes] = set()

    def add(self, change: Change, attribution: Attribution) -> bool:
        """Take a change, with the marks on it. Whether it may come to be one of the claims."""
        if (
            change.committer != COMMITTER
            or change.committer_time < SINCE
            or change.where is not Where.COMMIT
        ):
            return False
        # Apps commit through GitHub's interface for programs, which signed hardly any of Copilot's
        # commits before 2026-03 and not all of other apps'.
        acted = attribution.agent is not None and not _is_app(change.author)
        if change.signature is not None:
            if change.signature.key in KEYS:
                self._signed += 1
                if acted:
                    self._twins.add(_content(change))
            return False
        if change.author_time != change.committer_time:
            return False
        self._unsigned += 1
        if not acted or len(self._claims) >= _CAP:
            return False
        small = msgspec.structs.replace(change, paths=(), message=change.subject[:_SUBJECT])
        self._claims.append(small)
        return True

    def report(self) -> WebFlowReport:
        """The outcome for all changes so far. A rewritten copy of a signed commit is no claim."""
        report = WebFlowReport(self._signed, self._unsigned, ())
        if not report.judged:
            return report
        claims = tuple(one for one in self._claims if _content(one) not in self._twins)
        return msgspec.structs.replace(report, claims=claims)


def _is_app(author: Identity) -> bool:
    email = author.email.lower()
    return "[bot]" in email or author.name.endswith("[bot]") or email.endswith(_COPILOT)


def _content(change: Change) -> bytes:
    """What a rewritten copy of a commit keeps, as one short value."""
    parts: Sequence[str] = (change.author.name, change.author.email, str(change.author_time))
    return blake2b("\0".join(parts).encode("utf-8", "surrogateescape"), digest_size=8).digest()
