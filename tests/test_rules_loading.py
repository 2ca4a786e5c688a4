"""Rule files are found, decoded strictly, and cached without harm."""

from pathlib import Path

import msgspec
import pytest

from scanner.errors import RuleError
from scanner.rules import digest, load_directory, load_file, root
from scanner.rules.secrets import load_secret_rules

RULE = """\
provider: {provider}
name: Acme
url: https://acme.example
rules:
  - id: {id}
    name: Acme token
    pattern: 'acme_[a-z]{{20}}'
    references: [https://acme.example/docs]
    examples: ['acme_{{lower:20}}']
    counter_examples: ['acme_']
"""


class Thing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the tests' files hold."""

    name: str
    size: int = 1


def write(base: Path, name: str, text: str | bytes) -> Path:
    path = base / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def secret(base: Path, provider: str, identity: str, file: str | None = None) -> None:
    write(base, f"secrets/{file or provider}.yaml", RULE.format(provider=provider, id=identity))


def test_the_rules_of_this_checkout_are_found() -> None:
    assert root().name in ("rules", "_rules")
    assert (root() / "severity.yaml").is_file()
    assert len(load_secret_rules()) > 100


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name: a\nsize: big\n", ["`int`", "$.size"]),
        ("name: a\ncolour: red\n", ["`colour`"]),
        ("size: 1\n", ["`name`"]),
        ("name: a\nsize: [1\n", [":3:", "not valid YAML"]),
        ("name: *nothing\n", [":1:", "not valid YAML"]),
        ("name: !!python/object/apply:os.getcwd []\n", [":1:", "not valid YAML"]),
        (b"name: \xff\xfe\n", ["not valid YAML"]),
        ("", ["null"]),
    ],
)
def test_a_wrong_file_is_named_with_its_fault(
    tmp_path: Path, text: str | bytes, words: list[str]
) -> None:
    path = write(tmp_path, "thing.yaml", text)
    with pytest.raises(RuleError) as caught:
        load_file(path, Thing)
    for word in (str(path), *words):
        assert word in caught.value.message


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="cannot be read: No such file"):
        load_file(tmp_path / "none.yaml", Thing)


def test_a_directory_is_read_in_order_of_names(tmp_path: Path) -> None:
    for name in ("b", "a", "c"):
        write(tmp_path, f"things/{name}.yaml", f"name: {name}\n")
    write(tmp_path, "things/readme.txt", "no rule")
    assert list(load_directory("things", Thing, tmp_path)) == ["a", "b", "c"]


def test_the_digest_is_of_names_and_contents(tmp_path: Path) -> None:
    bases = [tmp_path / name for name in ("one", "same", "content", "name", "more")]
    for base, (name, text) in zip(
        bases,
        [("a", "name: a"), ("a", "name: a"), ("a", "name: b"), ("b", "name: a"), ("a", "name: a")],
        strict=True,
    ):
        write(base, f"things/{name}.yaml", text)
    write(bases[4], "things/c.yaml", "name: c")
    digests = [digest(base) for base in bases]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 4


def test_an_id_is_used_once_and_a_file_is_named_like_its_provider(tmp_path: Path) -> None:
    secret(tmp_path, "acme", "acme-token")
    assert [rule.id for rule in load_secret_rules(tmp_path)] == ["acme-token"]
    secret(tmp_path, "beta", "acme-token")
    with pytest.raises(RuleError, match=r"beta.yaml: rule id 'acme-token' is taken by acme.yaml"):
        load_secret_rules(tmp_path)
    other = tmp_path / "other"
    secret(other, "acme", "acme-token", file="wrong")
    with pytest.raises(RuleError, match=r"wrong.yaml: provider is 'acme', not 'wrong'"):
        load_secret_rules(other)


def test_the_cache_gives_what_the_files_give(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    fresh = load_secret_rules()
    first, second = load_secret_rules(cached_in=cache), load_secret_rules(cached_in=cache)
    assert fresh == first == second
    assert len(list(cache.glob("rules-*"))) == 1
    assert cache.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("damage", [b"", b"\xc1", b"\x81\xa4acme\xc0", b"\x00" * 1000])
def test_a_damaged_cache_is_as_good_as_none(tmp_path: Path, damage: bytes) -> None:
    base, cache = tmp_path / "rules", tmp_path / "cache"
    secret(base, "acme", "acme-token")
    expected = load_secret_rules(base, cached_in=cache)
    (kept,) = cache.glob("rules-*")
    kept.write_bytes(damage)
    assert load_secret_rules(base, cached_in=cache) == expected
    assert kept.read_bytes() != damage, "mended"


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    base = tmp_path / "rules"
    secret(base, "acme", "acme-token")
    file = write(tmp_path, "file", "not a directory")
    assert len(load_secret_rules(base, cached_in=file)) == 1
