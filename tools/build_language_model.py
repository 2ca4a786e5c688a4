"""Builds `rules/language/`: what natural text and names in programs look like, letter by letter.

    python tools/build_language_model.py             writes the model
    python tools/build_language_model.py --check     exit code 1 where the stored one differs
    python tools/build_language_model.py --measure   error rates on files that were held out

The material is the Python standard library of the interpreter that runs this: its sources, with
their comments and documentation strings, under the licence of the Python Software Foundation, which
allows it. The result depends on nothing but those files; `--check` therefore means something only
under the version that `rules/language/SOURCE.txt` names.
"""

import argparse
import math
import random
import re
import string
import sys
import sysconfig
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scanner.detectors.generic.language import SYMBOLS, LanguageModel, fold

_SIZE = len(SYMBOLS)
_TARGET = Path(__file__).resolve().parent.parent / "rules" / "language"
_SKIPPED = frozenset({"site-packages", "test", "tests", "idle_test", "__pycache__", "encodings"})
_TOKEN = re.compile(rb"[A-Za-z0-9]+(?:[_.-][A-Za-z0-9]+)*")
_WORD = re.compile(rb"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_LONGEST_TOKEN = 40
_STEPS_A_BIT = 16
_HELD_OUT = 10
"""Every tenth file is kept back for `--measure`."""

# A short word stands in random text by chance, so it must be a common one to count.
_LEAST_FILES = {3: 40, 4: 8, 5: 3, 6: 3}
_LEAST_FILES_OF_LONG = 2


def main(arguments: Sequence[str]) -> int:
    """Runs one of the three commands; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--measure", action="store_true")
    options = parser.parse_args(arguments)
    files = library_files()
    if options.measure:
        kept = [path for index, path in enumerate(files) if index % _HELD_OUT]
        held = [path for index, path in enumerate(files) if not index % _HELD_OUT]
        sys.stdout.write(measure(LanguageModel(*build(kept)), held) + "\n")
        return 0
    table, words = build(files)
    source = (
        "Counted in the sources of the Python standard library, version "
        f"{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro},\n"
        "Copyright (c) Python Software Foundation, under its licence (PSF-2.0),\n"
        "by tools/build_language_model.py.\n"
    )
    contents = {"trigrams.bin": table, "words.txt": words, "SOURCE.txt": source.encode()}
    if options.check:
        return int(any((_TARGET / name).read_bytes() != data for name, data in contents.items()))
    for name, data in contents.items():
        (_TARGET / name).write_bytes(data)
        sys.stdout.write(f"{name}: {len(data)} bytes\n")
    return 0


def library_files() -> list[Path]:
    """The standard library's sources, sorted, without its tests and tables of characters."""
    base = Path(sysconfig.get_path("stdlib"))
    return [
        path
        for path in sorted(base.rglob("*.py"))
        if not _SKIPPED.intersection(path.relative_to(base).parts)
    ]


def build(files: Iterable[Path]) -> tuple[bytes, bytes]:
    """The table of trigrams and the list of words, as they are stored.

    Every distinct token of a file counts once, so that a keyword does not drown the rest.
    """
    trigrams: Counter[tuple[int, int, int]] = Counter()
    words: Counter[bytes] = Counter()
    for path in files:
        tokens = {token for token in _TOKEN.findall(path.read_bytes()) if _natural(token)}
        for token in sorted(tokens):
            symbols = [0, 0, *fold(token), 0]
            trigrams.update(zip(symbols, symbols[1:], symbols[2:], strict=False))
        words.update({word.lower() for token in tokens for word in _WORD.findall(token)})
    chosen = [word for word, files_with in words.items() if _is_common(word, files_with)]
    return _quantised(trigrams), b"\n".join(sorted(chosen)) + b"\n"


def _natural(token: bytes) -> bool:
    """Not a number, nor a long run of data such as a digest or a table."""
    digits = sum(byte in b"0123456789" for byte in token)
    return len(token) <= _LONGEST_TOKEN and digits <= len(token) // 2


def _is_common(word: bytes, files_with: int) -> bool:
    if len(word) < min(_LEAST_FILES) or len(word) > 20:
        return False
    return files_with >= _LEAST_FILES.get(len(word), _LEAST_FILES_OF_LONG)


def _quantised(trigrams: Counter[tuple[int, int, int]]) -> bytes:
    """-log2 P(c | ab) in sixteenths of a bit; Witten-Bell smoothing down to the uniform model.

    Source: Witten and Bell, The zero-frequency problem (1991), method C, interpolated.
    """
    table = bytearray()
    single: Counter[int] = Counter()
    double: Counter[tuple[int, int]] = Counter()
    for (_, second, third), count in trigrams.items():
        single[third] += count
        double[second, third] += count
    total = sum(single.values())
    first = [(single[c] + len(single) / _SIZE) / (total + len(single)) for c in range(_SIZE)]
    for a in range(_SIZE):
        for b in range(_SIZE):
            after_b = [double[b, c] for c in range(_SIZE)]
            kinds, seen = sum(map(bool, after_b)) or 1, sum(after_b)
            second_order = [(after_b[c] + kinds * first[c]) / (seen + kinds) for c in range(_SIZE)]
            after_ab = [trigrams[a, b, c] for c in range(_SIZE)]
            kinds, seen = sum(map(bool, after_ab)) or 1, sum(after_ab)
            for c in range(_SIZE):
                chance = (after_ab[c] + kinds * second_order[c]) / (seen + kinds)
                table.append(min(round(-math.log2(chance) * _STEPS_A_BIT), 255))
    return bytes(table)


def measure(model: LanguageModel, held_out: Sequence[Path]) -> str:
    """A table of how often a kind of value is taken for a random one.

    Rows by kind, columns by length; generated values are the same in every run.
    """
    tokens = {token for path in held_out for token in _TOKEN.findall(path.read_bytes())}
    natural = sorted(token for token in tokens if _natural(token))
    source = random.Random("agentreach")  # noqa: S311 - the same in every run
    lines = ["| values | " + " | ".join(map(str, _LENGTHS)) + " |"]
    lines.append("|---|" + "---|" * len(_LENGTHS))
    held = [
        _share(model, [token for token in natural if low <= len(token) < low + 4])
        for low in _LENGTHS
    ]
    lines.append("| names and words held out, taken for random | " + " | ".join(held) + " |")
    for name, alphabet in _ALPHABETS.items():
        row = [
            _share(model, ["".join(source.choices(alphabet, k=size)).encode() for _ in range(2000)])
            for size in _LENGTHS
        ]
        lines.append(f"| random {name}, taken for random | " + " | ".join(row) + " |")
    return "\n".join(lines)


_LENGTHS = (6, 8, 12, 16, 20, 32)
_ALPHABETS = {
    "lower case": string.ascii_lowercase,
    "base 36": string.digits + string.ascii_lowercase,
    "base 62": string.digits + string.ascii_letters,
    "hex": "0123456789abcdef",
}


def _share(model: LanguageModel, values: Sequence[bytes]) -> str:
    if not values:
        return "-"
    return f"{100 * sum(map(model.is_random, values)) / len(values):.1f} %"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
