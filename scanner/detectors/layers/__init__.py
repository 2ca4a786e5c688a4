"""What hides in encodings and archives: finds it, takes it out, and says how to get back to it.

One encoding or container a module, found by its file name; `Layer.kind` is that name with hyphens.
Nothing is decoded on suspicion: `triggers` gives the one pass over all bytes the signs to notice,
foremost what the beginnings of known secrets look like when they are encoded, and `derive` works
only where one of them was seen. One step at a time: the caller scans what was derived, and derives
again.
"""

from scanner.detectors.layers._steps import (
    FORMAT,
    derive,
    kinds,
    outer_span,
    position,
    triggers,
    unwrap,
)
from scanner.detectors.layers._work import Derived, Limits
from scanner.detectors.trigger import Trigger

__all__ = [
    "FORMAT",
    "Derived",
    "Limits",
    "Trigger",
    "derive",
    "kinds",
    "outer_span",
    "position",
    "triggers",
    "unwrap",
]
