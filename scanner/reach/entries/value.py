"""What a configured value is: the value itself, a reference in any of the syntaxes, a stand-in.

The syntaxes: shells and Compose (`$X`, `${X:-default}`), Claude Code (the same), Cursor, Roo Code,
VS Code and dev containers (`${env:X}`, `${input:x}`, `${localEnv:X:default}`), OpenCode
(`{env:X}`, `{file:path}`), GitHub and Continue (`${{ secrets.X }}`), mise (`{{ env.X }}`), Crush
(`$(command)`), and the addresses of secrets managers.
"""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from scanner.reach.entries.entry import EntryKind

UNNAMED: Final = "(not shown: it may be a value)"
LONGEST: Final = 20_000
"""Characters of a value that are looked at; what is longer counts as a literal."""

_REFERENCE: Final = re.compile(
    r"\$\{\{(?P<expression>(?:[^{}]|\{[^{}]{0,200}\}){0,2000}?)\}\}"
    r"|\$\{(?P<scope>[A-Za-z]{2,20}):(?P<scoped>[A-Za-z_][\w./-]{0,200})?"
    r"(?::(?P<fallback>[^{}]{0,2000}))?\}"
    r"|\$\{(?P<braced>[A-Za-z_]\w{0,200})"
    r"(?:(?P<operator>:?[-?+=])(?P<rest>(?:[^{}]|\$\{[^{}]{0,200}\}){0,2000}))?\}"
    r"|(?P<command>\$\(.{0,2000}\)|`[^`]{1,2000}`)"
    r"|(?<![\w$\\])\$(?P<plain>[A-Za-z_]\w{0,200})"
    r"|\{(?P<kind>env|file):(?P<target>[^{}]{1,300})\}"
    r"|\{\{(?P<template>(?:[^{}]|\{[^{}]{0,200}\}){0,2000}?)\}\}",
    re.DOTALL,
)
_MANAGER: Final = re.compile(
    r"(op|vault|ref\+[a-z]+|bws|doppler|infisical|akv|keyvault|keychain|secretref|se|pass|sm"
    r"|gcp-?sm|aws-?sm|awssecret|ssm|asm)://?[^\s]"
    r"|(vault):[A-Za-z]"
    r"|(arn:aws[a-z-]*:(?:secretsmanager|ssm)):"
    r"|(projects)/[^/\s]+/secrets/"
    r"|(@Microsoft\.KeyVault)\("
    r"|(ENC)\[AES256_GCM,",
)
_MANAGER_COMMAND: Final = re.compile(
    r"\b(?:op (?:read|item)|vault (?:kv|read)|aws (?:secretsmanager|ssm)|gcloud secrets|az keyvault"
    r"|doppler (?:secrets|run)|infisical|bws|bw get|pass (?:show )?|security find-|secret-tool"
    r"|sops|chamber|teller|gopass|lpass)"
)
_STAND_IN: Final = re.compile(
    r"your[ _-]|[ _-]your\b|^your|[_-]here(?![a-z])|change[ _-]?(?:me|it|this)"
    r"|replace[ _-]?(?:me|this|with)|placeholder|insert[ _-]|dummy|redacted|example(?![.]\w)"
    r"|to-?do\b|fill[ _-]?(?:me|in)|goes[ _-]here|^<[^<>]{1,80}>$|^\[[^\[\]]{1,80}\]$"
    r"|[xX]{3}|\*{3}|\.\.\.|…|^(?:null|none|undefined|nil|tbd)$",
    re.IGNORECASE,
)
_RUN: Final = re.compile(r"[A-Za-z0-9+/=_~-]{12,}")
_LITERAL_FALLBACK: Final = re.compile(r"\|\|\s*'((?:[^']|'')*)'")
_CONTEXT: Final = re.compile(
    r"\b(?:secrets|vars|env|inputs|github|steps|needs|matrix)(?:\.[\w*-]{1,100})+"
)
_NAME: Final = re.compile(r"[A-Za-z_@?.][\w.\- ]{0,99}")
_WORD: Final = re.compile(
    r"(?:[A-Z]{1,40}|[a-z]{1,40}|[A-Za-z]{1,22})[0-9]{0,4}|[0-9]{1,3}[A-Za-z]{1,22}"
)
_SHORT_PART: Final = 8
_LONGER_PART: Final = 14
_FEW_DIGITS: Final = 3
_MOST_DIGITS: Final = 8


