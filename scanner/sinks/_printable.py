r"""Makes text from a hostile repository safe to show, without losing any of it.

Every string of a report passes through `printable` before a sink writes it, in every format. What
would act on a terminal, a log reader or a reviewer's eye becomes an ASCII escape:

- `\xNN`, below 80: an ASCII control character; from 80 on: a byte that is not UTF-8
- `\uNNNN`, `\UNNNNNNNN`: any other character that is invisible, unassigned, or changes direction
- `\x23`: the first `#` of `##[` and `##word[`, which CI systems obey anywhere in a line
- `\\`: a backslash, doubled only in texts where it could be mistaken for one of these

`original` undoes it exactly.
"""

import re

# Visible to `str.isprintable`, but drawn as nothing or as a blank: the grapheme joiner, Hangul
# and Braille fillers, inherent Khmer vowels, variation selectors (text can hide in their order).
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U0001d159\U000e0100-\U000e01ef]"
)

# GitHub's runner obeys `##[command]` and Azure Pipelines `##vso[command]` wherever they stand in a
# line (actions/runner, ActionCommand.TryParse); TeamCity has `##teamcity[`.
_LOG_COMMAND = re.compile(r"#(?=#\w*\[)")

_NEEDS_ESCAPING = re.compile(rf"{_INVISIBLE.pattern}|{_LOG_COMMAND.pattern}|\\[\\xuU]")
_ESCAPE = re.compile(r"\\(?:(\\)|x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8}))")

# GitHub's runner reads a line that starts with `::`, leading blanks apart, as a command.
_LINE_COMMAND = re.compile(r"^(\s*):(?=:)")


def printable(text: str, limit: int | None = None) -> str:
    r"""The text with everything that could act on its reader escaped; see the module's docstring.

    Text decoded with `surrogateescape` is welcome. The result has only printable characters (no
    line breaks), encodes as UTF-8, and `original` gives the text back unless it was cut. With a
    `limit`, text of more characters is cut there and ends in `…`.
    """
    if limit is not None and len(text) > limit:
        text = text[: limit - 1] + "…"
    # Nearly every text is plain ASCII, where whatever needs escaping holds one of these.
    if text.isascii() and text.isprintable() and "#" not in text and "\\" not in text:
        return text
    if text.isprintable() and not _NEEDS_ESCAPING.search(text):
        return text
    doubled = text.replace("\\", "\\\\")
    escaped = "".join(_escape(character) for character in doubled)
    return _LOG_COMMAND.sub(r"\\x23", escaped)


def original(text: str) -> str:
    """What `printable` was given: the inverse, for whoever needs a path's exact bytes."""
    return _ESCAPE.sub(_unescape, text)


def log_safe(line: str) -> str:
    r"""A line that has passed `printable`, with a leading `::` broken up as `\x3a:`.

    For whole lines only: inside a line `::` is harmless, and common in code.
    """
    return _LINE_COMMAND.sub(r"\1\\x3a", line)


def _escape(character: str) -> str:
    if character.isprintable() and not _INVISIBLE.match(character):
        return character
    code = ord(character)
    if code < 0x80:
        return f"\\x{code:02x}"
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _unescape(match: re.Match[str]) -> str:
    backslash, byte, short, long = match.groups()
    if backslash:
        return "\\"
    if byte:
        code = int(byte, 16)
        return chr(code if code < 0x80 else code + 0xDC00)
    return chr(int(short or long, 16))
