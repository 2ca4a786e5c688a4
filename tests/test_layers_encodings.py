"""Encodings: every one of them, at every alignment, and one inside another to depth three."""

import base64
import gzip
import html
import itertools
import json
import random
import zlib
from collections.abc import Callable
from urllib.parse import quote

import pytest

from scanner.detectors.layers import Limits, position
from tests.test_layers_api import holders, kinds_to, shown_at, step, token

NAME = b"GITHUB_TOKEN="


def _percent(data: bytes) -> bytes:
    return b"".join(b"%%%02X" % byte for byte in data)


def _unicode(data: bytes) -> bytes:
    return b'"' + b"".join(b"\\u%04x" % byte for byte in data) + b'"'


TEXT: dict[str, Callable[[bytes], bytes]] = {
    "base64": base64.b64encode,
    "hex": lambda data: data.hex().encode(),
    "percent": _percent,
    "escape": _unicode,
    "zlib-base64": lambda data: base64.b64encode(zlib.compress(data)),
}
BINARY: dict[str, Callable[[bytes], bytes]] = {
    "utf-16": lambda data: data.decode("latin-1").encode("utf-16"),
    "utf-32": lambda data: data.decode("latin-1").encode("utf-32-be"),
    "gzip": lambda data: gzip.compress(data, mtime=0),
}


def _line(value: bytes) -> bytes:
    return b"# for the nightly build\nexport " + NAME + value + b"\n"


@pytest.mark.parametrize("kind", sorted(TEXT))
def test_a_line_with_an_encoded_line(kind: str) -> None:
    content = _line(TEXT[kind](_line(token())))
    assert (kind,) in kinds_to(content, token())


@pytest.mark.parametrize("kind", sorted(TEXT.keys() - {"zlib-base64"}))
def test_a_token_alone(kind: str) -> None:
    assert (kind,) in kinds_to(b"x " + TEXT[kind](token()) + b"\n", token())


@pytest.mark.parametrize("kind", sorted(BINARY))
def test_a_binary_file(kind: str) -> None:
    assert (kind,) in kinds_to(BINARY[kind](_line(token())), token())


@pytest.mark.parametrize("kinds", list(itertools.product(sorted(TEXT), repeat=3)), ids="/".join)
def test_three_in_each_other(kinds: tuple[str, str, str]) -> None:
    content = token()
    for kind in reversed(kinds):
        content = _line(TEXT[kind](_line(content)))
    assert kinds in kinds_to(content, token())


@pytest.mark.parametrize("kind", sorted(BINARY))
def test_a_binary_form_in_base64(kind: str) -> None:
    content = b"run(b64decode('" + TEXT["base64"](BINARY[kind](_line(token()))) + b"'))\n"
    assert ("base64", kind) in kinds_to(content, token())


# ------------------------------------------------------------------------------------------ base64


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("before", range(9))
def test_base64_at_every_alignment(before: int, encode: Callable[[bytes], bytes]) -> None:
    for seed in range(20):
        text = random.Random(seed).randbytes(before) + b" " + token(seed) + b" >>>???\n"
        content = b"v: '" + encode(text) + b"'"
        for layers, data in holders(content, token(seed)):
            at = shown_at(content, token(seed), layers, data)
            index = (at - content.index(encode(text))) * 3 // 4
            assert abs(index - text.index(token(seed))) <= 1
            break
        else:
            pytest.fail(f"not found: {before} bytes before, seed {seed}")


