"""URLs that carry a credential: before the `@`, in the query, or as a part of the path."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from scanner.reach.entries.entry import Span
from scanner.reach.entries.value import Judged, is_name, judge

_URL = re.compile(r"[a-z][a-z0-9+.-]{1,30}://[^\s\"'<>]{1,4000}", re.IGNORECASE)
_USERINFO = re.compile(r"[a-z][a-z0-9+.-]{1,30}://([^/?#\s@:]*)(?::([^/?#\s@]*))?@", re.IGNORECASE)
_QUERY = re.compile(r"[?&]([A-Za-z_][\w.-]{0,60})=([^&#\s]{1,2000})")
_SEGMENT = re.compile(r"/([A-Za-z0-9_=.~-]{20,400})(?=[/?#]|$)")
_SECRET_KEY = re.compile(
    r"key|token|secret|auth|pass|pwd|sig(?:nature)?$|credential|^code$", re.IGNORECASE
)
# Names that a URL holds in place of a person: whoever uses it needs no password for them.
_OPEN_NAMES = frozenset({"git", "oauth2", "oauth", "x-access-token", "x-token-auth", "token"})


class Part(NamedTuple):
    """A part of a URL that may be a credential."""

    name: str
    start: int
    end: int
    value: Judged


def has_url(text: str) -> bool:
    """Whether there is a URL in it."""
    return _URL.search(text) is not None


def credentials(text: str) -> Iterator[Part]:
    """The parts of the URLs in a text that may be credentials. Placeholders are among them."""
    for url in _URL.finditer(text):
        yield from _userinfo(url.group(), url.start())
        for match in _QUERY.finditer(url.group()):
            if _SECRET_KEY.search(match.group(1)):
                yield from _part(f"?{match.group(1)}", match, 2, url.start())
        bare = url.group().partition("?")[0]
        start = bare.find("/", bare.find("://") + 3)
        for match in _SEGMENT.finditer(bare, start) if start >= 0 else ():
            # A run of random signs: letters and digits that no name is made of.
            segment = match.group(1)
            mixed = any(char.isdigit() for char in segment) and any(map(str.isalpha, segment))
            if mixed and not is_name(segment):
                yield from _part("path of the URL", match, 1, url.start())


def part_of(span: Span, part: Part) -> Span:
    """The part's own span within that of the text, where the text stands on one line."""
    if span.column is None or span.end_line is not None:
        return span
    return msgspec.structs.replace(
        span, column=span.column + part.start, end_column=span.column + part.end
    )


def _userinfo(url: str, offset: int) -> Iterator[Part]:
    match = _USERINFO.match(url)
    if match is None:
        return
    if match.group(2):
        yield from _part("password in the URL", match, 2, offset)
        return
    user = match.group(1)
    if user.lower() not in _OPEN_NAMES and (not is_name(user) or "$" in user):
        yield from _part("user in the URL", match, 1, offset)


def _part(name: str, match: re.Match[str], group: int, offset: int) -> Iterator[Part]:
    judged = judge(match.group(group))
    if judged is not None:
        yield Part(name, offset + match.start(group), offset + match.end(group), judged)
