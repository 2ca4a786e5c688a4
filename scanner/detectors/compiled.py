"""The compiled Hyperscan databases and the plans they were made from, and their cache on disk.

Compiling takes seconds, reading back a millisecond. Loading foreign bytes into Hyperscan
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
from scanner.detectors.carried import Reach
from scanner.detectors.gate import Gate, build
from scanner.detectors.noticing import Noticing
from scanner.detectors.pattern import Plan, plan
from scanner.detectors.tree import crosses_lines, parse_bytes
from scanner.detectors.trigger import Trigger
from scanner.detectors.unfold import unfolded
from scanner.errors import RuleError
from scanner.rules.loading import digest
from scanner.rules.secrets import SecretRule

_FORMAT: Final = "15"
"""Of the stored file and of how plans are made: to be raised when either changes."""
_MOST_STORED: Final = 6
"""Files of six megabytes: one for each version of the rules, and of what else is noticed."""


class _Stored(msgspec.Struct, frozen=True, array_like=True):
    plans: tuple[Plan, ...]
    triggers: tuple[Trigger, ...]
    gate: Gate | None
    reach: Reach
    database: bytes
    words: bytes


class Compiled(msgspec.Struct, frozen=True):
    """Usable databases; `plans[i]` belongs to rule `i`."""

    plans: tuple[Plan, ...]
    triggers: tuple[Trigger, ...]
    gate: Gate | None
    reach: Reach
    database: Any
    """Numbers its patterns: rules (but those behind the gate), triggers, and last the gate."""
    words: Any
    """The gate's words, numbered as they stand there; None without a gate."""


def compile_plans(rules: Sequence[SecretRule]) -> tuple[Plan, ...]:
    """Stage 1 of every rule. Raises `RuleError`."""
    return tuple(plan(rule) for rule in rules)


def load_or_compile(
    rules: Sequence[SecretRule], noticing: Noticing, cache_directory: Path | None
) -> Compiled:
    """The database for these rules and, numbered behind them, what else is to be noticed.

    Raises `ImportError` or `OSError` where Hyperscan does not load, and `RuleError` for a rule that
    cannot be compiled.
    """
    import hyperscan

    name = f"patterns-{_key(rules, noticing, cache_directory)}.bin"
    path = cache_directory / name if cache_directory is not None else None
    if path is not None and (stored := _read(path)) is not None:
        with contextlib.suppress(hyperscan.error):
            return Compiled(
                stored.plans,
                stored.triggers,
                stored.gate,
                stored.reach,
                _loaded(stored.database),
                _loaded(stored.words),
            )
    plans, triggers, gate = compile_plans(rules), noticing.triggers(rules), build(rules)
    expressions = _expressions(rules, triggers, plans, gate)
    reach = _reach(expressions)
    database = _compile(expressions)
    words = _compile(_words(rules, gate)) if gate is not None else None
    if path is not None:
        stored = _Stored(plans, triggers, gate, reach, _dumped(database), _dumped(words))
        body = msgspec.msgpack.encode(stored)
        write_cached(path, body, alike="patterns-*.bin", most=_MOST_STORED)
    return Compiled(plans, triggers, gate, reach, database, words)


def _loaded(data: bytes) -> Any:
    import hyperscan

    if not data:
        return None
    database = hyperscan.loadb(data, hyperscan.HS_MODE_BLOCK)
    hyperscan.Scratch(database)  # refuses a database made for another processor
    return database


def _dumped(database: Any) -> bytes:
    import hyperscan

    return bytes(hyperscan.dumpb(database)) if database is not None else b""


class _Expression(msgspec.Struct, frozen=True):
    owner: str
    """Who to name when it cannot be compiled."""
    number: int
    text: bytes
    flags: int


def _expressions(
    rules: Sequence[SecretRule],
    triggers: Sequence[Trigger],
    plans: Sequence[Plan],
    gate: Gate | None,
) -> list[_Expression]:
    behind = {named.rule for named in gate.rules} if gate is not None else set()
    found = [
        _Expression(f"rule {rule.id}", number, prefix.encode("ascii"), _flags(rule))
        for number, (rule, item) in enumerate(zip(rules, plans, strict=True))
        if number not in behind
        for whole in item.prefixes
        for prefix in unfolded(whole, rule)
    ]
    found += [
        _Expression(f"trigger {trigger.name}", number, trigger.pattern.encode(), _flags(trigger))
        for number, trigger in enumerate(triggers, start=len(rules))
    ]
    if gate is not None:
        number = len(rules) + len(triggers)
        caseless = _flags(Trigger("gate", gate.pattern, case_insensitive=True))
        found.append(_Expression("the gate", number, gate.pattern.encode(), caseless))
    return found


def _words(rules: Sequence[SecretRule], gate: Gate) -> list[_Expression]:
    caseless = _flags(Trigger("word", "", case_insensitive=True))
    return [
        _Expression(f"rule {rules[named.rule].id}", number, named.pattern.encode("ascii"), caseless)
        for number, named in enumerate(gate.rules)
    ]


def _reach(expressions: Sequence[_Expression]) -> Reach:
    most = on_one_line = 0
    for item in expressions:
        tree = parse_bytes(item.text, 0)
        width = int(tree.getwidth()[1])
        if crosses_lines(tree):
            most = max(most, width)
        else:
            on_one_line = max(on_one_line, width)
    return Reach(most, on_one_line)


def _compile(expressions: Sequence[_Expression]) -> Any:
    import hyperscan

    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    try:
        database.compile(
            expressions=[item.text for item in expressions],
            ids=[item.number for item in expressions],
            elements=len(expressions),
            flags=[item.flags for item in expressions],
        )
    except hyperscan.error as error:
        for item in expressions:
            try:
                hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK).compile(
                    expressions=[item.text], flags=[item.flags]
                )
            except hyperscan.error as single:
                raise RuleError(f"{item.owner}: pattern: Hyperscan: {single}") from single
        raise RuleError(f"rules: Hyperscan cannot compile them together: {error}") from error
    return database


def _flags(pattern: SecretRule | Trigger) -> int:
    import hyperscan

    return int(hyperscan.HS_FLAG_CASELESS) if pattern.case_insensitive else 0


def _key(rules: Sequence[SecretRule], noticing: Noticing, cache_directory: Path | None) -> str:
    import hyperscan

    state = hashlib.blake2b(digest_size=16)
    engine = str(getattr(hyperscan, "__version__", ""))
    noticed = noticing.key(digest(cached_in=cache_directory))
    for part in (_FORMAT, engine, os.uname().machine, _processor(), noticed):
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
