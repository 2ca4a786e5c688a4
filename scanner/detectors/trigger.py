"""What the one pass over all bytes notices on behalf of something other than a secret rule."""

import msgspec


class Trigger(msgspec.Struct, frozen=True):
    """A sign that a content is worth a closer look: an encoding, a container, a table's heading."""

    name: str
    pattern: str
    """A regular expression on bytes in the subset that Hyperscan and `re` share, of bounded width:
    no look-around, anchors or back-references."""
    case_insensitive: bool = False
