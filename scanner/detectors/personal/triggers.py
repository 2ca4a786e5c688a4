"""What the one pass over all contents has to notice, so that hardly any is looked at by Python.

Literal strings only: Hyperscan searches for hundreds of them at hardly any cost, where one general
expression for an e-mail address, or for sixteen digits, halves the speed of the whole scan. So an
address is noticed at the mail services that most private persons use, and everything else by a
heading. What has neither is not found; docs/personal-data.md says so.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from scanner.detectors.personal.headings import words
from scanner.detectors.trigger import Trigger
from scanner.rules.personal import PersonalRule, load_personal_rules

ADDRESS: Final = "personal-address"
HEADING: Final = "personal-heading"

# fmt: off
_SERVICES: Final = (
    "gmail.com", "googlemail.com", "yahoo.com", "yahoo.co.uk", "yahoo.fr", "yahoo.de",
    "yahoo.co.in", "yahoo.co.jp", "hotmail.com", "hotmail.co.uk", "hotmail.fr", "outlook.com",
    "icloud.com", "aol.com", "gmx.de", "gmx.net", "gmx.at", "web.de", "t-online.de", "qq.com",
    "163.com", "126.com", "mail.ru", "yandex.ru", "protonmail.com", "proton.me", "live.com",
    "msn.com", "orange.fr", "free.fr", "libero.it", "naver.com", "wanadoo.fr", "comcast.net",
    "verizon.net", "att.net", "uol.com.br", "rediffmail.com", "wp.pl", "seznam.cz", "abv.bg",
    "ukr.net",
)
# fmt: on
# Behind an address in a table or a list. In change logs and mails it is `>`.
_BEHIND_ADDRESS: Final = "\",;\t|<\n\r' "
_BEHIND_HEADING: Final = "\",'|\t<`;:\n\r"
# Each pair is a string for every short word, and hundreds of strings of five bytes make the pass
# slow: only what stands between columns, at the end of a row, or in quotes.
_AROUND_SHORT: Final = ('""', "''", ",,", ";;", "\t\t", ",\n", ";\n", ",\r", ";\r")

_SHORT: Final = 4
"""Letters of a heading that is a part of many words: only with the same mark on both sides."""
_TELLING: Final = 9
"""Letters from which a word tells by itself, unless it is one of `_COMMON`."""
# fmt: off
_COMMON: Final = frozenset(
    {
        "account", "allergies", "citizen", "contact", "contribuinte", "diagnosis", "diagnoses",
        "diagnostico", "disability", "document", "documento", "identidad", "identification",
        "identite", "identity", "individual", "insurance", "medication", "national", "permanent",
        "personal", "portable", "registration", "residential", "security", "taxpayer",
    }
)
# fmt: on
_TOGETHER: Final = 100
"""Literals in one expression."""


def triggers(rules: Sequence[PersonalRule] | None = None) -> tuple[Trigger, ...]:
    """The triggers whose hits `PersonalDetector.examine` wants; several have the same name.

    `rules` defaults to the shipped ones. Raises `RuleError` if these cannot be read.
    """
    rules = load_personal_rules() if rules is None else rules
    columns = [column for rule in rules for column in rule.columns[: rule.noticed]]
    addresses = (f"@{name}{mark}" for name in _SERVICES for mark in _BEHIND_ADDRESS)
    plain = (text for column in columns if column.isascii() for text in _noticed(column))
    others = (
        text
        for column in columns
        if not column.isascii()
        # The engines fold the case of ASCII letters only.
        for text in {column, column.capitalize(), column.upper()}
    )
    return (
        *_expressions(ADDRESS, addresses, fold=True),
        *_expressions(HEADING, plain, fold=True),
        *_expressions(HEADING, others, fold=False),
    )


def _noticed(column: str) -> Iterator[str]:
    """Strings one of which stands wherever the heading does, however its words are joined."""
    parts = column.split()
    if len("".join(words(column))) <= _SHORT:
        for mark in _AROUND_SHORT:
            yield mark[0] + "".join(parts) + mark[1]
        return
    telling = [part for part in parts if len(part) >= _TELLING and part not in _COMMON]
    if telling:
        yield max(telling, key=len)
    elif len(parts) > 1:
        yield from {joint.join(parts) for joint in ("_", " ", "")}
    else:
        yield from (column + mark for mark in _BEHIND_HEADING)


def _expressions(name: str, texts: Iterable[str], *, fold: bool) -> Iterator[Trigger]:
    """Literals by the hundred; one that holds another adds nothing."""
    wanted = set(texts)
    least = sorted(text for text in wanted if not any(o != text and o in text for o in wanted))
    for index in range(0, len(least), _TOGETHER):
        part = "|".join(_escaped(text) for text in least[index : index + _TOGETHER])
        yield Trigger(name, f"(?:{part})", fold)


def _escaped(text: str) -> str:
    return "".join(
        chr(byte) if byte < 128 and chr(byte).isalnum() else f"\\x{byte:02x}"
        for byte in text.encode()
    )
