"""Shannon's entropy: how evenly a value uses its characters, and nothing about their order.

Whether a value looks drawn at random is told by `scanner.detectors.generic.language`.
"""

import math
from collections import Counter


def shannon(value: bytes) -> float:
    """Shannon's entropy in bits a character; 0 for nothing."""
    size = len(value)
    return -sum(n / size * math.log2(n / size) for n in Counter(value).values()) if size else 0.0
