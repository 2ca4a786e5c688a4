"""Recognises a call that writes its arguments where people read them."""

import libcst as cst

from scanner.dataflow.expressions import Called
from scanner.dataflow.source import SourceFile, dotted
from scanner.dataflow.values import Value
from scanner.rules.dataflow import FlowRule


class Sinks:
    """Compiled from a rule's `sinks`."""

    def __init__(self, source: SourceFile, rule: FlowRule) -> None:
        self._source = source
        self._calls = frozenset(rule.sinks.calls)
        self._receivers = frozenset(rule.sinks.receivers)
        self._methods = frozenset(rule.sinks.methods)
        self._ignored = frozenset(rule.sinks.ignored_keywords)
        self._streams = frozenset(rule.sinks.streams)

    def name(self, called: Called) -> str | None:
        """How to speak of the sink (`print`, `logger.info`); None when the call is none."""
        if called.name in self._calls:
            return called.name
        function = called.node.func
        if not isinstance(function, cst.Attribute) or function.attr.value not in self._methods:
            return None
        receiver = dotted(function.value)
        last = receiver.rpartition(".")[2] if receiver else None
        if called.receiver.logger or last in self._receivers:
            return f"{last or 'logger'}.{function.attr.value}"
        return None

    def secret(self, called: Called) -> Value | None:
        """The first secret argument that ends up in the output."""
        for argument in called.node.args:
            keyword = argument.keyword.value if argument.keyword else None
            if keyword == "file" and self._source.qualified(argument.value) not in self._streams:
                return None
        for argument, value in zip(called.node.args, called.arguments, strict=True):
            ignored = argument.keyword is not None and argument.keyword.value in self._ignored
            if value.secret and not ignored:
                return value
        return None
