"""Puts patterns at the end of an ignore file and leaves everything else as it stands."""

from collections.abc import Sequence


def append(text: str | None, lines: Sequence[str]) -> str:
    """The text with lines behind its last one, in its own line endings; None: a file of its own.

    At the end, because of the patterns of an ignore file the last that matches decides: there they
    hold whatever a `!` before them takes back in.
    """
    if text is None:
        text = ""
    newline = "\r\n" if "\r\n" in text else "\n"
    gap = "" if not text.removeprefix("\ufeff") or text.endswith("\n") else newline
    return text + gap + "".join(f"{line}{newline}" for line in lines)
