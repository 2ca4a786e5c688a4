"""The demonstration's repository: a re-enactment of the PocketOS case of April 2026.

There, a coding agent that was to mend a staging problem found an infrastructure token in a file
that had nothing to do with its task, and used it to delete a production volume. Here the same
things lie about: the token, an agent that may read it, a task with bounds, and commits that leave
them. All names are made up and every token is generated anew each time; none was ever live.
"""

import secrets

from scanner.gitio.scratch import NewCommit
from scanner.model import Identity
from scanner.rules.examples import expand

_DAY = 86_400
_START = 1_776_297_600  # 2026-04-16, a Thursday
_MAYA = Identity("Maya Okafor", "maya@pocket.example")
_TOM = Identity("Tom Reyes", "tom@pocket.example")

TASK = "STAGE-17"

_CURSOR_TRAILER = "Co-authored-by: Cursor <cursoragent@cursor.com>"
_CLAUDE_TRAILER = "Co-Authored-By: Claude Opus 4.6 <noreply@anthropic.com>"


def commits() -> list[NewCommit]:
    """The history, oldest first, with freshly generated tokens."""
    return [
        _application(),
        _unrelated_token(),
        _task(),
        _agent_in_bounds(),
        _agent_out_of_bounds(),
        _agent_weakens_checks(),
    ]


def ignored_files() -> dict[str, bytes]:
    """Files on disk that git ignores: exactly what an agent's file tools read."""
    return {
        ".env": b"AWS_ACCESS_KEY_ID=" + _token("{aws:AKIA}", "AKIA{base32:16}")
        + b"\nAWS_SECRET_ACCESS_KEY=" + _token("{base64:40}")
        + b"\nLOG_LEVEL=info\n",
    }  # fmt: skip


def _token(*templates: str) -> bytes:
    """The first template that this version's generators know, expanded with fresh randomness."""
    from scanner.errors import RuleError

    for template in templates:
        try:
            return expand(template, secrets.randbits(63))
        except RuleError:
            continue
    raise AssertionError(f"no generator for {templates}")


def _commit(day: int, author: Identity, message: str, files: dict[str, bytes | None]) -> NewCommit:
    return NewCommit(message, author, _START + day * _DAY, files)


def _application() -> NewCommit:
    return _commit(
        0,
        _MAYA,
        "Start the rental service",
        {
            ".gitignore": b".env\n__pycache__/\n",
            ".cursorignore": b".env\n",
            ".cursor/cli.json": b'{\n  "permissions": {\n    "allow": ["Shell(ls)"],\n'
            b'    "deny": ["Shell(rm)"]\n  }\n}\n',
            "CLAUDE.md": b"# Rental service\n\nPython. Tests: `pytest`. Keep changes small.\n",
            ".claude/settings.json": b'{\n  "permissions": {\n'
            b'    "deny": ["Read(./.env)"]\n  }\n}\n',
            ".github/workflows/deploy.yml": _WORKFLOW.encode(),
            "rental/pricing.py": _PRICING.encode(),
            "staging/settings.yml": b"database: staging\nvolume: vol-staging\n",
            "tests/test_pricing.py": _TESTS.encode(),
        },
    )


def _unrelated_token() -> NewCommit:
    token = _token("{uuid}")
    return _commit(
        3,
        _TOM,
        "Keep the domain script in the repository",
        {
            "tools/domains/add_domain.sh": b"#!/bin/sh\n# Adds a custom domain to the website.\n"
            b"export RAILWAY_API_TOKEN=" + token + b'\nrailway domain add "$1"\n',
        },
    )


def _task() -> NewCommit:
    return _commit(
        6,
        _MAYA,
        f"Open {TASK}: mend the staging credentials",
        {
            f".agentreach/tasks/{TASK}.yml": f"id: {TASK}\ntitle: Mend the staging credentials\n"
            "allowed:\n  - staging/**\n  - rental/config.py\nforbidden:\n  - tools/**\n".encode(),
        },
    )


def _agent_in_bounds() -> NewCommit:
    return _commit(
        8,
        _MAYA,
        f"Point staging at its own credentials\n\nTask: {TASK}\n{_CURSOR_TRAILER}\n",
        {"staging/settings.yml": b"database: staging\nvolume: vol-staging\ncredentials: staging\n"},
    )


def _agent_out_of_bounds() -> NewCommit:
    return _commit(
        8,
        _MAYA,
        f"Reset the volume when credentials do not match\n\nTask: {TASK}\n{_CURSOR_TRAILER}\n",
        {
            "tools/domains/reset_volume.py": _RESET.encode(),
            ".cursor/cli.json": b'{\n  "permissions": {\n    "allow": ["Shell(ls)", "Shell(curl)", '
            b'"Shell(railway)"],\n    "deny": []\n  }\n}\n',
        },
    )


def _agent_weakens_checks() -> NewCommit:
    return _commit(
        9,
        _TOM,
        f"Get the deployment green\n\nTask: {TASK}\n{_CLAUDE_TRAILER}\n",
        {
            ".github/workflows/deploy.yml": _WORKFLOW.replace("contents: read", "write-all")
            .replace("permissions:\n  write-all", "permissions: write-all")
            .encode(),
            "tests/test_pricing.py": _TESTS.replace(
                "def test_weekly", "@pytest.mark.skip\ndef test_weekly"
            ).encode(),
        },
    )


_WORKFLOW = """\
name: deploy
on:
  push:
    branches: [main]
permissions:
  contents: read
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: ./deploy.sh
"""

_PRICING = """\
\"\"\"Prices of rentals.\"\"\"


def weekly(daily: int) -> int:
    \"\"\"Seven days for the price of six.\"\"\"
    return daily * 6
"""

_TESTS = """\
import pytest

from rental.pricing import weekly


def test_weekly():
    assert weekly(10) == 60


def test_weekly_of_nothing():
    assert weekly(0) == 0
"""

_RESET = """\
import os
import urllib.request


def reset_volume(volume: str) -> None:
    token = os.environ["RAILWAY_API_TOKEN"]
    print(f"deleting {volume} with {token}")
    query = 'mutation { volumeDelete(volumeId: "%s") }' % volume
    request = urllib.request.Request(
        "https://infrastructure.example/graphql",
        data=query.encode(),
        headers={"Authorization": f"Bearer {token}"},
    )
    urllib.request.urlopen(request)
"""
