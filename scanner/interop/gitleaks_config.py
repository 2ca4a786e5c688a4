"""Reads a gitleaks configuration (`.gitleaks.toml`), every field honoured or named in a warning.

Format: https://github.com/gitleaks/gitleaks#configuration. Such a file belongs to the scanned
repository, so it is bounded like everything else that comes from there.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from typing import Final, cast

import msgspec

from scanner.errors import ConfigError
from scanner.interop.gitleaks_allowlists import AllowlistTable, read_allowlist
from scanner.interop.go_regex import translate
from scanner.interop.go_syntax import UnsupportedExpressionError
from scanner.model import Problem
from scanner.rules.foreign import ForeignAllowlist, ForeignPattern, ForeignRule, RequiredRule

LARGEST: Final = 2 * 1024 * 1024
MOST_RULES: Final = 2_000
KNOWN_VERSION: Final = (8, 30)
"""The gitleaks release whose documentation this reader follows."""
_DEEPEST_CHAIN: Final = 2
_ID: Final = re.compile(r"[^\x00-\x20\x7f]{1,120}")


class GitleaksConfig(msgspec.Struct, frozen=True):
    """What a configuration asks for."""

    title: str = ""
    rules: tuple[ForeignRule, ...] = ()
    """In the order of the file; those of an extended file behind."""
    allowlists: tuple[ForeignAllowlist, ...] = ()
    """For all rules, or for those they name."""
    disabled: tuple[str, ...] = ()
    """Ids of inherited rules that are not wanted."""
    extends_default: bool = False
    """gitleaks' built-in rules are asked for; ours stand in for them."""
    warnings: tuple[str, ...] = ()
    """What is not honoured, or not to the letter, a sentence each."""
    problems: tuple[Problem, ...] = ()
    """Rules that cannot be run at all."""


class _RequiredTable(msgspec.Struct, frozen=True):
    id: str = ""
    withinlines: int | None = None
    withincolumns: int | None = None


class _RuleTable(msgspec.Struct, frozen=True):
    id: str = ""
    description: str = ""
    regex: str = ""
    path: str = ""
    secretgroup: int = 0
    entropy: float = 0.0
    keywords: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    required: tuple[_RequiredTable, ...] = ()
    allowlist: AllowlistTable | tuple[AllowlistTable, ...] = ()
    allowlists: tuple[AllowlistTable, ...] = ()
    skipreport: bool = False


class _ExtendTable(msgspec.Struct, frozen=True):
    path: str = ""
    url: str = ""
    usedefault: bool = False
    disabledrules: tuple[str, ...] = ()


class _Document(msgspec.Struct, frozen=True):
    title: str = ""
    description: str = ""
    minversion: str = ""
    extend: _ExtendTable = _ExtendTable()
    rules: tuple[_RuleTable, ...] = ()
    allowlist: AllowlistTable | tuple[AllowlistTable, ...] = ()
    allowlists: tuple[AllowlistTable, ...] = ()


_FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "": frozenset(_Document.__struct_fields__),
    "extend": frozenset(_ExtendTable.__struct_fields__),
    "rules": frozenset(_RuleTable.__struct_fields__),
    "required": frozenset(_RequiredTable.__struct_fields__),
    "allowlist": frozenset(AllowlistTable.__struct_fields__),
    "allowlists": frozenset(AllowlistTable.__struct_fields__),
}


def read_gitleaks_config(path: str, read: Callable[[str], bytes]) -> GitleaksConfig:
    """The configuration at `path`. `read` gives a file's bytes by its path; it also decides which
    files an `[extend]` may name, and raises `OSError` or `ConfigError` for others.

    Raises `ConfigError` for what gitleaks itself would refuse, with file and position.
    """
    return _Reader(read).config(path, path, 0)


class _Reader:
    def __init__(self, read: Callable[[str], bytes]) -> None:
        self._read = read

    def config(self, path: str, named: str, depth: int) -> GitleaksConfig:
        """`named`: what an error calls a file that cannot be read; it says where it is named."""
        document, warnings = _document(path, self._bytes(path, named))
        own = _Builder(path, document, warnings).build()
        extend = document.extend
        if extend.path and extend.usedefault:
            raise ConfigError(f"{path}: [extend] sets both path and useDefault", hint="choose one")
        if extend.path and depth >= _DEEPEST_CHAIN:
            note = f"{path}: [extend] path {extend.path!r} is left out: chained too deeply"
            return msgspec.structs.replace(own, warnings=(*own.warnings, note))
        if extend.path:
            named = f"{path}: [extend] path {extend.path!r}"
            other = self.config(extend.path, named, depth + 1)
            own = _extended(own, other, extend.disabledrules)
        _check_required(path, own)
        return own

    def _bytes(self, path: str, named: str) -> bytes:
        try:
            data = self._read(path)
        except OSError as error:
            raise ConfigError(f"{named}: cannot be read: {error.strerror}") from None
        if len(data) > LARGEST:
            raise ConfigError(f"{named}: larger than {LARGEST} bytes")
        return data


