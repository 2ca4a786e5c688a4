"""The user's cache directory: what is kept, what is trusted, and what goes."""

import os
from pathlib import Path

from scanner.cache import read_cached, write_cached


def write(path: Path, body: bytes, age: int = 0) -> None:
    """Write one, as if `age` seconds ago."""
    write_cached(path, body, alike="kind-*.bin", most=3)
    if age:
        then = path.stat().st_mtime - age
        os.utime(path, (then, then))


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    place = tmp_path / "new" / "kind-1.bin"
    write(place, b"a body")
    assert read_cached(place) == b"a body"
    assert place.stat().st_mode & 0o777 == 0o600
    assert place.parent.stat().st_mode & 0o777 == 0o700


def test_what_others_could_have_written_is_not_read(tmp_path: Path) -> None:
    place = tmp_path / "cache" / "kind-1.bin"
    write(place, b"a body")
    place.chmod(0o620)
    assert read_cached(place) is None
    place.chmod(0o600)
    place.parent.chmod(0o777)
    assert read_cached(place) is None
    place.parent.chmod(0o700)
    assert read_cached(place) == b"a body"
    damaged = bytearray(place.read_bytes())
    damaged[-1] ^= 1
    place.write_bytes(damaged)
    assert read_cached(place) is None
    place.unlink()
    place.symlink_to(tmp_path / "elsewhere")
    assert read_cached(place) is None


def test_the_last_ones_of_a_kind_stay(tmp_path: Path) -> None:
    other = tmp_path / "other-1.bin"
    write_cached(other, b"of another kind", alike="other-*", most=1)
    os.utime(other, (0, 0))
    for number in range(6):
        write(tmp_path / f"kind-{number}.bin", b"x", age=100 - number)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"other-1.bin", "kind-3.bin", "kind-4.bin", "kind-5.bin"}
    write(tmp_path / "kind-3.bin", b"y")
    write(tmp_path / "kind-6.bin", b"z")
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"other-1.bin", "kind-3.bin", "kind-5.bin", "kind-6.bin"}


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"in the way")
    write(file / "kind-1.bin", b"x")
    assert file.read_bytes() == b"in the way"
