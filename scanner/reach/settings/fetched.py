"""Commands that run what they have just fetched, or what they carry encoded."""

import re

from scanner.reach.formats import jsonc

_PIPED = re.compile(
    r"\b(?:curl|wget)\b[^\n|;&]{0,300}\|\s{0,8}(?:sudo\s{1,8})?(?:[\w./-]{0,40}/)?"
    r"(?:ba|z|da|k)?sh\b"
)
_SUBSTITUTED = re.compile(
    r"(?:(?:ba|z|da|k)?sh\s{1,8}-c|eval|source|\.)\s{1,8}[\"']?[<$]\(\s{0,8}(?:curl|wget)\b"
)
_DECODED = re.compile(
    r"\bbase64\s{1,8}(?:-d|-D|--decode)\b[^\n|;&]{0,200}\|\s{0,8}(?:sudo\s{1,8})?(?:ba|z|da|k)?sh\b"
)
_LONGEST_LINE = 4096


def fetched_line(text: str) -> int | None:
    """The number of the first line that runs something fetched or decoded; comments aside."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.lstrip().startswith("#") or len(line) > _LONGEST_LINE:
            continue
        if any(pattern.search(line) for pattern in (_PIPED, _SUBSTITUTED, _DECODED)):
            return number
    return None


def fetched_in(node: jsonc.Node | None) -> int | None:
    """The line of the first text in a JSON value that is such a command."""
    if isinstance(node, jsonc.Scalar):
        text = jsonc.string(node)
        return node.line if text is not None and fetched_line(text) is not None else None
    items: tuple[jsonc.Node, ...] = ()
    if isinstance(node, jsonc.Array):
        items = node.items
    elif isinstance(node, jsonc.Object):
        items = tuple(node.members.values())
    return next((line for item in items if (line := fetched_in(item)) is not None), None)
