"""Runs the real command line on real repositories, for the tests of the whole."""

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from scanner.cli import main
from scanner.rules.examples import expand

ROOT = Path(__file__).resolve().parent.parent
Json = dict[str, Any]


class Run(NamedTuple):
    """What one run of the command line left behind."""

    code: int
    out: bytes
    err: bytes

    @property
    def report(self) -> Json:
        """The report of `--format json`."""
        document: Json = json.loads(self.out)
        return document

    @property
    def findings(self) -> list[Json]:
        """The findings of `--format json`."""
        findings: list[Json] = self.report["findings"]
        return findings

    @property
    def secrets(self) -> list[Json]:
        """The findings that are about a secret."""
        return [finding for finding in self.findings if finding["secret"]]

    @property
    def rules(self) -> list[str]:
        """The rules of the findings, sorted."""
        return sorted(finding["rule"] for finding in self.findings)

    @property
    def reasons(self) -> str:
        """All problems in one text."""
        return "\n".join(problem["reason"] for problem in self.report["problems"])


def token(seed: int = 0) -> str:
    """A GitHub token that was never live: made up here, checksum and all."""
    return expand("{github:ghp_}", seed).decode()


def run(*arguments: str | Path, stdin: bytes = b"") -> Run:
    """Runs a command in this process."""
    # Bytes, because a report may be binary-safe where text streams would not be.
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    source = io.TextIOWrapper(io.BytesIO(stdin), "utf-8", "surrogateescape")
    before, sys.stdin = sys.stdin, source
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main([str(argument) for argument in arguments])
    finally:
        sys.stdin = before
    return Run(code, _written(out), _written(err))


def scan(path: str | Path, *arguments: str | Path, stdin: bytes = b"") -> Run:
    """`agentreach scan PATH --format json`, with further arguments."""
    return run("scan", path, "--format", "json", *arguments, stdin=stdin)


def process(
    *arguments: str | Path,
    cwd: Path,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
) -> Run:
    """Runs a command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "scanner", *map(str, arguments)],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | dict(env or {}),
        check=False,
    )
    return Run(done.returncode, done.stdout, done.stderr)


def comparable(document: Json) -> Json:
    """A report without what may differ between two scans of the same thing: the time it took."""
    summary = {
        key: value
        for key, value in document["summary"].items()
        if key not in ("started", "seconds")
    }
    return document | {"summary": summary}


def places(finding: Json) -> list[tuple[str, str]]:
    """Where and path of every location, sorted."""
    return sorted((place["where"], place["path"]) for place in finding["locations"])


def only(findings: Sequence[Json]) -> Json:
    """The one finding there is."""
    assert len(findings) == 1, [finding["rule"] for finding in findings]
    return findings[0]


def _written(stream: io.TextIOWrapper) -> bytes:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue()
