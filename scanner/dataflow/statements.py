"""Walks one file's statements in order, with a scope that says which names hold secrets.

Both ways of a branch are walked and joined; a loop's body is walked twice, so that what one round
leaves reaches the next; a name that is known to be empty (`if not token:`) is clean there.
Functions start from what the module binds in the end, without their own parameters.
"""

from collections.abc import Sequence
from typing import NamedTuple

import libcst as cst

from scanner.dataflow.expressions import Expressions, OnCall
from scanner.dataflow.narrowing import narrow
from scanner.dataflow.source import SourceFile, dotted
from scanner.dataflow.values import CLEAN, Scope, Value, any_of, bind, merge
from scanner.rules.dataflow import FlowRule

MAX_LOOPS = 3
"""Deeper loops are walked once: twice each would be exponential."""

_EXITS = frozenset({"sys.exit", "exit", "quit", "os._exit", "os.abort"})


class _Function(NamedTuple):
    node: cst.FunctionDef
    symbol: str


class Walker:
    """One walk over one file; `symbol` names the function being walked when `on_call` hears."""

    def __init__(self, source: SourceFile, rule: FlowRule, on_call: OnCall) -> None:
        self._source = source
        self._expressions = Expressions(source, rule, on_call)
        self._waiting: list[_Function] = []
        self._names: list[str] = []
        self._loops: list[list[Scope]] = []

    @property
    def symbol(self) -> str:
        """Qualified name of the enclosing function or class, or `<module>`."""
        return ".".join(self._names) or "<module>"

    def walk(self) -> None:
        """The module's own statements, then every function, outer ones first."""
        module = self._block(self._source.module.body, {}) or {}
        position = 0
        while position < len(self._waiting):
            function = self._waiting[position]
            position += 1
            self._names = [function.symbol]
            self._loops = []
            scope = dict(module)
            for name in _parameters(function.node):
                bind(scope, name, CLEAN)
            self._suite(function.node.body, scope)

    # -------------------------------------------------------------------------- blocks

    def _suite(self, body: cst.BaseSuite, scope: Scope) -> Scope | None:
        return self._block(body.body, scope)

    def _block(
        self, body: Sequence[cst.BaseStatement | cst.BaseSmallStatement], scope: Scope
    ) -> Scope | None:
        """The scope after the statements; None when control never gets there."""
        current: Scope | None = scope
        for statement in body:
            if current is None:
                return None
            current = self._statement(statement, current)
        return current

    def _statement(self, node: cst.CSTNode, scope: Scope) -> Scope | None:
        if isinstance(node, cst.SimpleStatementLine):
            return self._block(node.body, scope)
        if isinstance(node, cst.If):
            return self._if(node, scope)
        if isinstance(node, cst.For | cst.While):
            return self._loop(node, scope)
        if isinstance(node, cst.Try | cst.TryStar):
            return self._try(node, scope)
        if isinstance(node, cst.With):
            return self._with(node, scope)
        if isinstance(node, cst.Match):
            return self._match(node, scope)
        if isinstance(node, cst.FunctionDef):
            self._waiting.append(_Function(node, self._inner(node.name.value)))
            return scope
        if isinstance(node, cst.ClassDef):
            return self._class(node, scope)
        return self._small(node, scope)

    def _inner(self, name: str) -> str:
        return ".".join((*self._names, name))

    # -------------------------------------------------------------------------- compound

    def _if(self, node: cst.If, scope: Scope) -> Scope | None:
        self._expressions.value(node.test, scope)
        taken = self._suite(node.body, narrow(dict(scope), node.test, True))
        passed: Scope | None = narrow(dict(scope), node.test, False)
        if isinstance(node.orelse, cst.If):
            passed = self._if(node.orelse, passed or {})
        elif node.orelse is not None:
            passed = self._suite(node.orelse.body, passed or {})
        return _join(taken, passed)

    def _loop(self, node: cst.For | cst.While, scope: Scope) -> Scope | None:
        left: list[Scope] = []
        self._loops.append(left)
        state = scope
        for _ in range(2 if len(self._loops) <= MAX_LOOPS else 1):
            inner = dict(state)
            if isinstance(node, cst.For):
                self._bind(node.target, self._each(node.iter, inner), inner)
            else:
                self._expressions.value(node.test, inner)
                narrow(inner, node.test, True)
            after = self._suite(node.body, inner)
            state = merge(state, after) if after is not None else state
        self._loops.pop()
        ended: Scope | None = dict(state)
        if node.orelse is not None:
            ended = self._suite(node.orelse.body, ended or {})
        for one in left:
            ended = _join(ended, one)
        return ended

    def _each(self, node: cst.BaseExpression, scope: Scope) -> Value:
        """What iterating gives: a sequence's items, a mapping's values; its keys are clean."""
        value = self._expressions.value(node, scope)
        method = None
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
            method = node.func.attr.value
        if method == "items":
            parts = any_of((value.fields or {}).values()) if value.fields else Value(value.steps)
            return Value(parts.steps, {"0": CLEAN, "1": parts})
        if method == "values":
            return any_of((value.fields or {}).values())
        fields = value.fields or {}
        return any_of(item for key, item in fields.items() if key.isdigit())

    def _try(self, node: cst.Try | cst.TryStar, scope: Scope) -> Scope | None:
        before = dict(scope)
        after = self._suite(node.body, scope)
        raised = merge(before, after) if after is not None else merge(before, scope)
        if after is not None and node.orelse is not None:
            after = self._suite(node.orelse.body, after)
        for handler in node.handlers:
            inner = dict(raised)
            if handler.name is not None:
                self._bind(handler.name.name, CLEAN, inner)
            after = _join(after, self._suite(handler.body, inner))
        if node.finalbody is not None:
            ended = self._suite(node.finalbody.body, dict(after if after is not None else raised))
            after = None if after is None else ended
        return after

    def _with(self, node: cst.With, scope: Scope) -> Scope | None:
        for item in node.items:
            self._expressions.value(item.item, scope)
            if item.asname is not None:
                self._bind(item.asname.name, CLEAN, scope)
        return self._suite(node.body, scope)

    def _match(self, node: cst.Match, scope: Scope) -> Scope | None:
        self._expressions.value(node.subject, scope)
        after: Scope | None = dict(scope)
        for case in node.cases:
            after = _join(after, self._suite(case.body, dict(scope)))
        return after

    def _class(self, node: cst.ClassDef, scope: Scope) -> Scope:
        names = self._names
        self._names = [*names, node.name.value]
        self._suite(node.body, dict(scope))
        self._names = names
        return scope

    # -------------------------------------------------------------------------- simple

    def _small(self, node: cst.CSTNode, scope: Scope) -> Scope | None:
        if isinstance(node, cst.Assign):
            value = self._expressions.value(node.value, scope)
            for target in node.targets:
                self._bind(target.target, value, scope, node.value)
        elif isinstance(node, cst.AnnAssign) and node.value is not None:
            value = self._expressions.value(node.value, scope)
            self._bind(node.target, value, scope, node.value)
        elif isinstance(node, cst.AugAssign):
            self._augmented(node, scope)
        elif isinstance(node, cst.Expr | cst.Return | cst.Raise | cst.Assert | cst.Del):
            return self._plain(node, scope)
        elif isinstance(node, cst.Break | cst.Continue):
            if self._loops:
                self._loops[-1].append(scope)
            return None
        return scope

    def _plain(self, node: cst.CSTNode, scope: Scope) -> Scope | None:
        for child in node.children:
            if isinstance(child, cst.BaseExpression):
                self._expressions.value(child, scope)
        if isinstance(node, cst.Return | cst.Raise):
            return None
        if isinstance(node, cst.Expr) and isinstance(node.value, cst.Call):
            name = self._source.qualified(node.value.func)
            return None if name in _EXITS else scope
        if isinstance(node, cst.Del):
            name = dotted(node.target)
            if name is not None:
                bind(scope, name, CLEAN)
        return scope

    def _augmented(self, node: cst.AugAssign, scope: Scope) -> None:
        added = self._expressions.value(node.value, scope)
        name = dotted(node.target)
        if name is not None and isinstance(node.operator, cst.AddAssign | cst.BitOrAssign):
            both = any_of((scope.get(name, CLEAN), added.then(node, f"added to {name[:64]}")))
            bind(scope, name, both.without_fields())

    def _bind(
        self,
        target: cst.BaseExpression,
        value: Value,
        scope: Scope,
        given: cst.BaseExpression | None = None,
    ) -> None:
        if isinstance(target, cst.Tuple | cst.List):
            for index, element in enumerate(target.elements):
                part = value.part(str(index)) if value.fields is not None else Value(value.steps)
                self._bind(element.value, part, scope)
            return
        if isinstance(target, cst.Subscript):
            self._store(target, value, scope)
            return
        name = dotted(target)
        if name is None:
            return
        if given is not None and not value.secret:
            value = self._expressions.literal(name, given) if not value.logger else value
        bind(scope, name, value.then(target, f"assigned to {name[:64]}"))

    def _store(self, target: cst.Subscript, value: Value, scope: Scope) -> None:
        """`headers["x"] = token` makes the mapping secret and remembers under which key."""
        name = dotted(target.value)
        if name is None:
            return
        before = scope.get(name, CLEAN)
        key = self._expressions.key(target)
        fields = None if key is None else {**(before.fields or {}), key: value}
        put = value.then(target, f"put into {name[:64]}")
        # An item that is overwritten may have been the only secret one.
        steps = put.steps or (any_of(fields.values()).steps if fields else before.steps)
        bind(scope, name, Value(steps, fields))


def _join(one: Scope | None, other: Scope | None) -> Scope | None:
    if one is None or other is None:
        return one if other is None else other
    return merge(one, other)


def _parameters(node: cst.FunctionDef) -> list[str]:
    parameters = node.params
    every = [*parameters.posonly_params, *parameters.params, *parameters.kwonly_params]
    stars = (parameters.star_arg, parameters.star_kwarg)
    every.extend(star for star in stars if isinstance(star, cst.Param))
    return [parameter.name.value for parameter in every]
