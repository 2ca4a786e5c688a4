"""Measures `agentreach reach` on a generated repository, and prints the scan and the matrix apart.

    python bench/reach.py [--files 10000] [--secrets 200] [--runs 3] [--keep DIR] [--profile]

The repository has as many files as asked for in some hundred directories, settings and ignore files
of several agents with many rules, and secrets in files that are tracked, ignored, or instructions.
Every agent that is modelled is asked about. The tokens are generated anew each time.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from scanner.rules.examples import expand

_DIRECTORIES = 250
_RULES = 60


def build(root: Path, files: int, secrets: int) -> None:
    """Write the files and commit those that are not ignored."""
    for number in range(files - secrets):
        path = root / f"src/m{number % _DIRECTORIES:03}/f{number:05}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"def value_{number}(first: int) -> int:\n    return first + {number}\n")
    for number in range(secrets):
        place = (
            f"config/c{number % 40}/service{number}.env",
            f"src/m{number % _DIRECTORIES:03}/settings{number}.py",
            f"local/s{number}.txt",
            f"docs/guide{number}.md",
        )[number % 4]
        path = root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"TOKEN = " + expand("{github:ghp_}", number) + b"\n")
    for name, text in settings().items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    git = ["git", "-C", str(root), "-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    subprocess.run([*git, "add", "--all"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--no-gpg-sign", "-m", "Begin"], check=True)


def settings() -> dict[str, str]:
    """Settings with many rules, so that the policy engines have work."""
    denied = [f"Read(config/c{number}/**)" for number in range(_RULES)]
    ignored = "".join(
        f"config/c{number}/*.env\n!config/c{number}/a*.env\n" for number in range(_RULES)
    )
    return {
        ".claude/settings.json": json.dumps({"permissions": {"deny": denied}}, indent=1),
        ".cursor/cli.json": json.dumps({"permissions": {"allow": [], "deny": denied}}, indent=1),
        ".cursorignore": ignored,
        ".geminiignore": ignored,
        ".aiignore": ignored,
        ".rooignore": ignored,
        ".clineignore": ignored,
        ".codeiumignore": ignored,
        ".continueignore": ignored,
        ".gitignore": "local/\n*.log\n",
        "AGENTS.md": "# Rules\n\nSee docs.\n",
        "CLAUDE.md": "# Rules\n\n@docs/guide3.md\n",
    }


def measure(root: Path, arguments: list[str]) -> dict[str, float]:
    """One process: its own account of the two parts."""
    command = [sys.executable, "-m", "scanner", "reach", str(root), "--agent", "all", "-f", "json"]
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
    done = subprocess.run([*command, *arguments], capture_output=True, env=here, check=True)
    document = json.loads(done.stdout)
    summary = document["summary"]
    return {
        "rows": summary["rows"],
        "columns": summary["columns"],
        "scan": summary["scan_seconds"],
        "matrix": summary["matrix_seconds"],
    }


def profile(root: Path) -> None:
    """Where the matrix' time goes, by cumulated time."""
    import cProfile
    import pstats

    from scanner.cli import main

    profiler = cProfile.Profile()
    profiler.runcall(
        main, ["reach", str(root), "--agent", "all", "-o", str(root / ".out"), "-f", "json"]
    )
    (root / ".out").unlink(missing_ok=True)
    pstats.Stats(profiler).sort_stats("cumulative").print_stats("scanner", 45)


def main() -> None:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--secrets", type=int, default=200)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    base = options.keep or Path(tempfile.mkdtemp(prefix="agentreach-bench-"))
    root = base / "repository"
    try:
        if not root.exists():
            build(root, options.files, options.secrets)
        measured = [measure(root, ["--no-config"]) for _ in range(options.runs + 1)][1:]
        last = measured[-1]
        print(f"{options.files} files, {last['rows']} secrets, {last['columns']} agents")
        for part in ("scan", "matrix"):
            print(f"{part:8}{statistics.median(run[part] for run in measured):8.2f} s")
        if options.profile:
            profile(root)
    finally:
        if options.keep is None:
            shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    main()
