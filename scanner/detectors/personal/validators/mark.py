"""What a validator says of one value."""

from enum import Enum


class Mark(Enum):
    """The judgement of one cell."""

    INVALID = "invalid"
    VALID = "valid"
    IMPERSONAL = "impersonal"
    """Well formed, but of a role, a machine or an organisation."""
    MADE_UP = "made-up"
    """Well formed, but reserved or published for examples and tests."""
