"""A match of a rule's pattern on its way through the checks: the only type here that holds text."""

from typing import Final

from scanner.rules.secrets import SecretRule

CONTEXT: Final = 2048
"""Bytes of the content on either side of a candidate that checks may look at."""


class Candidate:
    """The bytes around one pattern match and where in them the secret is.

    Lives only while one content is judged; its `repr` shows no content, so that no traceback can.
    """

    __slots__ = (
        *("_line", "data", "end", "looked_around", "match_start", "origin", "rule", "start"),
        "whole",
    )

    def __init__(
        self,
        rule: SecretRule,
        data: bytes,
        span: tuple[int, int],
        match_start: int,
        origin: int,
        whole: tuple[bool, bool],
    ) -> None:
        self.rule = rule
        self.data = data
        """Checks look at what is in `near` only, or else take `around`."""
        self.start, self.end = span
        """The secret is `data[start:end]`."""
        self.match_start = match_start
        """Where the whole match starts; a name may stand between it and `start`."""
        self.origin = origin
        """Offset of `data` in its content."""
        self.whole = whole
        """Whether `data` begins and ends where the content does."""
        self.looked_around = False
        """Whether a check has asked for `around`."""
        self._line: tuple[int, int] | None = None

    def __repr__(self) -> str:
        return f"<Candidate {self.rule.id} of {self.end - self.start} bytes>"

    @property
    def secret(self) -> bytes:
        """The bytes judged."""
        return self.data[self.start : self.end]

    @property
    def lead(self) -> bytes:
        """What the pattern matched before the secret: a name and an equals sign, a URL's user."""
        return self.data[self.match_start : self.start]

    @property
    def line(self) -> tuple[int, int]:
        """Start and end in `data` of the line (or lines) the secret stands on."""
        if self._line is None:
            start = self.data.rfind(b"\n", 0, self.start) + 1
            end = self.data.find(b"\n", self.end)
            self._line = start, len(self.data) if end < 0 else end
        return self._line

    @property
    def near(self) -> tuple[int, int]:
        """Start and end in `data` of all that a check may look at without asking for `around`: the
        lines of the whole match, the byte before them, and the line feed behind with one more."""
        start = self.data.rfind(b"\n", 0, min(self.start, self.match_start))
        return max(start - 1, 0), min(self.line[1] + 2, len(self.data))

    @property
    def around(self) -> bytes:
        """All of `data`. What is made of it holds for this place only, not for the same lines
        elsewhere, so it costs time."""
        self.looked_around = True
        return self.data

    @property
    def before(self) -> bytes:
        """The line up to the secret."""
        return self.data[self.line[0] : self.start]

    @property
    def after(self) -> bytes:
        """The line behind the secret, without a carriage return."""
        return self.data[self.end : self.line[1]].rstrip(b"\r")

    @property
    def line_complete(self) -> bool:
        """False where the line is longer than the context: minified code, a data file."""
        start, end = self.line
        return (start > 0 or self.whole[0]) and (end < len(self.data) or self.whole[1])
