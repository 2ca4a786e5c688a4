"""Layers: what holds for every content."""

import base64
import bz2
import gzip
import io
import tarfile
import zipfile
import zlib

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.detectors.layers import Limits, derive, position, unwrap
from tests.test_layers_api import TRIGGERS, everything, hits_of, step, token

SMALL = Limits(depth=3, expansion=1 << 20)
QUIET = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def _zip(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in "ab":
            about = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
            archive.writestr(about, data + name.encode(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _tar(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        about = tarfile.TarInfo("a" * 120)
        about.size = len(data)
        archive.addfile(about, io.BytesIO(data))
    return buffer.getvalue()


WRAPPINGS = st.sampled_from(
    [
        base64.b64encode,
        base64.urlsafe_b64encode,
        base64.encodebytes,
        lambda data: data.hex().encode(),
        lambda data: b"".join(b"%%%02x" % byte for byte in data),
        lambda data: b"".join(b"\\u%04x" % byte for byte in data),
        lambda data: data.decode("latin-1").encode("utf-16"),
        lambda data: data.decode("latin-1").encode("utf-16-be"),
        lambda data: data.decode("latin-1").encode("utf-32-le"),
        lambda data: base64.b64encode(zlib.compress(data)),
        lambda data: b"kind: Secret\ndata:\n  a: " + base64.b64encode(data) + b"\n",
        lambda data: b"Authorization: Basic " + base64.b64encode(data),
        lambda data: b'"' + data[:20] + b'" + "' + data[20:] + b'"',
        lambda data: b'{"nbformat": 4, "source": ["' + data.replace(b"\n", b"\\n") + b'"]}',
        lambda data: b"token: >-\n  " + data,
        lambda data: gzip.compress(data, mtime=0),
        bz2.compress,
        _zip,
        _tar,
    ]
)
TEXTS = st.one_of(
    st.binary(max_size=80),
    st.sampled_from([token(), b"TOKEN=" + token() + b"\n" * 3, b"user:" + token()]),
)


@st.composite
def contents(draw: st.DrawFn) -> bytes:
    """Texts wrapped several times, with some bytes changed, cut off or put in between."""
    data = draw(TEXTS)
    for wrap in draw(st.lists(WRAPPINGS, min_size=1, max_size=3)):
        data = draw(st.sampled_from([b"", b"TOKEN=", b"x/"])) + wrap(data)
        if len(data) > 20_000:
            break
    damage = draw(st.sampled_from(["none", "none", "change", "cut", "insert"]))
    at = draw(st.integers(0, max(0, len(data) - 1)))
    if damage == "change":
        data = data[:at] + draw(st.binary(min_size=1, max_size=4)) + data[at + 4 :]
    elif damage == "cut":
        data = data[:at]
    elif damage == "insert":
        data = data[:at] + draw(st.binary(max_size=20)) + data[at:]
    return data


@QUIET
@given(contents())
def test_unwrapping_gives_what_was_derived(content: bytes) -> None:
    for layers, data in everything(content, SMALL):
        assert unwrap(content, layers) == data
        for offset in {0, len(data) // 2, len(data)}:
            assert 0 <= position(content, layers, offset) <= len(content)


@QUIET
@given(contents())
def test_a_step_is_the_same_twice(content: bytes) -> None:
    assert step(content, SMALL) == step(content, SMALL)


NAMES = sorted({each.name for each in TRIGGERS})
STARTS = st.sampled_from(
    [b"", b"PK\x03\x04", b"\x1f\x8b\x08", b"BZh91AY&SY", b"\xfd7zXZ\x00", b"!<arch>\n", b"%PDF-1.7",
     b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0", b"{", b'{"source": [', b"kind: Secret\ndata:\n",
     b"\0" * 257 + b"ustar\0"],
)  # fmt: skip


@QUIET
@given(
    STARTS,
    st.binary(max_size=400),
    st.dictionaries(st.sampled_from(NAMES), st.sets(st.integers(0, 420), max_size=5)),
)
def test_no_bytes_and_no_hits_raise(start: bytes, body: bytes, hits: dict[str, set[int]]) -> None:
    content = start + body
    fitting = {
        name: sorted(end for end in ends if end <= len(content)) for name, ends in hits.items()
    }
    problems: list[str] = []
    for derived in derive(content, fitting, SMALL, problems.append):
        assert unwrap(content, (derived.layer,)) == derived.data
        for low, high in derived.layer.spans:
            assert 0 <= low <= high <= len(content)
    for problem in problems:
        assert problem.isascii()


@QUIET
@given(st.binary(max_size=300))
def test_hits_of_anything_lie_inside(content: bytes) -> None:
    for ends in hits_of(content).values():
        assert all(0 < end <= len(content) for end in ends)
