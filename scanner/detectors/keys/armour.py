"""Takes text armour apart: a key's block as people store it, not only as RFC 7468 prints it.

Keys stand in `.env` files on one line, in JSON with `\\n`, in YAML with an indentation, in source
code as concatenated string literals, in comments and in patches. What all of these have in common
is a label, header lines, and lines of Base64 with something before and after.
"""

import base64
import re
from typing import Final

import msgspec

_LABEL: Final = re.compile(rb"-----BEGIN ([A-Z0-9 ]{0,40}?)PRIVATE KEY( BLOCK)?-----")
_SSH_COM: Final = re.compile(rb"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----")
_HEADER: Final = re.compile(rb"^[A-Za-z][A-Za-z0-9-]{1,30}: [^\n]{0,200}$", re.MULTILINE)
# The same headers where line breaks became spaces.
_FOLDED_HEADERS: Final = re.compile(
    rb"Proc-Type: ?4,ENCRYPTED\s{1,9}DEK-Info: ?[A-Z0-9-]{3,30}, ?[0-9A-Fa-f]{16,32}(?=\s)"
)
_ESCAPED_BREAK: Final = re.compile(rb"\\{1,4}r\\{1,4}n|\\{1,4}[nr]|\r\n?")
# In front of a line of Base64: a quote, with or without an operator; a comment's mark.
_LINE_START: Final = re.compile(
    rb"^[ \t]{0,200}"
    rb"(?:(?:[+.&,]|<<)?[ \t]{0,40}[\"'`]|(?:#|//|\*|>|\||;|--|REM)[ \t]{1,8})?[ \t]{0,200}",
    re.MULTILINE,
)
# Behind one: a quote and what joins it to the next, or a backslash that continues the line.
_LINE_END: Final = re.compile(
    rb"(?:[\"'`][ \t]{0,40}(?:[+.&,;)]|\\|<<|\.\.)?[ \t]{0,40}(?:\\|_)?|[ \t]{0,40}\\)[ \t]{0,40}$",
    re.MULTILINE,
)
_CHECKSUM_LINE: Final = re.compile(rb"\n[ \t]*=([A-Za-z0-9+/]{4})\s*$")
# How JSON and XML writers escape what Base64 and line breaks consist of.
_ESCAPED: Final = re.compile(rb"\\+u00(2[bBfF]|3[dD])|\\+(/)|&#(?:x0?[aAdD]|1[03]);")
_NO_TEXT: Final = re.compile(rb"^[^A-Za-z0-9=\n]+$", re.MULTILINE)
_TEXT: Final = re.compile(rb"[A-Za-z0-9=]")
_SPACE: Final = re.compile(rb"\s+")
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/]*={0,2}")


class Armour(msgspec.Struct, frozen=True):
    """The parts of one block."""

    label: bytes
    """Before `PRIVATE KEY`, without the space: `RSA`, `OPENSSH`, empty for PKCS #8."""
    headers: bytes
    """The block with its header lines, for tests such as `Proc-Type`."""
    payload: bytes
    """Decoded; empty when the body is no Base64."""
    checksum: bytes = b""
    """OpenPGP's CRC-24 line, decoded."""

    def __repr__(self) -> str:
        return f"<Armour {self.label.decode('ascii', 'replace')}>"


def open_armour(block: bytes) -> Armour | None:
    """From the BEGIN line to the END line; None where one of them is missing."""
    label = _LABEL.search(block) or _SSH_COM.search(block)
    end = block.rfind(b"-----END") if b"-----END" in block else block.rfind(b"---- END")
    if label is None or end < label.end():
        return None
    name = label[1] if label.re is _LABEL else b"SSH2 ENCRYPTED "
    body = _ESCAPED.sub(_unescaped, block[label.end() : end])
    body = _unpatched(_ESCAPED_BREAK.sub(b"\n", body))
    body = _LINE_START.sub(b"", _LINE_END.sub(b"", _NO_TEXT.sub(b"", body)))
    checksum = b""
    if name == b"PGP " and (found := _CHECKSUM_LINE.search(body)):
        checksum = base64.b64decode(found[1])
        body = body[: found.start()]
    return Armour(name.strip(), body, _payload(body), checksum)


def _unescaped(found: re.Match[bytes]) -> bytes:
    if found[1]:
        return bytes.fromhex(found[1].decode())
    return found[2] or b"\n"


def _unpatched(body: bytes) -> bytes:
    """Without what stands before END on its line; a patch puts that mark before every line."""
    rest, _, mark = body.rpartition(b"\n")
    if _TEXT.search(mark):
        return body
    if mark not in {b"+", b"-"}:
        return rest
    return b"\n".join(line.removeprefix(mark) for line in rest.split(b"\n"))


def _payload(body: bytes) -> bytes:
    lines = _HEADER.sub(b"", _FOLDED_HEADERS.sub(b"", body)).split(b"\n")
    text = _SPACE.sub(b"", b"".join(lines))
    # What is left over at the ends of a literal: `")`, `\`, a comma.
    text = text.strip(b"\\\"'`,;()")
    if not _BASE64.fullmatch(text):
        return b""
    text = text.rstrip(b"=")
    if len(text) % 4 == 1:
        return b""
    return base64.b64decode(text + b"=" * (-len(text) % 4))
