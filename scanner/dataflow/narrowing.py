"""What a condition says of names: on the way where `token` is empty, printing it shows nothing."""

import libcst as cst

from scanner.dataflow.source import dotted
from scanner.dataflow.values import CLEAN, Scope, bind


def narrow(scope: Scope, test: cst.BaseExpression, outcome: bool) -> Scope:
    """The scope, changed in place, where the test came out as given."""
    for name in _empties(test, outcome):
        bind(scope, name, CLEAN)
    return scope


def _empties(test: cst.BaseExpression, outcome: bool) -> set[str]:
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        return _empties(test.expression, not outcome)
    if isinstance(test, cst.BooleanOperation):
        left, right = _empties(test.left, outcome), _empties(test.right, outcome)
        # `a and b` is true only when both are, `a or b` false only when both are.
        both = isinstance(test.operator, cst.And) == outcome
        return left | right if both else left & right
    name = _empty(test, outcome)
    return {name} if name is not None else set()


def _empty(test: cst.BaseExpression, outcome: bool) -> str | None:
    """The name that is empty or None when the test comes out so."""
    if isinstance(test, cst.NamedExpr):
        return dotted(test.target) if not outcome else None
    if isinstance(test, cst.Comparison) and len(test.comparisons) == 1:
        comparison = test.comparisons[0]
        if not _is_nothing(comparison.comparator):
            return None
        same = isinstance(comparison.operator, cst.Is | cst.Equal)
        other = isinstance(comparison.operator, cst.IsNot | cst.NotEqual)
        left = test.left.target if isinstance(test.left, cst.NamedExpr) else test.left
        return dotted(left) if (same and outcome) or (other and not outcome) else None
    return dotted(test) if not outcome else None


def _is_nothing(node: cst.BaseExpression) -> bool:
    if isinstance(node, cst.SimpleString):
        return len(node.raw_value) == 0
    return isinstance(node, cst.Name) and node.value == "None"
