"""Edits as unified diffs that `git apply` takes, without a secret in any line."""

import difflib
from collections.abc import Collection, Sequence

from scanner.model.fixes import FileEdit, Patch
from scanner.pipeline.redact import redact
from scanner.pipeline.setup import Setup

_CONTEXT = (3, 2, 1)
"""Lines around a change. git wants one at least behind it, and fewer keep a secret out of sight."""
_NO_NEWLINE = "\\ No newline at end of file\n"


def patches(edits: Sequence[FileEdit], setup: Setup) -> tuple[Patch, ...]:
    """One for each edit, in their order."""
    return tuple(_patch(edit, setup) for edit in edits)


def _patch(edit: FileEdit, setup: Setup) -> Patch:
    before = (edit.before or b"").decode()
    secret = _secret_lines(before, setup)
    text = ""
    for context in _CONTEXT:
        text = unified(edit, context)
        if _clean(text, secret) and _redacted(text, setup) == text:
            return Patch(edit.path, text, masked=False)
    shown = "".join(_masked(line, secret) for line in _lines(text))
    return Patch(edit.path, _redacted(shown, setup), masked=True)


def unified(edit: FileEdit, context: int) -> str:
    """The diff as git writes it; empty where nothing changes."""
    if edit.before == edit.after:
        return ""
    old, new = _lines((edit.before or b"").decode()), _lines(edit.after.decode())
    name = edit.path
    head = f"diff --git a/{name} b/{name}\n"
    head += "new file mode 100644\n" if edit.before is None else ""
    origin = "/dev/null" if edit.before is None else f"a/{name}"
    body = list(difflib.unified_diff(old, new, n=context, lineterm="\n"))[2:]
    ended = (line if line.endswith("\n") else f"{line}\n{_NO_NEWLINE}" for line in body)
    return f"{head}--- {origin}\n+++ b/{name}\n{''.join(ended)}"


def _lines(text: str) -> list[str]:
    """Split at line feeds only, as git does."""
    lines = [f"{line}\n" for line in text.split("\n")]
    lines[-1] = lines[-1].removesuffix("\n")
    return lines if lines[-1] else lines[:-1]


def _secret_lines(text: str, setup: Setup) -> frozenset[str]:
    """The lines that change when the whole text is masked: a key over several lines is only seen
    as a whole."""
    shown = set(_redacted(text, setup).split("\n"))
    return frozenset(line for line in text.split("\n") if line not in shown)


def _clean(diff: str, secret: Collection[str]) -> bool:
    return not any(line[1:].rstrip("\n") in secret for line in _lines(diff))


def _masked(line: str, secret: Collection[str]) -> str:
    hidden = line[1:].rstrip("\n") in secret
    return f"{line[:1]}(a line with a secret)\n" if hidden else line


def _redacted(text: str, setup: Setup) -> str:
    return redact(text, setup.text_session(), setup.rules, ())
