"""PDF: the text of each page, with the optional package pypdf (`agentreach[pdf]`)."""

import logging
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Final

from scanner.detectors.layers._work import Derived, Hits, Work, whole
from scanner.detectors.trigger import Trigger
from scanner.model import Layer

if TYPE_CHECKING:
    from pypdf import PdfReader

ARCHIVE: Final = True
_KIND: Final = "pdf"
_MAGIC: Final = b"%PDF-"
_PAGE: Final = "page "
_MOST_PAGES: Final = 500
_LARGEST: Final = 32 << 20


def triggers(prefixes: Sequence[bytes]) -> Iterator[Trigger]:
    """The magic; it counts only at the start."""
    del prefixes
    yield Trigger("magic", r"%PDF-[12][.]")


def derive(content: bytes, hits: Hits, work: Work) -> Iterator[Derived]:
    """One text a page."""
    del hits
    if not content.startswith(_MAGIC):
        return
    if len(content) > _LARGEST:
        work.problem("a PDF file is too large to be read")
        return
    try:
        reader = _reader(content)
        count = len(reader.pages)
    except ImportError:
        work.problem("a PDF file is not opened: install agentreach[pdf]")
        return
    except Exception:  # of a hostile file: the library promises no narrower class
        work.problem("a PDF file is damaged or encrypted")
        return
    if count > _MOST_PAGES:
        work.problem(f"a PDF file has more than {_MOST_PAGES} pages; the rest was not read")
    for number in range(min(count, _MOST_PAGES)):
        try:
            text = _text(reader, number)
        except Exception:  # as above
            work.problem("a page of a PDF file cannot be read")
            continue
        if text.strip():
            yield Derived(Layer(_KIND, ((0, len(content)),), f"{_PAGE}{number + 1}"), text)


def unwrap(content: bytes, layer: Layer) -> bytes:
    """The page's text."""
    start, end = whole(layer, content)
    if not layer.detail.startswith(_PAGE) or not layer.detail[len(_PAGE) :].isdecimal():
        raise ValueError("a pdf layer names its page")
    try:
        reader = _reader(content[start:end])
        return _text(reader, int(layer.detail[len(_PAGE) :]) - 1)
    except Exception as error:  # as in `derive`
        raise ValueError("not a PDF file with that page") from error


def position(content: bytes, layer: Layer, offset: int) -> int:
    """The start: the text of a page has no place of its own."""
    del content, offset
    return layer.spans[0][0]


def _reader(content: bytes) -> "PdfReader":
    """Raises `ImportError` and whatever the library does."""
    from pypdf import PdfReader

    # It would write what it thinks of a damaged file to standard error.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL + 1)
    return PdfReader(BytesIO(content), strict=False)


def _text(reader: "PdfReader", number: int) -> bytes:
    return reader.pages[number].extract_text().encode("utf-8", "replace")
