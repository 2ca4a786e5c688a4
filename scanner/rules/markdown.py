"""Text from rule files as Markdown."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>|~])")
_CODE: Final = re.compile(r"(`[^`\n]+`)")


def escaped(text: str) -> str:
    """Text that is not to be read as Markdown; what stands in backticks already is code."""
    return "".join(
        part if part.startswith("`") and len(part) > 2 else _SPECIAL.sub(r"\\\1", part)
        for part in _CODE.split(text)
    )


def code(text: str) -> str:
    """Text as code, whatever backticks it holds; on one line."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest or text != text.strip() else ""
    return f"{fence}{pad}{' '.join(text.splitlines())}{pad}{fence}"


def link(text: str, address: str) -> str:
    """A link whose address holds nothing that would end it early."""
    safe = address.replace("(", "%28").replace(")", "%29").replace(" ", "%20")
    return f"[{escaped(text)}]({safe})"


def anchor(heading: str) -> str:
    """What the code hosts make of a heading, to link to."""
    return re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-")


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are Markdown already. A bar within one is escaped, also in code."""
    lines = [heads, ["---"] * len(heads), *rows]
    cells = ([_cell(cell) for cell in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


def _cell(text: str) -> str:
    return re.sub(r"(?<!\\)\|", r"\\|", " ".join(text.split()))
