"""The compiled Hyperscan database and the plans it was made from, and their cache on disk.

Compiling takes about a second, reading back a millisecond. Loading foreign bytes into Hyperscan
would be loading foreign machine state, so the file must be ours: owned by this user, in a directory
nobody else can write to, and whole. Anything else is compiled anew without a word.
"""

import contextlib
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from scanner.cache import read_cached, write_cached
from scanner.detectors.pattern import Plan, plan
from scanner.errors import RuleError
from scanner.rules.secrets import SecretRule

_FORMAT: Final = "2"
"""Of the stored file and of how plans are made: to be raised when either changes."""


class _Stored(msgspec.Struct, frozen=True, array_like=True):
    plans: tuple[Plan, ...]
    database: bytes


class Compiled(msgspec.Struct, frozen=True):
    """A usable database; `plans[i]` belongs to rule `i`."""

    plans: tuple[Plan, ...]
    database: Any


def compile_plans(rules: Sequence[SecretRule]) -> tuple[Plan, ...]:
    """Stage 1 of every rule. Raises `RuleError`."""
    return tuple(plan(rule) for rule in rules)


def load_or_compile(rules: Sequence[SecretRule], cache_directory: Path | None) -> Compiled:
    """The database for these rules. Raises `ImportError` or `OSError` where Hyperscan does not
    load, and `RuleError` for a rule that cannot be compiled."""
    import hyperscan

    name = f"patterns-{_key(rules, getattr(hyperscan, '__version__', ''))}.bin"
    path = cache_directory / name if cache_directory is not None else None
    if path is not None and (stored := _read(path)) is not None:
        with contextlib.suppress(hyperscan.error):
            database = hyperscan.loadb(stored.database, hyperscan.HS_MODE_BLOCK)
            hyperscan.Scratch(database)  # refuses a database made for another processor
            return Compiled(stored.plans, database)
    plans = compile_plans(rules)
    database = _compile(rules, plans)
    if path is not None:
        stored = _Stored(plans, bytes(hyperscan.dumpb(database)))
        write_cached(path, msgspec.msgpack.encode(stored))
    return Compiled(plans, database)


def _compile(rules: Sequence[SecretRule], plans: Sequence[Plan]) -> Any:
    import hyperscan

    indices = [index for index, item in enumerate(plans) for _ in item.prefixes]
    expressions = [prefix.encode("ascii") for item in plans for prefix in item.prefixes]
    flags = [_flags(rules[index]) for index in indices]
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    try:
        database.compile(expressions=expressions, ids=indices, elements=len(indices), flags=flags)
    except hyperscan.error as error:
        for index, expression, flag in zip(indices, expressions, flags, strict=True):
            try:
                hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK).compile(
                    expressions=[expression], flags=[flag]
                )
            except hyperscan.error as single:
                rule = rules[index].id
                raise RuleError(f"rule {rule}: pattern: Hyperscan: {single}") from single
        raise RuleError(f"rules: Hyperscan cannot compile them together: {error}") from error
    return database


def _flags(rule: SecretRule) -> int:
    import hyperscan

    return int(hyperscan.HS_FLAG_CASELESS) if rule.case_insensitive else 0


def _key(rules: Sequence[SecretRule], engine: str) -> str:
    state = hashlib.blake2b(digest_size=16)
    for part in (_FORMAT, engine, os.uname().machine, _processor()):
        state.update(part.encode() + b"\0")
    for rule in rules:
        state.update(f"{rule.id}\0{rule.pattern}\0{rule.case_insensitive}\0".encode())
    return state.hexdigest()


def _processor() -> str:
    """What the processor can do: Hyperscan compiles for the machine it runs on."""
    with contextlib.suppress(OSError), Path("/proc/cpuinfo").open(encoding="ascii") as lines:
        for line in lines:
            if line.startswith(("flags", "Features")):
                return line
    return ""  # Hyperscan itself refuses a database for another processor


def _read(path: Path) -> _Stored | None:
    """The stored database if the file is ours and whole."""
    body = read_cached(path)
    try:
        return msgspec.msgpack.decode(body, type=_Stored) if body is not None else None
    except msgspec.DecodeError:
        return None
