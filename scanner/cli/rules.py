"""`agentreach rules`: look at the rule data and check it."""

import click

from scanner.errors import ExitCode


@click.group()
def command() -> None:
    """Show and check the rules: what is looked for, and what to do when it is found."""


@command.command("list")
def list_rules() -> None:
    """List every secret rule, a line each: id, severity, name."""
    from scanner.rules.secrets import load_secret_rules

    for rule in load_secret_rules():
        click.echo(f"{rule.id:<44} {rule.severity.value:<9} {rule.name}")


@command.command("show")
@click.argument("rule_id")
def show(rule_id: str) -> None:
    """Show one rule: what it is, how it is recognised, and how to rotate the credential."""
    from scanner.rules.secrets import load_secret_rules

    rules = {rule.id: rule for rule in load_secret_rules()}
    rule = rules.get(rule_id)
    if rule is None:
        import difflib

        near = difflib.get_close_matches(rule_id, rules, n=3)
        hint = f"; did you mean {', '.join(near)}?" if near else "; see: agentreach rules list"
        raise click.UsageError(f"there is no rule {rule_id!r}{hint}")
    click.echo(f"{rule.id}  ({rule.severity.value}, confidence {rule.confidence.value})")
    click.echo(f"  {rule.name}")
    click.echo(f"  pattern    {rule.pattern}")
    if rule.checks:
        click.echo(f"  checks     {', '.join(rule.checks)}")
    if rule.rotate:
        click.echo(f"  rotate     {rule.rotate}")
    for reference in rule.references:
        click.echo(f"  reference  {reference}")


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
