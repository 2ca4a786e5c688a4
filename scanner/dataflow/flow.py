"""From a rule and a file to matches: walks the file and describes each way from source to sink."""

import libcst as cst

from scanner.dataflow.expressions import Called
from scanner.dataflow.sinks import Sinks
from scanner.dataflow.source import SourceFile
from scanner.dataflow.statements import Walker
from scanner.dataflow.values import Value
from scanner.model import Basis, Confidence, Evidence, FlowMatch
from scanner.rules.dataflow import FlowRule

MAX_MATCHES = 200
"""In one file; a file with more is generated or hostile, and the first ones say enough."""


def find_flows(source: SourceFile, rule: FlowRule) -> list[FlowMatch]:
    """Every call that a secret reaches, once, ordered by position."""
    sinks = Sinks(source, rule)
    found: dict[cst.Call, tuple[str, str, Value]] = {}

    def listen(called: Called) -> None:
        name = sinks.name(called)
        if name is None or called.node in found or len(found) >= MAX_MATCHES:
            return
        value = sinks.secret(called)
        if value is not None:
            found[called.node] = (name, walker.symbol, value)

    walker = Walker(source, rule, listen)
    walker.walk()
    matches = [
        _match(source, rule, node, name, symbol, value)
        for node, (name, symbol, value) in found.items()
    ]
    return sorted(matches, key=lambda match: (match.line, match.column))


def _match(
    source: SourceFile, rule: FlowRule, node: cst.Call, name: str, symbol: str, value: Value
) -> FlowMatch:
    line, column = source.position(node)
    steps = [
        Evidence(step.text, source=f"{source.path}:{source.position(step.node)[0]}")
        for step in value.steps
    ]
    sink = Evidence(f"written by {name}()", Basis.DERIVED, f"{source.path}:{line}")
    return FlowMatch(
        rule=rule.check,
        title=rule.title,
        category=rule.category,
        severity=rule.severity,
        confidence=_confidence(rule, name, value),
        line=line,
        column=column,
        symbol=symbol,
        evidence=(*steps, sink),
        remediation=rule.remediation,
    )


def _confidence(rule: FlowRule, name: str, value: Value) -> Confidence:
    """A literal may be no credential, and what is printed may have been asked for."""
    doubts = (name in rule.terminal) + (not isinstance(value.steps[0].node, _READS))
    return (Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW)[doubts]


_READS = (cst.Subscript, cst.Call)
