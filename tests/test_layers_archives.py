"""Archives: what is in them, and what they do to be trusted too far."""

import base64
import bz2
import gzip
import io
import json
import lzma
import struct
import sys
import tarfile
import zipfile
import zlib

import pytest

from scanner.detectors.layers import Limits, position, unwrap
from tests.test_layers_api import everything, holders, kinds_to, step, token

LINE = b"export GITHUB_TOKEN=%s\n"
ROOM = Limits(expansion=24 << 20)


def _line(seed: int = 0) -> bytes:
    return LINE % token(seed)


def _zip(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), data, method)
    return buffer.getvalue()


class _Pipe(io.RawIOBase):
    """Cannot seek, so that `zipfile` writes sizes behind the data."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.data += data
        return len(data)


def _streamed_zip(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), data, method)
    return bytes(pipe.data)


def _tar(members: dict[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for name, data in members.items():
            about = tarfile.TarInfo(name)
            about.size = len(data)
            archive.addfile(about, io.BytesIO(data))
    return buffer.getvalue()


def _ar(members: dict[str, bytes]) -> bytes:
    data = b"!<arch>\n"
    for name, body in members.items():
        data += f"{name + '/':<16}{0:<12}{0:<6}{0:<6}{644:<8}{len(body):<10}`\n".encode()
        data += body + b"\n" * (len(body) % 2)
    return data


# --------------------------------------------------------------------------------------- what is in


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
@pytest.mark.parametrize("build", [_zip, _streamed_zip])
def test_zip(build: object, method: int) -> None:
    assert build in (_zip, _streamed_zip)
    make = _zip if build is _zip else _streamed_zip
    content = make({"a/b.txt": b"hello, reader\n" * 3, "empty": b"", "c.env": _line()}, method)
    found, problems = step(content)
    assert [(each.layer.detail, each.data) for each in found] == [
        ("a/b.txt", b"hello, reader\n" * 3),
        ("c.env", _line()),
    ]
    assert problems == []
    for each in found:
        assert unwrap(content, (each.layer,)) == each.data
    if method == zipfile.ZIP_STORED:
        at = position(content, (found[1].layer,), 7)
        assert content.startswith(b"GITHUB_TOKEN", at)


@pytest.mark.parametrize("lead", [b"#!/usr/bin/env python3\n", b"MZ\x90\x00" + b"\0" * 60])
def test_zip_behind_a_program(lead: bytes) -> None:
    assert ("zip",) in kinds_to(lead + _zip({"config.env": _line()}), token())


def test_zip_without_its_end() -> None:
    content = _zip({"first": _line(), "second": _line(1)})
    cut = content[: content.index(b"PK\x01\x02")]
    found, problems = step(cut)
    assert [each.data for each in found] == [_line(), _line(1)]
    assert problems == ["a zip archive has no directory at its end; members may be missing"]


def test_zip_cut_within_a_member() -> None:
    content = _zip({"first": _line(), "second": bytes(range(256)) * 2})
    cut = content[: content.rindex(b"second", 0, content.index(b"PK\x01\x02")) + 60]
    found, problems = step(cut)
    assert found[0].data == _line()
    assert "a member of a zip archive is larger than the archive, or cut off" in problems


def test_zip_that_is_encrypted() -> None:
    content = bytearray(_zip({"first": _line(), "second": _line(1)}))
    content[6] |= 1
    found, problems = step(bytes(content))
    assert [each.data for each in found] == [_line(1)]
    assert problems == ["a member of a zip archive is encrypted"]


@pytest.mark.parametrize("claim", [0, 3, 1_000_000, 0xFFFFFFFE])
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_zip_that_lies_about_sizes(claim: int, method: int) -> None:
    content = bytearray(_zip({"first": _line(), "second": _line(1)}, method))
    struct.pack_into("<L", content, 18, claim)
    found, problems = step(bytes(content))
    assert any(each.data == _line(1) for each in found)
    assert problems
    for each in found:
        assert unwrap(bytes(content), (each.layer,)) == each.data


def test_zip_whose_directory_lies() -> None:
    content = bytearray(_zip({"first": _line(), "second": _line(1)}))
    end = content.index(b"PK\x05\x06")
    struct.pack_into("<L", content, end + 16, 5)
    struct.pack_into("<L", content, end + 12, 0xFFFFFFFF)
    found, _ = step(bytes(content))
    assert [each.data for each in found] == [_line(), _line(1)]


def test_zip_members_that_its_directory_leaves_out() -> None:
    hidden, shown = _zip({"hidden": _line()}), _zip({"shown": _line(1)})
    content = hidden[: hidden.index(b"PK\x01\x02")] + shown
    assert {each.layer.detail for each in step(content)[0]} == {"hidden", "shown"}


def test_zip_by_an_unknown_method() -> None:
    content = bytearray(_zip({"first": _line()}))
    struct.pack_into("<H", content, 8, 99)
    found, problems = step(bytes(content))
    assert found == []
    assert problems == ["a member of a zip archive is packed by a method that is not supported"]


def test_names_of_members_are_made_harmless() -> None:
    name = "a\x1b[31m\u202eb\n" + "c" * 5000
    (found,), _ = step(_zip({name: _line()}))
    assert found.layer.detail.startswith("a?[31m?b?ccc")
    assert len(found.layer.detail) == 200
    (found,), _ = step(_tar({"x\ty": _line()}))
    assert found.layer.detail == "x?y"


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_tar(form: int) -> None:
    long = "d/" * 40 + "file.env"
    content = _tar({"a.txt": b"hello\n", long: _line(), "last": _line(1)}, form)
    found, problems = step(content)
    assert [(each.layer.detail, each.data) for each in found] == [
        ("a.txt", b"hello\n"),
        (long, _line()),
        ("last", _line(1)),
    ]
    assert problems == []
    assert position(content, (found[1].layer,), 3) == content.index(_line()) + 3


def test_tar_with_names_too_long_for_a_header() -> None:
    long = "e" * 300
    for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        found, _ = step(_tar({long: _line(), "ß.env": _line(1)}, form))
        assert [each.data for each in found] == [_line(), _line(1)]
        assert found[0].layer.detail == "e" * 197 + "..."
        assert found[1].layer.detail == "ß.env"


def test_tar_with_links_and_devices() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
            about = tarfile.TarInfo("../../etc/passwd")
            about.type, about.linkname = kind, "/etc/shadow"
            archive.addfile(about)
        about = tarfile.TarInfo("folder")
        about.type = tarfile.DIRTYPE
        archive.addfile(about)
        about = tarfile.TarInfo("file")
        about.size = len(_line())
        archive.addfile(about, io.BytesIO(_line()))
    found, problems = step(buffer.getvalue())
    assert [(each.layer.detail, each.data) for each in found] == [("file", _line())]
    assert problems == []


def _with_checksum(header: bytearray) -> bytes:
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


@pytest.mark.parametrize("more", [0, 1, 3])
def test_tar_with_a_sparse_file(more: int) -> None:
    header = bytearray(_tar({"sparse": _line()}, tarfile.GNU_FORMAT)[:512])
    header[156:157] = b"S"
    header[482] = 1 if more else 0
    header[483:495] = b"77777777777\0"  # eight gigabytes when it is written out
    maps = [bytearray(512) for _ in range(more)]
    for block in maps[:-1]:
        block[504] = 1
    body = _line().ljust(512, b"\0")
    content = _with_checksum(header) + b"".join(maps) + body + _tar({"next": _line(1)})
    found, _ = step(content)
    assert [(each.layer.detail, each.data) for each in found] == [
        ("sparse", _line()),
        ("next", _line(1)),
    ]


def test_tar_that_lies_about_a_size() -> None:
    header = bytearray(_tar({"file": _line()})[:512])
    for claim in (b"00077777777\0", b"\x80" + b"\xff" * 11):
        header[124:136] = claim
        content = _with_checksum(header) + _line().ljust(512, b"\0")
        found, problems = step(content)
        assert _line() in found[0].data
        assert problems == ["a member of a tar archive is larger than the archive, or cut off"]


def test_damaged_tar() -> None:
    content = bytearray(_tar({"first": _line(), "second": _line(1)}))
    content[1024] ^= 1
    found, problems = step(bytes(content))
    assert [each.layer.detail for each in found] == ["first"]
    assert problems == ["a tar archive is damaged; the rest was not looked at"]


@pytest.mark.parametrize(
    ("kind", "pack"),
    [("gzip", gzip.compress), ("bzip2", bz2.compress), ("xz", lzma.compress)],
)
def test_packed_tar(kind: str, pack: object) -> None:
    assert callable(pack)
    content = pack(_tar({"file": _line()}))
    assert (kind, "tar") in kinds_to(content, token())


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_several_streams_in_one_file(pack: object) -> None:
    assert callable(pack)
    content = pack(_line()) + pack(b"") + pack(_line(1)) + b"\0\0trailing"
    (found,), problems = step(content)
    assert found.data == _line() + _line(1)
    assert problems == []
    assert unwrap(content, (found.layer,)) == found.data


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_cut_and_damaged_streams(pack: object) -> None:
    assert callable(pack)
    content = pack(b"".join(_line(seed) for seed in range(2000)))
    for bad, reason in (
        (content[: len(content) * 2 // 3], "ends early"),
        (content[: len(content) // 2] + b"\xff" * 64 + content[len(content) // 2 :], "is damaged"),
    ):
        found, problems = step(bad)
        assert len(problems) == 1
        assert reason in problems[0] or "ends early" in problems[0]
        for each in found:
            assert unwrap(bad, (each.layer,)) == each.data
        if pack is gzip.compress:
            assert found[0].data.startswith(_line())


def test_debian_package() -> None:
    content = _ar(
        {
            "debian-binary": b"2.0\n",
            "control.tar.gz": gzip.compress(_tar({"./postinst": _line()})),
            "data.tar.xz": lzma.compress(_tar({"./etc/shop.env": _line(1)})),
        }
    )
    assert kinds_to(content, token()) == {("ar", "gzip"), ("ar", "gzip", "tar")}
    layers = max((layers for layers, _ in holders(content, token(1))), key=len)
    assert [layer.detail for layer in layers] == ["data.tar.xz", "", "./etc/shop.env"]


@pytest.mark.parametrize("digits", [b"9999999999", b"-5        ", b"abc       ", b"          "])
def test_ar_that_lies(digits: bytes) -> None:
    content = _ar({"file": _line()}).replace(f"{len(_line()):<10}".encode(), digits)
    found, problems = step(content)
    assert len(problems) == 1
    assert all(unwrap(content, (each.layer,)) == each.data for each in found)


def test_container_image() -> None:
    config = {"config": {"Env": [f"GITHUB_TOKEN={token().decode()}"]}, "history": []}
    layer = _tar({"app/.env": _line(1)})
    content = _tar(
        {
            "manifest.json": b"[]",
            "blobs/sha256/aa": json.dumps(config).encode(),
            "blobs/sha256/bb": gzip.compress(layer),
            "cc/layer.tar": layer,
        }
    )
    ((layers, _),) = [each for each in holders(content, token()) if len(each[0]) == 1]
    assert layers[0].detail == "blobs/sha256/aa"
    assert {("tar", "tar"), ("tar", "gzip", "tar")} <= kinds_to(content, token(1))


def test_office_document_in_base64_in_json() -> None:
    part = b"<w:document><w:t>password: " + token() + b"</w:t></w:document>"
    document = _zip({"[Content_Types].xml": b"<Types/>", "word/document.xml": part})
    content = b'{"name": "a.docx", "body": "' + base64.b64encode(document) + b'"}'
    ((layers, _),) = holders(content, token())
    assert [layer.kind for layer in layers] == ["base64", "zip"]
    assert layers[1].detail == "word/document.xml"


# ---------------------------------------------------------------------------------------- bombs


def test_a_member_of_zeros() -> None:
    content = _zip({"zeros": bytes(20 << 20), "after": _line()})
    found, problems = step(content, ROOM)
    assert {each.layer.detail for each in found if each.data == _line()} == {"after"}
    assert sum(len(each.data) for each in found) < 6 << 20
    assert problems == [
        "a member of a zip archive expands to more than the limit; the rest was not looked at"
    ]


def test_an_archive_of_archives_of_archives() -> None:
    content = _zip({f"{name}": bytes(3 << 20) for name in range(4)})
    for _ in range(4):
        content = _zip({f"{name}.zip": content for name in range(8)})
    total = 0
    deepest = 0
    for layers, data in everything(content, Limits(expansion=4 << 20)):
        total += len(data)
        deepest = max(deepest, len(layers))
    assert deepest <= 4
    assert total < 64 << 20


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_stream_bombs(pack: object) -> None:
    assert callable(pack)
    content = pack(_line() + bytes(40 << 20))
    found, problems = step(content, ROOM)
    assert len(problems) == 1
    assert "expands to more than the limit" in problems[0]
    assert sum(len(each.data) for each in found) <= ROOM.expansion
    for each in found:
        assert unwrap(content, (each.layer,)) == each.data


def test_members_that_overlap() -> None:
    """One packed body under many headers, each inside the one before."""
    body = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = body.compress(bytes(1 << 20)) + body.flush()
    content = packed
    for number in range(40):
        name = b"%03d" % number
        header = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 0, 0, 0, 0, len(content), 0, 3, 0)
        content = header + name + content
    found, _ = step(content, ROOM)
    assert len(found) == 1


def test_more_members_than_the_limit() -> None:
    content = _tar({f"file-{number}": b"text" for number in range(50)})
    found, problems = step(content, Limits(members=20))
    assert len(found) == 20
    assert problems == ["too much is encoded or packed in it; the rest was not looked at"]


# ----------------------------------------------------------------------------------------- the rest


@pytest.mark.parametrize(
    ("magic", "name"),
    [
        (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive is not opened"),
        (b"Rar!\x1a\x07\x01\x00", "a RAR archive is not opened"),
        (b"MSCF\0\0\0\0", "a cabinet archive is not opened"),
        (b"\xed\xab\xee\xdb", "an RPM package is not opened"),
    ],
)
def test_what_is_not_opened_is_named(magic: bytes, name: str) -> None:
    assert step(magic + bytes(50)) == ([], [name])
    assert step(b"text about " + magic + bytes(50)) == ([], [])


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="can be opened")
def test_zstandard_is_named() -> None:
    found, problems = step(b"\x28\xb5\x2f\xfd" + bytes(20))
    assert found == []
    assert problems == ["a Zstandard file is not opened: that needs Python 3.14"]


def _pdf(text: bytes) -> bytes:
    stream = zlib.compress(b"BT /F1 12 Tf 20 100 Td (" + text + b") Tj ET")
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 200]/Contents 4 0 R"
        b"/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(stream), stream),
    ]
    data, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(data))
        data += b"%d 0 obj%s endobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return data + (
        b"xref\n0 5\n0000000000 65535 f \n" + table
        + b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % len(data)
    )  # fmt: skip


def test_pdf() -> None:
    pytest.importorskip("pypdf")
    content = _pdf(b"token " + token())
    ((layers, _),) = holders(content, token())
    assert (layers[0].kind, layers[0].detail) == ("pdf", "page 1")


def test_pdf_that_is_damaged(capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pypdf")
    found, problems = step(b"%PDF-1.7\n" + bytes(range(256)) * 4)
    assert found == []
    assert problems == ["a PDF file is damaged or encrypted"]
    assert capfd.readouterr().err == ""
