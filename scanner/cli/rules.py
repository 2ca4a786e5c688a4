"""`agentreach rules`: look at the rule data and check it."""

from collections.abc import Iterator
from typing import NamedTuple

import click

from scanner.errors import ExitCode


@click.group()
def command() -> None:
    """Show and check the rules: what is looked for, and what to do when it is found."""


@command.command("list")
def list_rules() -> None:
    """List every rule, a line each: id, severity, what it finds."""
    for rule in _rules():
        click.echo(f"{rule.id:<44} {rule.severity:<9} {rule.title}")


@command.command("show")
@click.argument("rule_id")
def show(rule_id: str) -> None:
    """Show one rule: what it is, how it is recognised, and what to do about a finding."""
    rules = {rule.id: rule for rule in _rules()}
    rule = rules.get(rule_id)
    if rule is None:
        import difflib

        near = difflib.get_close_matches(rule_id, rules, n=3)
        hint = f"; did you mean {', '.join(near)}?" if near else "; see: agentreach rules list"
        raise click.UsageError(f"there is no rule {rule_id!r}{hint}")
    click.echo(f"{rule.id}  ({rule.severity}, confidence {rule.confidence})")
    click.echo(f"  {rule.title}")
    for label, text in rule.details:
        click.echo(f"  {label:<10} {text}")


class _Rule(NamedTuple):
    """A rule of any kind, as it is shown."""

    id: str
    title: str
    severity: str
    confidence: str
    details: tuple[tuple[str, str], ...]


def _rules() -> Iterator[_Rule]:
    yield from _secret_rules()
    yield from _boundary_rules()
    yield from _flow_rules()


def _secret_rules() -> Iterator[_Rule]:
    from scanner.detectors.detect_secrets_adapter import adapter_rules
    from scanner.rules.secrets import load_secret_rules

    own = load_secret_rules()
    for rule in (*own, *adapter_rules()):
        details = [("pattern", rule.pattern)] if rule in own else []
        details += [("checks", ", ".join(rule.checks))] if rule.checks else []
        details += [("rotate", rule.rotate)] if rule.rotate else []
        details += [("reference", reference) for reference in rule.references]
        yield _Rule(rule.id, rule.name, rule.severity.value, rule.confidence.value, tuple(details))


def _boundary_rules() -> Iterator[_Rule]:
    from scanner.rules.boundaries import SCOPE_RULES, load_boundary_files

    for name, scope in SCOPE_RULES.items():
        where = (("declared", "in .agentreach/tasks/<id>.yml, as docs/boundaries.md describes"),)
        yield _Rule(name, scope.title, scope.severity.value, "high", where)
    for file in load_boundary_files():
        for rule in file.rules:
            details = [("why", file.why), ("paths", ", ".join(rule.paths or file.paths))]
            details += [("do", step) for step in rule.remediation]
            details += [("reference", reference) for reference in file.references]
            yield _Rule(
                rule.id, rule.title, rule.severity.value, rule.confidence.value, tuple(details)
            )


def _flow_rules() -> Iterator[_Rule]:
    from scanner.rules.dataflow import load_flow_rules

    for name, rule in load_flow_rules().items():
        details = [("do", step) for step in rule.remediation]
        details += [("reference", reference) for reference in rule.references]
        yield _Rule(name, rule.title, rule.severity.value, "high", tuple(details))


@command.command("check")
@click.pass_context
def check(context: click.Context) -> None:
    """Run every rule's examples and counter-examples in both engines; exit 2 when one fails."""
    from scanner.detectors.rule_check import check_rules
    from scanner.rules.secrets import load_secret_rules

    rules = load_secret_rules()
    faults = check_rules(rules)
    for fault in faults:
        click.echo(str(fault), err=True)
    examples = sum(len(rule.examples) + len(rule.counter_examples) for rule in rules)
    click.echo(f"{len(rules)} rules, {examples} examples, {len(faults)} faults")
    if faults:
        context.exit(ExitCode.USAGE)
