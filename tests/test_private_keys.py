"""Private keys in every form people store them in: the same facts, and the same key."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization as to
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import pkcs12
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.detectors import SecretDetector
from scanner.detectors.identity import Identities, canonical
from scanner.detectors.judgement import known_checks
from scanner.detectors.keys import containers, jwk, private_key, samples
from scanner.detectors.keys.value import PrivateKey
from scanner.model import Batch, Confidence, Match
from scanner.rules.examples import expand
from scanner.rules.secrets import SecretRule, load_secret_rules

RULES = [rule for rule in load_secret_rules() if rule.checks and not rule.generic]
KEY_RULES = [rule for rule in RULES if rule.id in {
    "private-key", "ssh2-private-key", "openpgp-private-key", "putty-private-key", "json-web-key",
    "java-key-store", "pkcs12-store", "ssh1-private-key", "signing-secret-key",
}]  # fmt: skip
DETECTOR = SecretDetector(KEY_RULES, adapter=False)
PLAIN, LOCKED = to.NoEncryption(), to.BestAvailableEncryption(b"correct horse")
BLOCK = re.compile(rb"-----BEGIN.*-----END[A-Z0-9 ]*-----", re.DOTALL)
KEYS = {
    "RSA": rsa.generate_private_key(65537, 2048),
    "ECDSA P-256": ec.generate_private_key(ec.SECP256R1()),
    "ECDSA P-521": ec.generate_private_key(ec.SECP521R1()),
    "elliptic-curve (secp256k1)": ec.generate_private_key(ec.SECP256K1()),
    "Ed25519": ed25519.Ed25519PrivateKey.generate(),
    "Ed448": ed448.Ed448PrivateKey.generate(),
    "X25519": x25519.X25519PrivateKey.generate(),
    "DSA": dsa.generate_private_key(1024),
}
IN_OPENSSH = {"RSA", "ECDSA P-256", "ECDSA P-521", "Ed25519"}
IN_PEM = {"RSA", "ECDSA P-256", "ECDSA P-521", "elliptic-curve (secp256k1)", "DSA"}


def files(kind: str, lock: to.KeySerializationEncryption) -> Iterator[bytes]:
    formats = [to.PrivateFormat.PKCS8]
    formats += [to.PrivateFormat.TraditionalOpenSSL] if kind in IN_PEM else []
    formats += [to.PrivateFormat.OpenSSH] if kind in IN_OPENSSH else []
    for form in formats:
        yield KEYS[kind].private_bytes(to.Encoding.PEM, form, lock)


def read(data: bytes) -> PrivateKey:
    block = BLOCK.search(data)
    key = private_key.read(block[0] if block else data)
    assert key is not None
    return key


def matches(data: bytes) -> list[Match]:
    batch = Batch(data, len(data), ["0" * 40], [0], [len(data)])
    return [match for _, match in DETECTOR.session().scan(batch)]


@pytest.mark.parametrize("kind", KEYS)
def test_one_key_in_all_its_files(kind: str) -> None:
    keys = [read(file) for file in files(kind, PLAIN)]
    assert {key.kind for key in keys} == {kind}
    assert all(key.proven and not key.protected and not key.fault for key in keys)
    assert len({key.identity for key in keys}) == 1
    assert len({key.fingerprint for key in keys}) == 1


@pytest.mark.parametrize("kind", KEYS)
def test_a_passphrase_shows(kind: str) -> None:
    for file in files(kind, LOCKED):
        key = read(file)
        assert key.protected
        assert key.proven
        assert not key.fault
    if kind in IN_OPENSSH:  # its public half stays in the clear
        assert key.identity == read(next(files(kind, PLAIN))).identity


WRAPPINGS = {
    "windows": lambda text: text.replace("\n", "\r\n"),
    "escaped": lambda text: text.replace("\n", "\\n"),
    "escaped twice": lambda text: text.replace("\n", "\\\\n"),
    "escaped windows": lambda text: text.replace("\n", "\\r\\n"),
    "escaped slashes": lambda text: text.replace("/", "\\/").replace("=", "\\u003d"),
    "xml": lambda text: text.replace("\n", "&#13;\n"),
    "one line": lambda text: text.replace("\n", " "),
    "yaml": lambda text: text.replace("\n", "\n      "),
    "python": lambda text: '"' + text.strip().replace("\n", '\\n"\n  "') + '"',
    "java": lambda text: '"' + text.strip().replace("\n", '\\n" +\n  "') + '"',
    "java, operator first": lambda text: '"' + text.strip().replace("\n", '\\n"\n  + "') + '"',
    "php": lambda text: '"' + text.strip().replace("\n", '\\n" .\n  "') + '"',
    "list": lambda text: "'" + text.strip().replace("\n", "',\n  '") + "'",
    "continued": lambda text: text.replace("\n", "\\n\\\n"),
    "comment": lambda text: "# " + text.replace("\n", "\n# "),
    "line comment": lambda text: "// " + text.replace("\n", "\n// "),
    "block comment": lambda text: " * " + text.replace("\n", "\n * "),
    "quotation": lambda text: "> " + text.replace("\n", "\n> "),
    "patch": lambda text: "+" + text.replace("\n", "\n+"),
    "removed": lambda text: "-" + text.replace("\n", "\n-"),
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("lock", [PLAIN, LOCKED], ids=["open", "locked"])
def test_however_it_is_written_down(wrapping: str, lock: to.KeySerializationEncryption) -> None:
    for kind in ("RSA", "ECDSA P-256", "Ed25519"):
        for file in files(kind, lock):
            written = WRAPPINGS[wrapping](file.decode()).encode()
            assert read(written) == read(file)
            block = BLOCK.search(written)
            assert block is not None
            plain = BLOCK.search(file)
            assert plain is not None
            assert canonical("private-key", block[0]) == canonical("private-key", plain[0])
            # Literals that are joined show the key once more, in the joined text.
            found = matches(b"first\n" + written + b"\nlast\n")
            assert {match.rule for match in found} == {"private-key"}


def test_two_keys_in_a_file_are_two() -> None:
    data = expand("{pem:rsa}\n{pem:ec}\n")
    assert len(matches(data)) == 2


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="no ssh-keygen")
@pytest.mark.parametrize("kind", ["rsa", "ed25519", "ecdsa"])
def test_the_fingerprint_is_the_one_ssh_keygen_prints(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", str(path)], check=True)
    printed = subprocess.run(
        ["ssh-keygen", "-lf", str(path)], check=True, capture_output=True, text=True
    ).stdout.split()
    key = read(path.read_bytes())
    assert key.fingerprint == printed[1]
    assert key.bits in {0, int(printed[0])}


@pytest.mark.parametrize("kind", ["rsa", "ec", "dsa", "pkcs8", "openssh"])
def test_each_changed_character_is_noticed(kind: str) -> None:
    """Dropped, or said to be damaged, or another key: never the same key unnoticed."""
    block = expand(f"{{pem:{kind}}}")
    sound = read(block)
    start, end = block.index(b"-----\n") + 6, block.rindex(b"\n-----END")
    for index in range(start, end, 7):
        other = b"A" if block[index : index + 1] != b"A" else b"B"
        changed = private_key.read(block[:index] + other + block[index + 1 :])
        noticed = changed is None or bool(changed.fault) or changed.identity != sound.identity
        # In OpenSSH's private half only the check numbers and a copy of the public key are tied.
        assert noticed or kind == "openssh" or block[index : index + 1] == b"\n"


@pytest.mark.parametrize(
    "body",
    [b"MIIE...", b"A" * 400, b"<your key>" * 20, b"", b"TG9yZW0gaXBzdW0gZG9sb3Igc2l0IGFtZXQ=" * 2],
)
def test_blocks_without_a_key(body: bytes) -> None:
    block = b"-----BEGIN RSA PRIVATE KEY-----\n" + body + b"\n-----END RSA PRIVATE KEY-----"
    assert private_key.read(block) is None
    assert matches(block) == []


def test_a_key_that_was_cut_off_counts_for_little() -> None:
    block = expand("{pem:rsa}").split(b"\n")
    cut = b"\n".join([*block[:6], block[-1]])
    (found,) = matches(cut)
    assert found.confidence is Confidence.LOW
    assert "does not parse: cut off, or invented" in found.evidence[0]


def test_confidence_and_words() -> None:
    (plain,) = matches(expand("{pem:openssh}"))
    assert plain.confidence is Confidence.HIGH
    assert re.fullmatch(
        r"Ed25519 private key \(OpenSSH\), without a passphrase; public key SHA256:[\w+/]{43}",
        plain.evidence[0],
    )
    (locked,) = matches(expand("{pem:encrypted}"))
    assert locked.confidence is Confidence.MEDIUM
    assert locked.evidence == ("PKCS #8 private key, protected by a passphrase",)


def test_a_published_key_is_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list holds public keys only, so a key of our own has to be put on it."""
    block = expand("{pem:ed25519}")
    from scanner.detectors.checks import keys

    listed = {**samples.PUBLISHED, read(block).fingerprint: "an example"}
    monkeypatch.setattr(keys, "PUBLISHED", listed)
    (found,) = matches(block)
    assert found.confidence is Confidence.LOW
    assert found.evidence[0].endswith("an example, known to everyone")


