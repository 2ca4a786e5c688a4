"""What a format's reader hands over: still with the secret, so only inside this package."""

import re
from typing import Final, NamedTuple, Protocol

import msgspec

from scanner.interop.reports.values import ImportedSecret

_LONGEST_TEXT: Final = 200
_LONGEST_PATH: Final = 4_096
_LONGEST_SECRET: Final = 100_000
_COMMIT: Final = re.compile(r"[0-9a-f]{7,64}")
_SHA1: Final = re.compile(r"[0-9a-f]{40}")


class RawSecret(NamedTuple):
    """One entry of a report. Its `repr` shows no secret."""

    rule: str
    path: str
    line: int | None = None
    column: int | None = None
    commit: str | None = None
    verified: bool | None = None
    values: tuple[str, ...] = ()
    """The secret, and other forms of it that our rules may know."""
    sha1: str | None = None
    description: str = ""

    def __repr__(self) -> str:
        return f"<RawSecret of {len(self.values)} values>"


class Digests(Protocol):
    """Makes digests of a secret's bytes: all that one of our findings could have."""

    def __call__(self, secret: bytes, /) -> tuple[str, ...]:
        """The digests; the first stands for the secret where we have no finding of our own."""


class Document(NamedTuple):
    """What a format's reader makes of a file."""

    tool: str
    version: str | None
    secrets: list[RawSecret]
    notes: list[str]

    def __repr__(self) -> str:
        return f"<Document of {self.tool}>"


class UnreadableError(Exception):
    """A document is not what it seemed to be; the text says where, and never what stands there."""


def without_secret(raw: RawSecret, tool: str, digests: Digests) -> ImportedSecret:
    """The entry as it may leave this package."""
    found: dict[str, None] = {}
    for value in raw.values:
        data = value.encode("utf-8", "surrogatepass")
        if 0 < len(data) <= _LONGEST_SECRET:
            found.update(dict.fromkeys(digests(data)))
    commit = (raw.commit or "").lower()
    sha1 = (raw.sha1 or "").lower()
    return ImportedSecret(
        tool=tool,
        rule=_bounded(raw.rule) or "unnamed rule",
        path=_cleaned(raw.path),
        line=raw.line if raw.line is not None and 0 < raw.line < 2**31 else None,
        column=raw.column if raw.column is not None and 0 < raw.column < 2**31 else None,
        commit=commit if _COMMIT.fullmatch(commit) else None,
        verified=raw.verified,
        digests=tuple(found),
        sha1=sha1 if _SHA1.fullmatch(sha1) else None,
        description=_bounded(raw.description),
    )


def _bounded(text: str) -> str:
    return " ".join(text.split())[:_LONGEST_TEXT]


def _cleaned(path: str) -> str:
    """With forward slashes; a path with a NUL is no path."""
    path = path.encode("utf-8", "replace").decode()
    return "" if "\0" in path else path.replace("\\", "/")[:_LONGEST_PATH]


def decode(data: bytes, kind: type[msgspec.Struct] | object) -> object:
    """JSON of one kind. Raises `UnreadableError`."""
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.DecodeError as error:
        raise UnreadableError(_position(data, str(error))) from None
    except RecursionError:
        raise UnreadableError("it is nested too deeply") from None
    except UnicodeDecodeError as error:
        raise UnreadableError(f"byte {error.start} is no UTF-8") from None


def _position(data: bytes, complaint: str) -> str:
    """msgspec's complaint with a line instead of its byte offset."""
    byte = re.search(r" \(byte (\d+)\)", complaint)
    if byte is None:
        if "truncated" in complaint:
            return f"it ends too early, in line {data.count(10) + 1}"
        return complaint[:_LONGEST_TEXT]
    line = data.count(b"\n", 0, int(byte[1])) + 1
    return f"line {line}: {complaint.replace(byte[0], '')[:_LONGEST_TEXT]}"
