"""A record as YAML that people read and edit: block style, fixed order, a comment per section."""

from collections.abc import Mapping, Sequence

import msgspec
import yaml

from scanner.incidents.fact import MAX_TEXT
from scanner.incidents.open_fields import Section
from scanner.incidents.schema import Record

_HEAD = """\
# Incident record, seeded by a scan. It is a candidate: a person confirms or rejects it.
# Edit it freely. Seeding again never changes this file.
# A field with basis `unknown` is an open question, and `how` says how to answer it. When you do,
# put the answer into `value` and make the basis `human`.
"""


# libyaml's emitter is about six times faster and writes the same style; some platforms lack it.
_Emitter: type[yaml.SafeDumper] = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(_Emitter):  # type: ignore[misc, valid-type]
    def ignore_aliases(self, data: object) -> bool:
        return True


def render(record: Record) -> str:
    """The record's file. `yaml.safe_load` and `msgspec.convert` give the same record again."""
    parts = [_HEAD]
    for name in record.__struct_fields__:
        value = getattr(record, name)
        if value is None:
            continue
        comment = type(value).__doc__ if isinstance(value, Section) else None
        text = yaml.dump(
            {name: _plain(msgspec.to_builtins(value))},
            Dumper=_Dumper,
            sort_keys=False,
            allow_unicode=True,
            default_flow_style=False,
            width=100,
        )
        parts.append(f"\n# {comment}\n{text}" if comment else text)
    return "".join(parts)


def _plain(value: object) -> object:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, Sequence):
        return [_plain(one) for one in value]
    return value


def clean(text: str) -> str:
    r"""The text without anything that acts on a terminal or deceives an eye, cut to `MAX_TEXT`.

    Control and format characters, unassigned ones and undecodable bytes become `\xNN`, `\uNNNN` or
    `\UNNNNNNNN`. Where one of these was needed a backslash is doubled, so no text is ambiguous.
    """
    if len(text) > MAX_TEXT:
        text = text[: MAX_TEXT - 1] + "…"
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else _escape(one) for one in text.replace("\\", "\\\\"))


def _escape(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"  # a byte that is not UTF-8, by surrogateescape
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