# ------------------------------------------------------------------------------ other files


@pytest.mark.parametrize("version", ["", ":2"])
def test_putty_files(version: str) -> None:
    template = f"{{putty{version}}}"
    key = private_key.read(expand(template))
    assert key is not None
    assert (key.kind, key.protected, key.proven) == ("Ed25519", False, True)
    assert private_key.read(expand(template).replace(b"\n", b"\r\n")) == key
    edited = private_key.read(expand(template).replace(b"harbour", b"harbor"))
    assert edited is not None
    assert edited.fault == "its MAC does not fit"
    locked = private_key.read(expand("{putty:locked}"))
    assert locked is not None
    assert locked.protected


def test_putty_and_openssh_files_of_one_key_are_one() -> None:
    """Both show the public key: the same blob gives the same identity."""
    key = KEYS["Ed25519"]
    public = key.public_key().public_bytes(to.Encoding.OpenSSH, to.PublicFormat.OpenSSH)
    lines = [
        b"PuTTY-User-Key-File-3: ssh-ed25519", b"Encryption: aes256-cbc", b"Comment: x",
        b"Public-Lines: 1", public.split()[1], b"Private-Lines: 1", b"AAAA" * 12,
        b"Private-MAC: " + b"0" * 64,
    ]  # fmt: skip
    found = private_key.read(b"\n".join(lines))
    assert found is not None
    assert found.identity == read(next(files("Ed25519", PLAIN))).identity