@pytest.mark.parametrize("lead", [b"a/b/", b"tokens/", b"x_", b"ab-cd-", b"", b"abcde"])
def test_base64_with_something_written_against_it(lead: bytes) -> None:
    for seed in range(10):
        content = b"url: " + lead + base64.b64encode(token(seed)) + b"\n"
        assert ("base64",) in kinds_to(content, token(seed))


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\n    "])
@pytest.mark.parametrize("width", [64, 76, 60])
def test_base64_over_lines(width: int, ending: bytes) -> None:
    text = b"# settings of the shop\n" * 9 + NAME + token() + b"\n" + b"# end of the settings\n" * 7
    for shift in range(0, 60, 7):
        encoded = base64.b64encode(b"#" * shift + text)
        lines = [encoded[index : index + width] for index in range(0, len(encoded), width)]
        content = b"body:" + ending + ending.join(lines) + b"\nnext: 1\n"
        found = holders(content, token())
        assert found, shift
        layers, data = found[0]
        assert data == b"#" * shift + text
        at = shown_at(content, token(), layers, data)
        plain = content[:at].replace(ending, b"").removeprefix(b"body:")
        assert len(plain) == (shift + text.index(token())) * 4 // 3


def test_base64_of_what_is_no_text_is_left_alone() -> None:
    source = random.Random(7)
    for _ in range(30):
        content = base64.b64encode(source.randbytes(30_000))
        assert [each for each in step(content)[0] if each.layer.kind == "base64"] == []


def test_base64_of_utf_16_as_powershell_wants_it() -> None:
    script = ("$env:TOKEN = '" + token().decode() + "'").encode("utf-16-le")
    content = b"powershell -NoProfile -EncodedCommand " + base64.b64encode(script)
    assert kinds_to(content, token()) == {("base64", "utf-16")}


def test_base64_in_a_data_address() -> None:
    text = b"<p>" + b"-" * 40 + token()
    content = b'<iframe src="data:text/html;charset=utf-8;base64,' + base64.b64encode(text) + b'">'
    assert kinds_to(content, token()) == {("base64",)}


def test_a_release_record_of_helm() -> None:
    """Packed, encoded, and encoded once more as a Kubernetes value."""
    packed = gzip.compress(json.dumps({"config": {"t": token().decode()}}).encode(), mtime=0)
    content = b'{"release": "' + base64.b64encode(base64.b64encode(packed)) + b'"}'
    assert ("base64", "base64", "gzip") in kinds_to(content, token())


# ----------------------------------------------------------------------------- escapes and percent


@pytest.mark.parametrize(
    "escaped",
    [
        lambda data: b"".join(b"\\x%02X" % byte for byte in data),
        lambda data: b"".join(b"\\u%04X" % byte for byte in data),
        lambda data: b"".join(b"\\u{%x}" % byte for byte in data),
        lambda data: b"".join(b"&#x%x;" % byte for byte in data),
        lambda data: b"".join(b"&#%d;" % byte for byte in data),
        lambda data: b"".join(b"\\%03o" % byte for byte in data),
    ],
)
def test_escapes(escaped: Callable[[bytes], bytes]) -> None:
    content = b"first line\nlet token = '" + escaped(token()) + b"';\nlast line\n"
    ((layers, data),) = holders(content, token())
    assert data == b"let token = '" + token() + b"';"
    assert shown_at(content, token(), layers, data) == content.index(b"'") + 1


def test_an_equals_sign_as_go_writes_it() -> None:
    content = b'{"dsn":"host\\u003ddb.internal user\\u003dshop password\\u003dtr0ub4dor\\u0026x"}'
    ((layers, data),) = holders(content, b"password=tr0ub4dor&x")
    assert shown_at(content, b"tr0ub4dor", layers, data) == content.index(b"tr0ub4dor")


def test_an_address_within_an_address() -> None:
    inner = "postgres://shop:" + quote("p@ss/w0rd", safe="") + "@db.internal/shop"
    content = b"https://example.org/go?next=" + quote(inner, safe="").encode() + b"&x=1 end"
    ((layers, data), *_) = holders(content, inner.encode())
    assert content[shown_at(content, b"shop:", layers, data) :].startswith(b"shop%3A")


@pytest.mark.parametrize("space", [b"%20", b"+"])
def test_a_key_in_a_form(space: bytes) -> None:
    text = b"-----BEGIN RSA PRIVATE KEY-----\nMIIEabc+def/ghi=\n-----END RSA PRIVATE KEY-----"
    content = b"key=" + quote(text, safe="").encode().replace(b"%20", space) + b"&x=1"
    assert ("percent",) in kinds_to(content, text)