def _document(path: str, data: bytes) -> tuple[_Document, list[str]]:
    try:
        raw = tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: byte {error.start} is no UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {_bounded(error)}") from None
    except (RecursionError, ValueError):
        raise ConfigError(f"{path}: not valid TOML: nested too deeply or out of range") from None
    warnings: list[str] = []
    lowered = _lowered(raw, "", warnings)
    try:
        return msgspec.convert(lowered, _Document), [f"{path}: {text}" for text in warnings]
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {_bounded(error)}") from None


def _bounded(error: Exception) -> str:
    return str(error)[:200]


def _lowered(table: Mapping[str, object], name: str, warnings: list[str]) -> dict[str, object]:
    """Keys in lower case, since gitleaks does not tell their case apart; unknown ones are named."""
    known = _FIELDS[name]
    lowered: dict[str, object] = {}
    for key, value in table.items():
        field = key.lower()
        if field not in known:
            where = f"[{name}] " if name else ""
            warnings.append(f"{where}the key {key[:60]!r} is not known and has no effect")
        elif field in _FIELDS and isinstance(value, dict):
            lowered[field] = _lowered(value, field, warnings)
        elif field in _FIELDS and isinstance(value, list):
            lowered[field] = [
                _lowered(cast("dict[str, object]", item), field, warnings)
                if isinstance(item, dict)
                else item
                for item in value
            ]
        else:
            lowered[field] = value
    return lowered


class _Builder:
    """Makes rules of one document's tables."""

    def __init__(self, path: str, document: _Document, warnings: list[str]) -> None:
        self._path = path
        self._document = document
        self._warnings = warnings
        self._problems: list[Problem] = []

    def build(self) -> GitleaksConfig:
        document = self._document
        if len(document.rules) > MOST_RULES:
            raise ConfigError(f"{self._path}: more than {MOST_RULES} rules")
        self._judge_version(document.minversion)
        if document.extend.url:
            self._warn("[extend] url is not followed: nothing is fetched")
        rules: dict[str, ForeignRule] = {}
        for index, table in enumerate(document.rules):
            rule = self._rule(index, table)
            if rule is not None:
                if rule.id in rules:
                    self._warn(f"rule {rule.id!r} is there twice: the later one counts")
                rules[rule.id] = rule
        if document.extend.usedefault:
            self._warn("[extend] useDefault: agentreach's own rules stand in for the built-in ones")
        tables = _tables(self._path, "[allowlist]", document.allowlist, document.allowlists)
        allowlists = self._allowlists("[[allowlists]]", tables)
        return GitleaksConfig(
            title=document.title[:200],
            rules=tuple(rules.values()),
            allowlists=allowlists,
            disabled=document.extend.disabledrules,
            extends_default=document.extend.usedefault,
            warnings=tuple(self._warnings),
            problems=tuple(self._problems),
        )

    def _warn(self, text: str) -> None:
        self._warnings.append(f"{self._path}: {text}")

    def _judge_version(self, version: str) -> None:
        numbers = re.match(r"v?(\d{1,4})\.(\d{1,4})", version)
        if version and numbers is None:
            self._warn(f"minVersion {version[:40]!r} is no version")
        elif numbers and (int(numbers[1]), int(numbers[2])) > KNOWN_VERSION:
            known = ".".join(map(str, KNOWN_VERSION))
            self._warn(f"minVersion {version[:40]}: read as gitleaks {known} would")

    def _rule(self, index: int, table: _RuleTable) -> ForeignRule | None:
        if not _ID.fullmatch(table.id):
            raise ConfigError(f"{self._path}: rules[{index}]: no usable id", hint="give it an `id`")
        name = f"rule {table.id!r}"
        if not table.regex and not table.path:
            if self._document.extend.usedefault or self._document.extend.path:
                return self._change(name, table)
            raise ConfigError(f"{self._path}: {name} has neither regex nor path")
        if table.required and any(not required.id for required in table.required):
            raise ConfigError(f"{self._path}: {name}: [[rules.required]] without an id")
        try:
            pattern = self._pattern(name, "regex", table.regex)
            path = self._pattern(name, "path", table.path, yes_or_no=True)
        except UnsupportedExpressionError as error:
            reason = f"{name} is not run: {error}"
            self._problems.append(Problem("detector", self._path, reason))
            return None
        if pattern is not None and not 0 <= table.secretgroup <= pattern.groups:
            raise ConfigError(f"{self._path}: {name}: there is no group {table.secretgroup}")
        return self._assembled(name, table, pattern, path)

    def _assembled(
        self,
        name: str,
        table: _RuleTable,
        pattern: ForeignPattern | None,
        path: ForeignPattern | None,
    ) -> ForeignRule:
        tables = _tables(
            self._path, f"{name}: [rules.allowlist]", table.allowlist, table.allowlists
        )
        return ForeignRule(
            id=table.id,
            description=" ".join(table.description.split())[:200],
            pattern=pattern,
            path=path,
            secret_group=table.secretgroup,
            entropy=table.entropy,
            keywords=tuple(word.lower() for word in table.keywords if word),
            tags=tuple(tag[:60] for tag in table.tags[:20]),
            required=tuple(
                RequiredRule(required.id, required.withinlines, required.withincolumns)
                for required in table.required
            ),
            allowlists=self._allowlists(f"{name}: [[rules.allowlists]]", tables),
            reported=not table.skipreport,
        )

    def _change(self, name: str, table: _RuleTable) -> ForeignRule | None:
        """A table that changes an inherited rule; which, only the file that has it can tell."""
        if self._document.extend.path:
            return self._assembled(name, table, None, None)
        self._warn(f"{name} changes a built-in rule of gitleaks, which is not there to be changed")
        return None

    def _pattern(
        self, name: str, key: str, source: str, *, yes_or_no: bool = False
    ) -> ForeignPattern | None:
        if not source:
            return None
        try:
            translated = translate(source, yes_or_no=yes_or_no)
        except UnsupportedExpressionError as error:
            raise UnsupportedExpressionError(f"{key}: {error}") from None
        for note in translated.notes:
            self._warn(f"{name}: {key}: {note}")
        return translated.pattern

    def _allowlists(
        self, where: str, tables: Iterable[AllowlistTable]
    ) -> tuple[ForeignAllowlist, ...]:
        found = (
            read_allowlist(table, f"{where}[{index}]", self._path, self._warn)
            for index, table in enumerate(tables)
        )
        return tuple(allowlist for allowlist in found if allowlist is not None)


