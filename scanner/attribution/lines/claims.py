"""Collects claims while a record is read."""

from collections.abc import Iterable

from scanner.attribution.lines.spans import merged
from scanner.model.lines import Author, Claim, Reading


class Claims:
    """Gathers lines by file and author; entries of one author are one claim in the end."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, Author, str | None], list[tuple[int, int]]] = {}
        self._complaints: dict[str, None] = {}

    def agent(self, path: str, agent: str, lines: Iterable[tuple[int, int]] = ()) -> None:
        """An agent wrote these lines; without lines: had a part in this file."""
        self._lines.setdefault((path, Author.AGENT, agent), []).extend(lines)

    def human(self, path: str, lines: Iterable[tuple[int, int]]) -> None:
        """A person was seen to write these lines."""
        self._lines.setdefault((path, Author.HUMAN, None), []).extend(lines)

    def complain(self, text: str) -> None:
        """Something could not be used. The text is one of ours and quotes nothing."""
        self._complaints[text] = None

    def reading(self, revision: str | None = None) -> Reading:
        """What was gathered, by path."""
        found = sorted(self._lines.items(), key=lambda item: (*item[0][:2], item[0][2] or ""))
        claims = tuple(
            Claim(path, author, agent, merged(lines)) for (path, author, agent), lines in found
        )
        return Reading(claims, revision, tuple(self._complaints))
