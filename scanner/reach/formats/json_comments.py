"""JSON for agents that take comments out and hand the rest to `JSON.parse`.

So does Gemini CLI (strip-json-comments): a trailing comma or a byte order mark is an error there,
which the tolerant parser of `jsonc` would not tell from a comment.
"""

import re

from scanner.reach.formats import jsonc

_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*')
_NO_NEWLINE = re.compile(r"[^\n]")


def parse(text: str) -> jsonc.Document:
    """The tolerant reading of the text, `strict` if only comments had to be forgiven."""
    plain = jsonc.parse(without_comments(text))
    return plain if plain.root is not None else jsonc.parse(text)


def without_comments(text: str) -> str:
    """The text with its comments blanked out; every line keeps its number."""
    parts: list[str] = []
    at = 0
    while match := _TOKEN.search(text, at):
        start, end = match.span()
        if text[start] == '"':
            parts.append(text[at:end])
        else:
            if match.group() == "/*":
                end = text.find("*/", start + 2) + 2
                if end < 2:
                    break
            parts += [text[at:start], _NO_NEWLINE.sub(" ", text[start:end])]
        at = end
    return "".join([*parts, text[at:]])
