"""Secret rules of a user's own, in files of the same form as `rules/secrets/*.yaml`."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from scanner.errors import RuleError
from scanner.rules.loading import load_file
from scanner.rules.secrets import ASSIGNMENT, SecretFile, SecretRule

_DEEPEST: Final = 16
MOST_BYTES: Final = 4 << 20
"""Of one file; the largest that agentreach ships has under a hundredth."""


class ExtraFile(msgspec.Struct, frozen=True):
    """One file of a user's own."""

    path: Path
    file: SecretFile
    """As written: `{assign}` stands in its patterns."""

    @property
    def rules(self) -> tuple[SecretRule, ...]:
        """As a detector takes them."""
        return tuple(expanded(rule) for rule in self.file.rules)


def load_extra(paths: Iterable[Path], beside: Sequence[SecretRule] = ()) -> tuple[SecretRule, ...]:
    """The rules of some files, in the order of the files and then as written.

    Unlike the shipped files, these may have any name. `beside` are the rules that they will be
    scanned with, usually the shipped ones: an id may not be taken by one of them, and `companion`
    and `part_of` may name them.

    Raises `RuleError` for a file that cannot be used, for an id used twice, and for a rule named
    that does not exist. What a pattern or a check is worth is seen when the detector is made.
    """
    return tuple(rule for file in load_extra_files(paths, beside) for rule in file.rules)


def load_extra_files(
    paths: Iterable[Path], beside: Sequence[SecretRule] = ()
) -> tuple[ExtraFile, ...]:
    """As `load_extra`, by file."""
    files = tuple(ExtraFile(path, _load(path)) for path in paths)
    taken = {rule.id: "a rule of agentreach's own" for rule in beside}
    for one in files:
        for rule in one.file.rules:
            if rule.id in taken:
                raise RuleError(
                    f"{one.path}: rule id {rule.id!r} is taken by {taken[rule.id]}",
                    hint="put the name of your organisation in front",
                )
            taken[rule.id] = str(one.path)
    for one in files:
        for rule in one.file.rules:
            _refuse_unknown(one.path, rule, taken)
    return files


def expanded(rule: SecretRule) -> SecretRule:
    """With what `{assign}` stands for in its pattern."""
    return msgspec.structs.replace(rule, pattern=rule.pattern.replace("{assign}", ASSIGNMENT))


def _load(path: Path) -> SecretFile:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise RuleError(f"{path}: cannot be read: {error.strerror}") from None
    if size > MOST_BYTES:
        raise RuleError(f"{path}: {size} bytes are no rule file", hint="4 MiB at most")
    _refuse_aliases(path)
    return load_file(path, SecretFile)


def _refuse_aliases(path: Path) -> None:
    """An alias of an alias of an alias is how a short file becomes an endless one, and a nest of
    brackets how the reader's stack ends. No rule needs either."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    depth = 0
    try:
        for event in yaml.parse(path.read_bytes(), Loader=loader):
            line = event.start_mark.line + 1 if event.start_mark is not None else 0
            if isinstance(event, yaml.AliasEvent):
                raise RuleError(f"{path}:{line}: an alias (*{event.anchor}) is not taken here")
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                raise RuleError(f"{path}:{line}: nested too deeply for a rule file")
    except OSError as error:
        raise RuleError(f"{path}: cannot be read: {error.strerror}") from None
    except yaml.YAMLError:
        return  # said by `load_file`, with the line


def _refuse_unknown(path: Path, rule: SecretRule, known: dict[str, str]) -> None:
    named = [("part_of", name) for name in rule.part_of]
    if rule.companion is not None:
        named.append(("companion", rule.companion.rule))
    for key, name in named:
        if name not in known or (key == "part_of" and name == rule.id):
            raise RuleError(f"{path}: {rule.id}: {key}: there is no other rule {name!r}")
