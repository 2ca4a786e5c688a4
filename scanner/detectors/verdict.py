"""What one check makes of one candidate."""

import msgspec


class Verdict(msgspec.Struct, frozen=True):
    """Keep, drop, or change the confidence; with a reason in words that never holds the value."""

    reason: str = ""
    """Becomes evidence where the candidate is kept; empty says nothing worth telling."""
    drop: bool = False
    step: int = 0
    """Steps by which confidence rises or falls."""
    proven: bool = False
    """The value's own structure proves that a provider made it: no placeholder test is needed."""


KEEP = Verdict()


def drop(reason: str) -> Verdict:
    """Not a secret."""
    return Verdict(reason, drop=True)