def test_openpgp_keys() -> None:
    key = private_key.read(expand("{openpgp}"))
    assert key is not None
    assert (key.kind, key.bits, key.protected, key.proven) == ("OpenPGP RSA", 2048, False, True)
    locked = private_key.read(expand("{openpgp:locked}"))
    assert locked is not None
    assert locked.protected
    damaged = private_key.read(expand("{openpgp-broken}"))
    assert damaged is None or damaged.fault


def test_java_key_stores() -> None:
    opened = containers.read_store(expand("{java-store}"))
    assert opened is not None
    assert opened.fault == "opened by the default 'changeit'"
    locked = containers.read_store(expand("{java-store:locked}"))
    assert locked is not None
    assert locked.protected
    assert containers.read_store(expand("{java-store:trust}")) is None
    assert containers.read_store(expand("{java-store}") + b"behind it") == opened
    cut = containers.read_store(expand("{java-store}")[:900])
    assert cut is not None
    assert cut.fault == "cut off, so no password was tried"


@pytest.mark.parametrize(
    ("password", "words"),
    [
        (b"changeit", "opened by the default 'changeit'"),
        (b"notasecret", "opened by the default 'notasecret'"),
        (b"no default", "no default password opens it"),
    ],
)
def test_pkcs12_stores(password: bytes, words: str) -> None:
    lock = to.PrivateFormat.PKCS12.encryption_builder().kdf_rounds(2000).build(password)
    data = pkcs12.serialize_key_and_certificates(b"x", KEYS["RSA"], None, None, lock)
    key = containers.read_store(data)
    assert key is not None
    assert key.fault == words
    assert key.protected is (password == b"no default")
    (found,) = matches(data)
    assert found.rule == "pkcs12-store"
    assert words in found.evidence[0]


