"""`agentreach rules`: look at the rule data, try a rule, check rules."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner.cli._options import cache_directory

if TYPE_CHECKING:
    from scanner.cli._rules_catalogue import Entry
    from scanner.detectors.rule_check import RuleFault
    from scanner.rules.extra import ExtraFile
    from scanner.rules.secrets import SecretRule
    from scanner.rules.words import Fact

_KINDS = ("secret", "boundary", "flow", "personal", "concern")
_MOST_BYTES = 64 << 20
_OWN_RULES = click.option(
    "--rules",
    "own",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="YAML",
    help="Also rules of your own from this file; may be repeated.",
)


@click.group()
def command() -> None:
    """Show, try and check the rules: what is looked for, and what to do when it is found."""


@command.command("list")
@click.option("--provider", metavar="NAME", help="Only of this provider, as its file is named.")
@click.option("--kind", type=click.Choice(_KINDS), help="Only rules of this kind.")
@click.option(
    "--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True,
    help="For people, or for programs.",
)  # fmt: skip
def list_rules(provider: str | None, kind: str | None, format_: str) -> None:
    """List the rules, a line each: severity, id, and what it finds."""
    from scanner.cli._rules_catalogue import entries
    from scanner.cli._rules_text import table
    from scanner.cli.scan import terminal_width

    everything = list(entries(cache_directory()))
    chosen = [one for one in everything if kind in (None, one.kind)]
    if provider is not None:
        chosen = [one for one in chosen if one.provider == provider]
        if not chosen:
            known = [one.provider for one in everything if kind in (None, one.kind)]
            raise click.UsageError(f"there is no provider {provider!r}{_near(provider, known)}")
    if format_ == "json":
        import msgspec

        click.echo(msgspec.json.format(msgspec.json.encode({"rules": chosen})).decode())
        return
    for text in table(chosen, terminal_width()):
        click.echo(text)
    providers = {one.provider for one in chosen if one.kind == "secret"}
    of_secrets = f"; secrets of {_counted(len(providers), 'provider')}" if providers else ""
    click.echo(f"{_counted(len(chosen), 'rule')}{of_secrets}", err=True)


@command.command("show")
@_OWN_RULES
@click.argument("rule_id", metavar="ID")
def show(own: tuple[Path, ...], rule_id: str) -> None:
    """Show one rule: how it is recognised, what it finds and what not, what to do about it."""
    from scanner.cli._rules_text import paragraphs
    from scanner.cli.scan import terminal_width
    from scanner.sinks import printable

    entry, about = _found(own, rule_id)
    click.echo(f"{printable(entry.id)}\n  {printable(entry.title)}\n")
    for text in paragraphs(about, terminal_width()):
        click.echo(text)
    if any(fact.label == "finds" for fact in about):
        click.echo("\nWhat stands in {braces} in an example is made up anew for every test.")


def _found(own: tuple[Path, ...], rule_id: str) -> "tuple[Entry, tuple[Fact, ...]]":
    from scanner.cli._rules_catalogue import entries, told, told_of_own

    cache = cache_directory()
    if own:
        from scanner.rules.extra import load_extra_files
        from scanner.rules.secrets import load_secret_rules

        files = load_extra_files(own, load_secret_rules(cached_in=cache))
        mine = told_of_own((one.file for one in files), rule_id)
        if mine is not None:
            return mine
    everything = {one.id: one for one in entries(cache)}
    if rule_id not in everything:
        raise click.UsageError(f"there is no rule {rule_id!r}{_near(rule_id, everything)}")
    return everything[rule_id], told(everything[rule_id], cache)


@command.command("test")
@_OWN_RULES
@click.argument("rule_id", metavar="ID")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
def test(own: tuple[Path, ...], rule_id: str, file: Path) -> int:
    """Show what one secret rule, alone, makes of FILE (`-` for standard input).

    Every place where its pattern matches is told: the value, masked; what its boundary and each
    check said; what became of it. In a scan a more specific rule may speak for the same value.

    Exits with 1 when the rule finds something, and with 0 when it finds nothing.
    """
    from scanner.cli.explain import tell
    from scanner.errors import ExitCode
    from scanner.pipeline.explain import explain_rule
    from scanner.rules.extra import load_extra
    from scanner.rules.secrets import load_secret_rules
    from scanner.sinks import printable

    shipped = load_secret_rules(cached_in=cache_directory())
    rules = {rule.id: rule for rule in (*shipped, *load_extra(own, shipped))}
    if rule_id not in rules:
        raise click.UsageError(f"there is no secret rule {rule_id!r}{_near(rule_id, rules)}")
    considered = explain_rule(rules[rule_id], tuple(rules.values()), _content(file))
    click.echo(f"{printable(str(file))}: {rule_id}")
    for one in considered:
        tell(one)
    reported = sum(one.reported for one in considered)
    if considered:
        click.echo(f"{_counted(len(considered), 'place')} matched, {reported} of them found")
    else:
        click.echo("  The pattern matches nowhere.")
    return int(ExitCode.FINDINGS if reported else ExitCode.CLEAN)


@command.command("check")
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
def check(files: tuple[Path, ...]) -> int:
    """Check rules, and run their examples and counter-examples in both engines.

    With no FILE the rules that agentreach ships with; else the rules of your own in these files,
    beside the shipped ones. Exits with 2 when something is wrong.
    """
    from scanner.detectors.rule_check import check_rules, engines
    from scanner.errors import ExitCode
    from scanner.rules.extra import load_extra_files
    from scanner.rules.secrets import load_secret_rules
    from scanner.sinks import printable

    cache = cache_directory()
    shipped = load_secret_rules(cached_in=cache)
    if files:
        own = load_extra_files(files, shipped)
        rules = tuple(rule for file in own for rule in file.rules)
        faults = check_rules(rules, beside=shipped)
        homes = _homes(own)
    else:
        rules = shipped
        faults = check_rules(rules, cache_directory=cache)
        homes = _shipped_homes(cache)
    for fault in faults:
        click.echo(printable(_in_a_line(fault, homes.get(fault.rule, "rules"))), err=True)
    click.echo(f"{_summary(rules, faults)} (engines: {', '.join(engines())})")
    return int(ExitCode.USAGE if faults else ExitCode.CLEAN)


def _homes(files: "Sequence[ExtraFile]") -> dict[str, str]:
    return {rule.id: str(one.path) for one in files for rule in one.file.rules}


def _shipped_homes(cached_in: Path | None) -> dict[str, str]:
    from scanner.cli._rules_catalogue import secret_files

    return {
        rule.id: f"rules/secrets/{provider}.yaml"
        for provider, file in secret_files(cached_in).items()
        for rule in file.rules
    }


def _in_a_line(fault: "RuleFault", home: str) -> str:
    return ": ".join(part for part in (home, fault.rule, fault.field, fault.message) if part)


def _summary(rules: "Sequence[SecretRule]", faults: "Sequence[RuleFault]") -> str:
    examples = sum(len(rule.examples) for rule in rules)
    near = sum(len(rule.counter_examples) for rule in rules)
    counts = (
        (len(rules), "rule"),
        (examples, "example"),
        (near, "near miss"),
        (len(faults), "fault"),
    )
    return ", ".join(_counted(number, name) for number, name in counts)


def _counted(number: int, name: str) -> str:
    plural = "es" if name.endswith("s") else "s"
    return f"{number} {name}{'' if number == 1 else plural}"


def _near(name: str, known: Iterable[str]) -> str:
    import difflib

    near = difflib.get_close_matches(name, set(known), n=3)
    return f"; did you mean {', '.join(near)}?" if near else "; see: agentreach rules list"


def _content(file: Path) -> bytes:
    from scanner.errors import ConfigError

    if str(file) == "-":
        data = sys.stdin.buffer.read(_MOST_BYTES + 1)
    else:
        try:
            with file.open("rb") as stream:
                data = stream.read(_MOST_BYTES + 1)
        except OSError as error:
            raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None
    if len(data) > _MOST_BYTES:
        raise ConfigError(f"{file}: more than 64 MiB", hint="cut out the lines in question")
    return data