def test_named_values_in_a_query() -> None:
    content = b"GET /login?form=%7B%22password%22%3A%22tr0ub4dor%22%7D HTTP/1.1\n"
    ((layers, data),) = holders(content, b'{"password":"tr0ub4dor"}')
    assert shown_at(content, b"tr0ub4dor", layers, data) == content.index(b"tr0ub4dor")


# ---------------------------------------------------------------------------------- wide characters


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_text_without_a_mark(encoding: str) -> None:
    text = f"naïve ☃\r\nTOKEN={token().decode()}\r\n"
    for before in range(4):
        content = b"\x01" * before + text.encode(encoding)
        found = holders(content, token())
        assert found
        layers, data = found[0]
        at = shown_at(content, token(), layers, data)
        expected = content.index(token().decode().encode(encoding))
        first = content.index(b"g", expected)
        assert at == first


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_text_with_a_mark_is_shown_exactly(encoding: str) -> None:
    text = f"\ufeff# naïve ☃ 😀\r\nTOKEN={token().decode()}\r\n"
    content = text.encode(encoding)
    found = [(ways, data) for ways, data in holders(content, token()) if "☃".encode() in data]
    ((layers, data),) = found
    at = shown_at(content, token(), layers, data)
    assert content[at:] == (token().decode() + "\r\n").encode(encoding)


def test_long_wide_text() -> None:
    text = ("# line of a long script\r\n" * 3000).encode("utf-16-le")
    content = text + token().decode().encode("utf-16-le") + text
    ((_, data), *_) = holders(content, token())
    assert len(data) == len(content) // 2


# --------------------------------------------------------------------------------- names and values


SECRET_YAML = b"""apiVersion: v1
kind: ConfigMap
data:
  password: %(other)s
---
apiVersion: v1
kind: Secret
metadata:
  name: shop
type: Opaque
data:
  # a comment
  username: c2hvcA==
  db-password: "%(password)s"

  tls.key: |
    %(first)s
    %(rest)s
  binary: AAECAwQFBgc=
stringData:
  plain: text
"""