def test_a_store_that_asks_for_endless_rounds_is_not_tried() -> None:
    data = expand("{pkcs12}")
    slow = data.replace(b"\x02\x02\x08\x00", b"\x02\x02\x7f\xff")
    assert slow != data
    key = containers.read_store(slow)
    assert key is not None
    assert key.fault == "no password was tried"


def test_web_keys() -> None:
    numbers = KEYS["RSA"].private_numbers()

    def encoded(number: int) -> str:
        import base64

        raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    public = numbers.public_numbers
    members = (encoded(public.n), encoded(public.e), encoded(numbers.d))
    text = '{{"kty":"RSA","n":"{}","e":"{}","d":"{}"}}'.format(*members)
    key = jwk.read_jwk(text.encode(), text.index('"d"') + 6)
    assert key is not None
    assert key.identity == read(next(files("RSA", PLAIN))).identity
    wrong = text.replace(members[2], members[2][:-4] + "AAAA")
    assert matches(wrong.encode()) == []
    (found,) = matches(text.encode())
    assert found.rule == "json-web-key"


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_no_reader_raises(data: bytes) -> None:
    armour = b"-----BEGIN PRIVATE KEY-----" + data + b"-----END PRIVATE KEY-----"
    for text in (data, armour, b"PuTTY-User-Key-File-2: ssh-rsa\n" + data):
        private_key.read(text)
        canonical("private-key", text)
    for start in (b"", b"\x30\x82", containers.JKS_MAGIC, containers.SSH1_MAGIC):
        containers.read_store(start + data)
    jwk.read_jwk(b'{"kty":"EC","d":"' + data + b'"}', 18)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_no_reader_raises_on_a_damaged_store(data: st.DataObject) -> None:
    store = bytearray(expand(data.draw(st.sampled_from(["{java-store}", "{pkcs12}", "{ssh1}"]))))
    for _ in range(data.draw(st.integers(1, 6))):
        store[data.draw(st.integers(0, len(store) - 1))] = data.draw(st.integers(0, 255))
    containers.read_store(bytes(store))


# ------------------------------------------------------------------------------ identity


def test_what_stands_for_a_secret() -> None:
    import base64

    block = expand("{pem:rsa}")
    assert canonical("private-key", base64.b64encode(block)) == canonical("private-key", block)
    assert canonical("database-url-password", b"p%40ss%2Fw") == b"p@ss/w"
    assert canonical("generic-secret", b"p%40ss") == b"p%40ss"
    assert canonical("json-web-token", b"eyJ.eyJ.abc") == b"eyJ.eyJ.abc"
    damaged = b"-----BEGIN RSA PRIVATE KEY-----\\nabc\\n-----END RSA PRIVATE KEY-----"
    assert canonical("private-key", damaged) == canonical(
        "private-key", damaged.replace(b"\\n", b"\r\n")
    )
    assert canonical("private-key", block) != canonical("private-key", expand("{pem:rsa} "))


def test_the_memory_holds_no_secret() -> None:
    identities = Identities()
    blocks = [expand("{pem:rsa}", seed) for seed in range(3)]
    for block in [*blocks, *blocks]:
        assert identities.canonical("private-key", block) == canonical("private-key", block)
    assert repr(identities) == "<Identities of 3 keys>"
    kept = b"".join(key + value for key, value in identities._known.items())
    assert not any(block[60:90] in kept for block in blocks)
    identities.canonical("private-key", b"-----BEGIN PRIVATE KEY-----nothing")
    assert len(identities._known) == 3


def test_every_key_check_has_a_rule() -> None:
    named = {check.partition(":")[0] for rule in RULES for check in rule.checks}
    wanted = {"pem", "putty-key", "key-store", "json-web-key", "signing-key", "wireguard-key"}
    assert wanted <= named & set(known_checks())
    assert isinstance(KEY_RULES[0], SecretRule)