def _tables(
    path: str,
    where: str,
    old: AllowlistTable | tuple[AllowlistTable, ...],
    new: tuple[AllowlistTable, ...],
) -> tuple[AllowlistTable, ...]:
    """Both spellings as one; gitleaks refuses them side by side."""
    first = old if isinstance(old, tuple) else (old,)
    if first and new:
        raise ConfigError(f"{path}: {where} stands beside the newer [[...allowlists]]")
    return first or new


def _extended(
    own: GitleaksConfig, base: GitleaksConfig, disabled: tuple[str, ...]
) -> GitleaksConfig:
    """`own` on top of `base`, as `[extend]` describes it."""
    inherited = {rule.id: rule for rule in base.rules if rule.id not in disabled}
    warnings = [*own.warnings, *base.warnings]
    missing = sorted(set(disabled) - {rule.id for rule in base.rules})
    warnings += [f"[extend] disabledRules: there is no rule {name[:120]!r}" for name in missing]
    rules: list[ForeignRule] = []
    for rule in own.rules:
        below = inherited.pop(rule.id, None)
        if below is not None:
            rules.append(_merged(rule, below))
        elif rule.pattern is not None or rule.path is not None:
            rules.append(rule)
        else:
            warnings.append(f"rule {rule.id!r} has neither regex nor path, and nothing to inherit")
    return msgspec.structs.replace(
        own,
        rules=(*rules, *inherited.values()),
        allowlists=(*own.allowlists, *base.allowlists),
        disabled=(*own.disabled, *base.disabled),
        extends_default=base.extends_default,
        warnings=tuple(warnings),
        problems=(*own.problems, *base.problems),
    )


def _merged(rule: ForeignRule, base: ForeignRule) -> ForeignRule:
    return ForeignRule(
        id=rule.id,
        description=rule.description or base.description,
        pattern=rule.pattern or base.pattern,
        path=rule.path or base.path,
        secret_group=rule.secret_group or base.secret_group,
        entropy=rule.entropy or base.entropy,
        keywords=(*base.keywords, *rule.keywords),
        tags=(*base.tags, *rule.tags),
        required=rule.required or base.required,
        allowlists=(*base.allowlists, *rule.allowlists),
        reported=rule.reported and base.reported,
    )


def _check_required(path: str, config: GitleaksConfig) -> None:
    """Every required rule must be there, unless it was refused (a problem says so)."""
    known = {rule.id for rule in config.rules}
    if config.problems:
        return
    for rule in config.rules:
        for required in rule.required:
            if required.rule not in known:
                raise ConfigError(
                    f"{path}: rule {rule.id!r} requires {required.rule[:120]!r}, which is not there"
                )
