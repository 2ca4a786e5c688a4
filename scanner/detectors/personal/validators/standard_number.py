"""National numbers with check digits or a checkable structure, by python-stdnum."""

import importlib
import re
from collections.abc import Sequence
from typing import Any, Final

from scanner.detectors.personal.validators.mark import Mark
from scanner.errors import RuleError
from scanner.rules.personal import PersonalRule

_NAME: Final = re.compile(r"[a-z]{2,3}_?(?:\.[a-z_]{2,20})")
_LONGEST: Final = 32
_LEAST_DIFFERENT: Final = 3


def validator(rule: PersonalRule, argument: str) -> "_Judge":
    """The argument is a module of python-stdnum, as in `de.idnr`. Raises `RuleError` when it does
    not look like one; whether it exists shows at the first use, as the import is not free."""
    if _NAME.fullmatch(argument) is None:
        raise RuleError(f"rule {rule.kind}: stdnum: {argument!r} is no module of python-stdnum")
    return _Judge(f"stdnum.{argument}", frozenset(rule.excluded))


class _Judge:
    def __init__(self, module: str, published: frozenset[str]) -> None:
        self._module = module
        self._published = published

    def __call__(self, cells: Sequence[str]) -> list[Mark]:
        """One mark for each cell."""
        module: Any = importlib.import_module(self._module)
        return [self._judge(module, cell) for cell in cells]

    def _judge(self, module: Any, text: str) -> Mark:
        if len(text) > _LONGEST or not text.isascii() or not _is_valid(module, text):
            return Mark.INVALID
        if len(set(text) - set(" -./")) < _LEAST_DIFFERENT or text[:-1] in self._published:
            return Mark.MADE_UP
        return Mark.VALID


def _is_valid(module: Any, text: str) -> bool:
    try:
        return bool(module.is_valid(text))
    except (ValueError, TypeError, KeyError, IndexError, ArithmeticError):
        return False  # some modules look up parts of a number before they know that it is one
