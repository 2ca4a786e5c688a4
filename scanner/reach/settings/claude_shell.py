"""Which shell commands a `Bash(...)` pattern of Claude Code matches.

Semantics: https://code.claude.com/docs/en/permissions, "Bash", "Wildcard patterns" and "Wrappers".
A pattern is looked at for one simple command: Claude Code takes compound ones apart.
"""

import re

_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=\S*$")
_BARE = frozenset({"time", "nohup", "command", "builtin", "noglob"})
_WITH_OPTIONS = frozenset({"timeout", "nice", "stdbuf"})
_DURATION = re.compile(r"[0-9.]+[smhd]?$")


def covers_command(pattern: str, command: str) -> bool:
    """Whether a deny or ask pattern matches a command, wrappers and assignments aside."""
    pattern = pattern.strip()
    if pattern.endswith(":*"):
        pattern = f"{pattern[:-2]} *"
    return _matches(pattern, command) or _matches(pattern, stripped(command))


def stripped(command: str) -> str:
    """Without the leading assignments and wrappers that Claude Code looks through."""
    words = command.split(" ")
    while len(words) > 1:
        first, second = words[0], words[1]
        if (
            _ASSIGNMENT.match(first)
            or (first in _BARE and not second.startswith("-"))
            or (first == "xargs" and not second.startswith("-"))
        ):
            words = words[1:]
        elif first in _WITH_OPTIONS:
            words = _without_options(first, words[1:])
        else:
            break
    return " ".join(words)


def _without_options(wrapper: str, words: list[str]) -> list[str]:
    while len(words) > 1 and words[0].startswith("-"):
        takes_value = words[0] in ("-n", "-k", "-s", "-i", "-o", "-e")
        words = words[2:] if takes_value and len(words) > 2 else words[1:]
    if wrapper == "timeout" and len(words) > 1 and _DURATION.match(words[0]):
        words = words[1:]
    return words


def _matches(pattern: str, command: str) -> bool:
    """`*` is any text, spaces included; ` *` at the end also matches nothing at all."""
    if pattern.endswith(" *") and _glob(pattern[:-2], command):
        return True
    return _glob(pattern, command)


def _glob(pattern: str, text: str) -> bool:
    first, *rest = pattern.split("*")
    if not rest:
        return text == first
    if not text.startswith(first):
        return False
    at = len(first)
    for piece in rest[:-1]:
        at = text.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return len(text) - at >= len(rest[-1]) and text.endswith(rest[-1])
