"""What weakens a guard, one subject a file; rules name a signal as `module.function`.

A signal compares contents before and after and says what is new. For a merge, only what no parent
had (or every parent had and is gone) counts. A signal that cannot read both sides says nothing: the
view notes the problem.
"""

import importlib
import re

from scanner.boundary.view import Signal
from scanner.errors import RuleError

_NAME = re.compile(r"([a-z_]+)\.([a-z_]+)")


def find_signal(name: str) -> Signal:
    """The function a rule names. Raises `RuleError` when there is none."""
    parts = _NAME.fullmatch(name)
    try:
        module = importlib.import_module(f"{__name__}.{parts[1]}") if parts else None
        signal: Signal | None = getattr(module, parts[2], None) if parts else None
    except ModuleNotFoundError:
        signal = None
    if signal is None:
        raise RuleError(f"boundaries: there is no signal {name!r}")
    return signal