class Judged(msgspec.Struct, frozen=True):
    """A value's kind, and the name that a reference gives."""

    kind: EntryKind
    reference: str | None = None
    manager: bool = False
    """The reference leads to a secrets manager."""


LITERAL: Final = Judged(EntryKind.LITERAL)
PLACEHOLDER: Final = Judged(EntryKind.PLACEHOLDER)


def judge(text: str, *, verbatim: bool = False) -> Judged | None:
    """What the text is; None for an empty one. `verbatim`: nothing in it can be a reference."""
    text = text.strip()
    if not text:
        return None
    if verbatim:
        return PLACEHOLDER if stand_in(text) else LITERAL
    if len(text) > LONGEST:
        return LITERAL
    manager = _MANAGER.match(text)
    if manager:
        scheme = next(group for group in manager.groups() if group)
        return Judged(EntryKind.REFERENCE, scheme, manager=True)
    first = next(_references(text), None)
    if first is None:
        return PLACEHOLDER if stand_in(text) else LITERAL
    if _has_literal_besides(text):
        return LITERAL
    return first


def shown_name(name: str) -> str:
    """The name as it may be shown; people do put a token where its variable's name belongs."""
    return name if is_name(name) else UNNAMED


def is_name(text: str) -> bool:
    """Whether a text is a name by its build: words and short numbers, no run of random signs."""
    if _NAME.fullmatch(text) is None or sum(map(str.isdigit, text)) > _MOST_DIGITS:
        return False
    return all(
        len(part) <= _SHORT_PART
        or _WORD.fullmatch(part)
        or (len(part) <= _LONGER_PART and sum(map(str.isdigit, part)) <= _FEW_DIGITS)
        for part in re.split(r"[_.@?\- ]", text)
    )


def stand_in(text: str) -> bool:
    """Whether a text only holds the place for another."""
    return len(text) <= 200 and _STAND_IN.search(text) is not None


def _references(text: str) -> Iterator[Judged]:
    for match in _REFERENCE.finditer(text):
        yield _of_match(match)


def _of_match(match: re.Match[str]) -> Judged:
    found = match.groupdict()
    if found["expression"] is not None:
        return _expression(found["expression"])
    if found["scope"]:
        kept = shown_name(found["scoped"] or "")
        name = kept if found["scope"] in ("env", "localEnv", "containerEnv") else found["scope"]
        return _with_default(name, found["fallback"])
    if found["braced"]:
        default = found["rest"] if "+" not in (found["operator"] or "") else None
        default = None if "?" in (found["operator"] or "") else default
        return _with_default(shown_name(found["braced"]), default)
    if found["command"]:
        manager = _MANAGER_COMMAND.search(found["command"]) is not None
        return Judged(EntryKind.REFERENCE, "a command", manager=manager)
    if found["kind"]:
        target = found["target"]
        name = shown_name(target) if found["kind"] == "env" else "a file"
        return Judged(EntryKind.REFERENCE, name)
    if found["plain"]:
        return Judged(EntryKind.REFERENCE, shown_name(found["plain"]))
    return Judged(EntryKind.REFERENCE, "a template")


def _with_default(name: str, default: str | None) -> Judged:
    inner = judge(default) if default else None
    if inner is not None and inner.kind in (EntryKind.LITERAL, EntryKind.DEFAULT_LITERAL):
        return Judged(EntryKind.DEFAULT_LITERAL, name)
    return Judged(EntryKind.REFERENCE, name)


def _expression(text: str) -> Judged:
    """GitHub's `${{ ... }}`; its strings are in single quotes, `''` within."""
    contexts = [match.group() for match in _CONTEXT.finditer(text)]
    contexts.sort(key=lambda name: not name.startswith("secrets."))
    name = shown_name(contexts[0]) if contexts else "an expression"
    for match in _LITERAL_FALLBACK.finditer(text):
        inner = judge(match.group(1))
        if inner is not None and inner.kind is EntryKind.LITERAL:
            return Judged(EntryKind.DEFAULT_LITERAL, name)
    return Judged(EntryKind.REFERENCE, name, manager=name.startswith("secrets."))


def _has_literal_besides(text: str) -> bool:
    """Whether what stands around the references could be a secret by itself."""
    around = _REFERENCE.sub(" ", text)
    return any(
        any(char.isdigit() for char in run)
        and any(char.isalpha() for char in run)
        and not is_name(run)
        for run in _RUN.findall(around)
    )