def test_a_kubernetes_secret() -> None:
    long = b"line one of a long text, and more of it\nline two\n"
    encoded = base64.b64encode(long)
    content = SECRET_YAML % {
        b"other": base64.b64encode(b"not in a secret"),
        b"password": base64.b64encode(b"tr0ub4dor&3"),
        b"first": encoded[:40],
        b"rest": encoded[40:],
    }
    found = {each.data: each for each in step(content)[0] if each.layer.kind == "kubernetes-secret"}
    assert set(found) == {
        b"username: shop\n",
        b"db-password: tr0ub4dor&3\n",
        b"tls.key: " + long + b"\n",
    }
    password = found[b"db-password: tr0ub4dor&3\n"]
    assert position(content, (password.layer,), 13) == content.index(b'd: "') + 4
    assert position(content, (password.layer,), 3) == content.index(b"db-password") + 3
    text = found[b"tls.key: " + long + b"\n"]
    at = position(content, (text.layer,), text.data.index(b"two"))
    assert at == content.index(encoded[40:]) + (long.index(b"two") * 4 // 3 - 40)


def test_a_kubernetes_secret_in_json() -> None:
    value = base64.b64encode(b"tr0ub4dor&3").decode()
    content = json.dumps({"kind": "Secret", "data": {"a.b": "c2hvcA==", "pw": value}}).encode()
    found = [each.data for each in step(content)[0] if each.layer.kind == "kubernetes-secret"]
    assert found == [b"a.b: shop\n", b"pw: tr0ub4dor&3\n"]


@pytest.mark.parametrize("kind", [b"SecretStore", b"ConfigMap", b"SecretProviderClass"])
def test_other_kinds_are_no_secrets(kind: bytes) -> None:
    content = b"kind: " + kind + b"\ndata:\n  password: " + base64.b64encode(b"tr0ub4dor") + b"\n"
    assert step(content)[0] == []


@pytest.mark.parametrize(
    "content",
    [
        b"Authorization: Basic %s\r\n",
        b"curl -H 'authorization: basic %s' https://example.org",
        b'{"auths": {"ghcr.io": {"auth": "%s"}}}',
        b"//registry.example.org/:_auth=%s\n",
        b'_auth = "%s"\n',
    ],
)
def test_a_user_and_a_password(content: bytes) -> None:
    run = base64.b64encode(b"shop:tr0ub4dor:3")
    content %= run
    (found,) = [each for each in step(content)[0] if each.layer.kind == "basic-auth"]
    assert found.data == b"username: shop\npassword: tr0ub4dor:3\n"
    start = content.index(run)
    assert position(content, (found.layer,), found.data.index(b"shop")) == start
    assert position(content, (found.layer,), found.data.index(b"tr0u")) == start + 5 * 4 // 3
    assert position(content, (found.layer,), found.data.index(b"0ub")) == start + 7 * 4 // 3


def test_basic_in_prose() -> None:
    content = b"a basic understanding of Basic authentication and basic12 is needed"
    assert step(content)[0] == []


# -------------------------------------------------------------------------------- parts of a string


@pytest.mark.parametrize(
    "between",
    [b'" + "', b'"+"', b'" +\n        "', b'"\n    + "', b'" . "', b'" .. "', b'" & "',
     b'" \\\n  "', b'" "'],
)  # fmt: skip
@pytest.mark.parametrize("cut", [(8,), (12, 24), (5, 20, 30)])
def test_parts_of_a_string(between: bytes, cut: tuple[int, ...]) -> None:
    edges = (0, *cut, len(token()))
    parts = [token()[low:high] for low, high in itertools.pairwise(edges)]
    if len(parts[0]) < 8:
        parts[:1] = [b"Bearer:" + parts[0]]
    content = b'x = 1\ntoken = ("' + between.join(parts) + b'")  # nightly\ny = 2\n'
    ((layers, data), *_) = holders(content, token())
    assert data.startswith(b'token = ("')
    assert data.endswith(b'")  # nightly')
    at = shown_at(content, token(), layers, data)
    assert content[at : at + 4] == b"ghp_"


@pytest.mark.parametrize("lead", [b"token = (", b"token: (", b"    return ("])
def test_parts_that_stand_on_lines_of_their_own(lead: bytes) -> None:
    content = lead + b'\n    "' + token()[:10] + b'"\n    "' + token()[10:] + b'"\n)\n'
    ((layers, data),) = holders(content, token())
    assert data == b'    "' + token() + b'"'
    assert shown_at(content, token(), layers, data) == content.index(b"ghp_")


def test_a_list_without_commas_is_no_string() -> None:
    content = b'routes = [\n  "nats-route-alpha"\n  "nats-route-beta"\n  "nats-route-gamma"\n]\n'
    assert step(content)[0] == []


@pytest.mark.parametrize(
    "content",
    [
        b"run --to 'staging-alpha' 'staging-beta'\n",
        b'names=("staging-alpha" "staging-beta")\n',
        b"x = given || 'staging-alpha' || 'staging-beta'\n",
        b'["staging-alpha", "staging-beta"]\n',
    ],
)
def test_two_strings_are_not_one(content: bytes) -> None:
    assert step(content)[0] == []


def test_prose_in_parts_is_left_alone() -> None:
    content = b'say("hello there, reader" +\n "of these lines")'
    assert step(content)[0] == []


def test_a_key_in_parts() -> None:
    lines = [b"-----BEGIN RSA PRIVATE KEY-----", b"MIIE" * 16, b"-----END RSA PRIVATE KEY-----"]
    content = b"String key = " + b" +\n  ".join(b'"' + line + b'\\n"' for line in lines) + b";\n"
    expected = b"\\n".join(lines)
    assert ("joined",) in kinds_to(content, expected)


@pytest.mark.parametrize("end", [b"\\n", b"\\r\\n"])
def test_a_key_as_c_writes_it(end: bytes) -> None:
    lines = [b"-----BEGIN EC PRIVATE KEY-----", b"MHcC" * 16, b"-----END EC PRIVATE KEY-----"]
    content = b"char key[] =\n" + b"\n".join(b'  "' + line + end + b'"' for line in lines) + b";\n"
    assert kinds_to(content, end.join(lines)) == {("joined",)}


@pytest.mark.parametrize("mark", [b"|", b">-", b"|-", b">"])
def test_a_block_scalar_of_one_line(mark: bytes) -> None:
    content = b"db:\n  password: " + mark + b"\n    tr0ub4dor&3\n\nnext: 1\n"
    ((layers, data),) = holders(content, b"tr0ub4dor&3")
    assert data == b"  password: tr0ub4dor&3"
    assert shown_at(content, b"tr0u", layers, data) == content.index(b"tr0u")


def test_a_block_scalar_of_several_lines_is_left_alone() -> None:
    assert step(b"secret: |\n  one\n  two\nnext: 1\n")[0] == []


def test_a_word_over_lines() -> None:
    half = len(token()) // 2
    content = b'TOKEN="' + token()[:half] + b"\\\n  " + token()[half:] + b'"\nnext\n'
    ((layers, data), *_) = holders(content, token())
    assert data == b'TOKEN="' + token() + b'"'
    assert shown_at(content, token(), layers, data) == 7


# --------------------------------------------------------------------------------------- notebooks


def _notebook(source: str | list[str]) -> bytes:
    cell: dict[str, object] = {"cell_type": "code", "source": source, "metadata": {}, "outputs": []}
    printed = {
        "output_type": "stream",
        "name": "stdout",
        "text": ["one\n", f"{token(5).decode()}\n"],
    }
    shown = {"output_type": "execute_result", "data": {"text/plain": [f"'{token(6).decode()}'"]}}
    other = {"cell_type": "code", "source": [], "outputs": [printed, shown]}
    return json.dumps(
        {"cells": [cell, other], "nbformat": 4, "nbformat_minor": 5}, indent=1
    ).encode()


def test_a_notebook() -> None:
    lines = ["import os\n", f'os.environ["TOKEN"] = "{token().decode()}"\n', "print('é')"]
    for source in (lines, "".join(lines)):
        content = _notebook(source)
        ((layers, data),) = holders(content, token())
        assert data.decode() == "".join(lines)
        at = shown_at(content, token(), layers, data)
        assert at == content.index(token())


def test_outputs_of_a_notebook() -> None:
    content = _notebook("pass")
    for seed in (5, 6):
        ((layers, data),) = holders(content, token(seed))
        assert layers[0].kind == "notebook"
        assert shown_at(content, token(seed), layers, data) == content.index(token(seed))


def test_a_text_about_notebooks_is_none() -> None:
    assert step(b'the key "nbformat" and the key "source": "abc"')[0] == []


# ------------------------------------------------------------------------------------------- bounds


def test_too_large_for_the_limit() -> None:
    content = base64.b64encode(b"#!/bin/sh\n" + b"echo hello\n" * 1000)
    found, problems = step(content, Limits(expansion=1000))
    assert found == []
    assert problems == ["base64 text is larger than the limit"]


def test_zlib_bomb_in_base64() -> None:
    content = base64.b64encode(zlib.compress(b"text " * 4_000_000))
    found, problems = step(content)
    assert sum(len(each.data) for each in found) < 9 << 20
    assert problems == [
        "a zlib stream in base64 expands to more than the limit; the rest was not read"
    ]


def test_entities_and_plain_html_agree() -> None:
    text = "".join(f"&#{ord(each)};" for each in token().decode())
    assert html.unescape(text) == token().decode()
    assert ("escape",) in kinds_to(text.encode(), token())
