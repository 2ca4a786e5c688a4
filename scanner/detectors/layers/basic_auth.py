"""`Authorization: Basic`, Docker's `auth` and npm's `_auth`: a user and a password in base64.

Given as two lines with names, so that the rules for passwords judge the password.
Sources: RFC 7617; https://docs.docker.com/reference/cli/docker/login/ (credential store).
"""

from collections.abc import Iterator, Sequence
from typing import Final

from scanner.detectors.layers._sextets import STANDARD, character, decode, is_text, run_end
from scanner.detectors.layers._work import Derived, Hits, Work, flat, whole
from scanner.detectors.trigger import Trigger
from scanner.model import Layer

ARCHIVE: Final = False
_KIND: Final = "basic-auth"

_HEAD: Final = 8
_MOST: Final = 4096
_USER: Final = b"username: "
_PASSWORD: Final = b"\npassword: "


def triggers(prefixes: Sequence[bytes]) -> Iterator[Trigger]:
    """The words before the run and its first characters."""
    del prefixes
    run = rf"[A-Za-z0-9+/]{{{_HEAD}}}"
    yield Trigger("run", rf"basic {run}", case_insensitive=True)
    yield Trigger("run", rf"\"auth\" ?: ?\"{run}")
    yield Trigger("run", rf"_auth ?= ?\"?{run}")


def derive(content: bytes, hits: Hits, work: Work) -> Iterator[Derived]:
    """Every run that decodes to a user, a colon and a password."""
    del work
    done = 0
    for end in flat(hits):
        start = end - _HEAD
        if start < done:
            continue
        stop = run_end(content, start, STANDARD)
        done = stop
        data = _lines(content[start:stop]) if stop - start <= _MOST else b""
        if data:
            yield Derived(Layer(_KIND, ((start, stop),)), data)


def unwrap(content: bytes, layer: Layer) -> bytes:
    """The two lines."""
    start, end = whole(layer, content)
    data = _lines(content[start:end])
    if not data:
        raise ValueError("not the bytes of a basic-auth layer")
    return data


def position(content: bytes, layer: Layer, offset: int) -> int:
    """Exact: the character that holds the byte's first bits."""
    start, end = whole(layer, content)
    user = decode(content[start:end]).index(b":")
    if offset <= len(_USER) + user:
        return start + character(max(0, offset - len(_USER)))
    return start + character(max(user, offset - len(_USER) - len(_PASSWORD) + 1))


def _lines(run: bytes) -> bytes:
    """Empty when the run is something else."""
    data = decode(run)
    user, colon, password = data.partition(b":")
    if not colon or not password or not is_text(data) or b"\n" in data or b"\r" in data:
        return b""
    return _USER + user + _PASSWORD + password + b"\n"
