"""Checks that may fail without failing the run."""

import re
from collections import Counter

from scanner.boundary.signals.counting import any_gained
from scanner.boundary.view import Observation, View
from scanner.model import PathChange
from scanner.rules.boundaries import BoundaryRule

_MAX_LINE = 4096
_CHECK = (
    r"\b(?:pytest|tox|nox|unittest|jest|vitest|mocha|playwright|cypress|eslint|tsc|ruff|mypy|pyright|"
    r"pylint|flake8|black|bandit|semgrep|gitleaks|trufflehog|go (?:test|vet)|golangci-lint|"
    r"cargo (?:test|clippy)|rspec|rubocop|phpunit|gradlew? (?:test|check)|mvn (?:test|verify)|"
    r"pre-commit|(?:npm|pnpm|yarn|bun)(?: run)? (?:test|lint|check|typecheck|audit)|"
    r"make (?:test|lint|check))\b"
)
_FORMS = {
    "continue-on-error: true": re.compile(r"\bcontinue-on-error:\s*true\b"),
    "allow_failure: true": re.compile(r"\ballow_failure:\s*true\b"),
    "a check followed by `|| true`": re.compile(
        _CHECK + r"[^|;&\n]{0,400}\|\|\s*(?:true|:|exit 0)(?!\w)"
    ),
    "--exit-zero": re.compile(r"(?<![\w-])--exit-zero\b"),
    "--passWithNoTests": re.compile(r"(?<![\w-])--passWithNoTests\b"),
    "git --no-verify": re.compile(r"\bgit\s+(?:commit|push|merge)\b[^\n]{0,200}?\s--no-verify\b"),
}

# Each form holds one of these; most files hold none.
_WORDS = (
    b"continue-on-error",
    b"allow_failure",
    b"||",
    b"--exit-zero",
    b"--passWith",
    b"--no-verify",
)


def added(view: View, paths: tuple[PathChange, ...], rule: BoundaryRule) -> list[Observation]:
    """Every form that the file has more often than before, with the last line that has it."""
    found: list[Observation] = []
    for path in paths:
        data = view.new(path)
        olds = view.olds(path)
        if data is None or not olds or not view.readable(path):
            continue
        if not any_gained(_WORDS, olds, data):
            continue
        now, lines = _count(data)
        before = [_count(old)[0] for old in olds]
        for form in _FORMS:
            more = now[form] - max(count[form] for count in before)
            if more > 0:
                times = f" ({more} times)" if more > 1 else ""
                found.append(Observation(path.path, f"adds {form}{times}", lines[form]))
    return found


def _count(data: bytes) -> tuple[Counter[str], dict[str, int]]:
    counts: Counter[str] = Counter()
    lines: dict[str, int] = {}
    for number, raw in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        line = raw[:_MAX_LINE]
        if line.lstrip().startswith(("#", "//")):
            continue
        for form, pattern in _FORMS.items():
            if pattern.search(line):
                counts[form] += 1
                lines[form] = number
    return counts, lines
