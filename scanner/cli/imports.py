"""`agentreach imports`: look at other tools' files before a scan takes them in."""

from pathlib import Path

import click

from scanner.errors import ExitCode


@click.command()
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
def command(files: tuple[Path, ...]) -> int:
    """Say what agentreach makes of the files of other secret scanners.

    FILE is a report (gitleaks, trufflehog, kingfisher, detect-secrets, or SARIF of any tool) or a
    gitleaks configuration (`.toml`). Nothing is scanned and no secret is shown: this lists what
    would be taken in, what would not, and why. Exit code 3 when a part cannot be used.
    """
    incomplete = False
    for file in files:
        if file.suffix.lower() == ".toml":
            incomplete |= _show_configuration(file)
        else:
            incomplete |= _show_report(file)
    return int(ExitCode.INCOMPLETE if incomplete else ExitCode.CLEAN)


def _show_configuration(file: Path) -> bool:
    from scanner.interop.gitleaks_config import read_gitleaks_config

    config = read_gitleaks_config(str(file), lambda path: Path(path).read_bytes())
    _say(f"{file}: gitleaks configuration, {_count(len(config.rules), 'rule')}")
    for rule in config.rules:
        kind = "" if rule.pattern else "  (by path)"
        hidden = "" if rule.reported else "  (only where another rule requires it)"
        _say(f"  {rule.id}{kind}{hidden}")
    for warning in config.warnings:
        _say(f"  note: {warning.removeprefix(f'{file}: ')}")
    for problem in config.problems:
        _say(f"  not used: {problem.reason}")
    return bool(config.problems)


def _show_report(file: Path) -> bool:
    from collections import Counter

    from scanner.interop.reports import read_report

    report = read_report(file, _presence)
    version = f" {report.version}" if report.version else ""
    entries = f"{len(report.secrets)} {'entry' if len(report.secrets) == 1 else 'entries'}"
    _say(f"{file}: report of {report.tool}{version}, {entries}")
    rules = Counter(secret.rule for secret in report.secrets)
    for rule, count in sorted(rules.items(), key=lambda item: (-item[1], item[0])):
        _say(f"  {count:>6}  {rule}")
    shown = sum(bool(secret.digests) for secret in report.secrets)
    verified = sum(bool(secret.verified) for secret in report.secrets)
    _say(f"  {shown} with the secret itself, {verified} verified by their provider")
    for note in report.notes:
        _say(f"  left out: {note}")
    for problem in report.problems:
        _say(f"  not read: {problem.where}: {problem.reason}")
    return bool(report.problems)


def _presence(secret: bytes, /) -> tuple[str, ...]:
    """Only whether there is a secret is counted here; the digest of a scan needs its key."""
    return ("present",) if secret else ()


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _say(text: str) -> None:
    from scanner.pipeline.redact import veil
    from scanner.sinks import printable

    click.echo(printable(veil(text)))
