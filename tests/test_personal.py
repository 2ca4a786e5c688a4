"""Personal data in bulk: what is found, and what is left alone. All values are made up here."""

import gc
import json
import random
import re
import string
from collections.abc import Callable, Iterable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.detectors.personal import PersonalDetector, triggers
from scanner.detectors.personal.detector import ADDRESS, HEADING
from scanner.detectors.personal.validators import Mark, validator_of
from scanner.model import Confidence, DataMatch
from scanner.rules.examples import expand
from scanner.rules.personal import PersonalRule, load_personal_rules

RULES = load_personal_rules()
BY_KIND = {rule.kind: rule for rule in RULES}
DETECTOR = PersonalDetector()
EXPRESSIONS = [
    (
        trigger.name,
        re.compile(trigger.pattern.encode(), re.IGNORECASE if trigger.case_insensitive else 0),
    )
    for trigger in triggers()
]
FIRST = ["Anna", "Bert", "Carla", "Dieter", "Emma", "Franz", "Greta", "Hans", "Ines", "Jonas"]
LAST = ["Amsel", "Drossel", "Fink", "Meise", "Sperling", "Kranich", "Reiher", "Habicht", "Falke"]
Rows = list[dict[str, str]]
# fmt: off
PIECES = [
    "email", "ssn", "iban", '"', "'", ",", ";", "\t", "|", "{", "}", "[", "]", ":", "<", ">", "\n",
    "\r", "\\", "INSERT INTO t (email) VALUES (", "COPY t (email) FROM stdin;\n", "\ud800",
    "a.b@gmail.com", "+49 30 23456789", "((((", "- a: ", "dn: x\n", "BEGIN:VCARD\n", "\u00b2",
    "\u0663",
]
# fmt: on


def hits(content: bytes) -> dict[str, list[int]]:
    """What the one pass over all contents would report."""
    found: dict[str, list[int]] = {}
    for name, expression in EXPRESSIONS:
        found.setdefault(name, []).extend(hit.end() for hit in expression.finditer(content))
    return {name: sorted(ends) for name, ends in found.items()}


def examine(content: bytes | str) -> DataMatch | None:
    data = content.encode() if isinstance(content, str) else content
    return DETECTOR.examine(data, hits(data))


def found(content: bytes | str) -> DataMatch:
    match = examine(content)
    assert match is not None
    return match


def valid(rule: PersonalRule, count: int) -> list[str]:
    """So many different values that the rule's own validator accepts."""
    judge = validator_of(rule)
    values: dict[str, None] = {}
    for seed in range(20_000):
        text = expand(rule.examples[seed % len(rule.examples)], seed).decode()
        if text not in values and judge([text]) == [Mark.VALID]:
            values[text] = None
            if len(values) == count:
                return list(values)
    raise AssertionError(f"{rule.kind}: only {len(values)} valid values")


def address(source: random.Random, first: str, last: str) -> str:
    name = "".join(source.choices(string.ascii_lowercase, k=5))
    return f"{first.lower()}.{last.lower()}.{name}@{source.choice(['gmail', 'yahoo', 'gmx'])}.net"


def people(count: int, seed: int = 0) -> Rows:
    source = random.Random(seed)
    rows = []
    for _ in range(count):
        first, last = source.choice(FIRST), source.choice(LAST)
        rows.append(
            {
                "first_name": first,
                "last_name": last,
                "email": address(source, first, last),
                "phone": f"+49 30 2{source.randrange(10**6, 10**7)}",
                "dob": f"19{source.randrange(50, 99)}-0{source.randrange(1, 9)}-1"
                f"{source.randrange(9)}",
            }
        )
    return rows


def delimited(rows: Rows, separator: str = ",", heading: bool = True) -> str:
    lines = [separator.join(rows[0])] if heading else []
    lines += [separator.join(row.values()) for row in rows]
    return "\n".join(lines) + "\n"


# ------------------------------------------------------------------------------ the rules


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.kind)
def test_examples_and_counter_examples(rule: PersonalRule) -> None:
    judge = validator_of(rule)
    assert len(valid(rule, 3)) == 3
    for template in rule.counter_examples:
        values = [expand(template, seed).decode() for seed in range(200)]
        assert Mark.VALID not in judge(values), template


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.kind)
def test_the_stated_chance_is_true(rule: PersonalRule) -> None:
    """Statistics rest on it: what a check digit lets through by chance must not be understated."""
    if rule.chance >= 1 or rule.kind in ("email-address", "phone-number", "payment-card"):
        return
    values = [
        expand(rule.examples[seed % len(rule.examples)], seed).decode() for seed in range(3000)
    ]
    share = validator_of(rule)(values).count(Mark.VALID) / len(values)
    assert share <= rule.chance * 1.5 + 0.005


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.alone], ids=lambda rule: rule.kind)
def test_each_kind_is_found_beside_names(rule: PersonalRule) -> None:
    values = valid(rule, 24)
    rows = [
        {"first_name": row["first_name"], "last_name": row["last_name"], rule.columns[0]: value}
        for row, value in zip(people(24), values, strict=True)
    ]
    match = found(delimited(rows, ";"))
    assert dict(match.counts)[rule.kind] == 24
    assert rule.columns[0] in match.columns
    assert match.confidence is Confidence.HIGH


@pytest.mark.parametrize(
    "rule",
    [rule for rule in RULES if rule.kind.startswith("national-id-") and rule.chance < 0.2],
    ids=lambda rule: rule.kind,
)
def test_wrong_check_digits_are_no_ids(rule: PersonalRule) -> None:
    judge = validator_of(rule)
    texts = (expand(rule.examples[0], seed).decode() for seed in range(2000))
    wrong = [text for text in texts if judge([text]) == [Mark.INVALID]][:24]
    rows = [
        {"first_name": row["first_name"], "last_name": row["last_name"], rule.columns[0]: value}
        for row, value in zip(people(24), wrong, strict=True)
    ]
    match = examine(delimited(rows, ";"))
    assert match is None or rule.kind not in dict(match.counts)


def test_at_least_twenty_countries() -> None:
    countries = {rule.country for rule in RULES if rule.kind.startswith("national-id-")}
    assert len(countries) >= 40


# ------------------------------------------------------------------------------ formats


def as_json(rows: Rows) -> str:
    return json.dumps(rows)


def as_json_lines(rows: Rows) -> str:
    return "\n".join(json.dumps(row) for row in rows)


def as_yaml(rows: Rows) -> str:
    lines = []
    for row in rows:
        pairs = [f"{key}: {value}" for key, value in row.items()]
        lines.append("- " + "\n  ".join(pairs))
    return "users:\n" + "\n".join(lines) + "\n"


def as_xml(rows: Rows) -> str:
    body = "".join(
        "<row>" + "".join(f"<{key}>{value}</{key}>" for key, value in row.items()) + "</row>\n"
        for row in rows
    )
    return f'<?xml version="1.0"?>\n<rows>\n{body}</rows>\n'


def as_xml_attributes(rows: Rows) -> str:
    body = "".join(
        "<row " + " ".join(f'{key}="{value}"' for key, value in row.items()) + "/>\n"
        for row in rows
    )
    return f"<rows>\n{body}</rows>\n"


def as_inserts(rows: Rows) -> str:
    names = ", ".join(f"`{name}`" for name in rows[0])
    values = ",\n".join(
        "(" + ", ".join(f"'{value}'" for value in row.values()) + ")" for row in rows
    )
    return f"INSERT INTO `customers` ({names}) VALUES\n{values};\n"


def as_inserts_after_create(rows: Rows) -> str:
    columns = ",\n".join(f"  `{name}` varchar(80) NOT NULL" for name in rows[0])
    lines = [f"CREATE TABLE `customers` (\n{columns},\n  PRIMARY KEY (`email`)\n);"]
    for row in rows:
        values = ", ".join(f"'{value}'" for value in row.values())
        lines.append(f"INSERT INTO `customers` VALUES ({values});")
    return "\n".join(lines)


def as_copy(rows: Rows) -> str:
    body = "\n".join("\t".join(row.values()) for row in rows)
    names = ", ".join(rows[0])
    return f"COPY public.customers ({names}) FROM stdin;\n{body}\n\\.\n"


def as_ldif(rows: Rows) -> str:
    return "\n".join(
        f"dn: uid=u{index},ou=people\nsn: {row['last_name']}\nmail: {row['email']}\n"
        f"telephoneNumber: {row['phone']}\n"
        for index, row in enumerate(rows)
    )


def as_vcards(rows: Rows) -> str:
    return "".join(
        f"BEGIN:VCARD\nVERSION:3.0\nFN:{row['first_name']} {row['last_name']}\n"
        f"EMAIL;TYPE=INTERNET:{row['email']}\nTEL;TYPE=CELL:{row['phone']}\nBDAY:{row['dob']}\n"
        "END:VCARD\n"
        for row in rows
    )


def as_fixture(rows: Rows) -> str:
    lines = []
    for index, row in enumerate(rows):
        lines.append(f"person_{index}:")
        lines += [f"  {key}: {value}" for key, value in row.items()]
    return "\n".join(lines) + "\n"


def as_code(rows: Rows) -> str:
    body = ",\n".join(
        "  { " + ", ".join(f"{key}: '{value}'" for key, value in row.items()) + " }" for row in rows
    )
    return f"export const users = [\n{body}\n];\n"


def as_markdown(rows: Rows) -> str:
    names = list(rows[0])
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    lines += ["| " + " | ".join(row.values()) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def as_quoted(rows: Rows) -> str:
    lines = [",".join(f'"{name}"' for name in rows[0])]
    lines += [",".join(f'"{value}"' for value in row.values()) for row in rows]
    return "\r\n".join(lines) + "\r\n"


FORMS: list[Callable[[Rows], str]] = [
    delimited,
    lambda rows: delimited(rows, "\t"),
    lambda rows: delimited(rows, ";"),
    lambda rows: delimited(rows, "|"),
    lambda rows: "\N{ZERO WIDTH NO-BREAK SPACE}" + delimited(rows),
    as_quoted,
    as_markdown,
    as_json,
    lambda rows: json.dumps({"data": {"people": rows}}, indent=2),
    as_json_lines,
    as_yaml,
    as_fixture,
    as_xml,
    as_xml_attributes,
    as_inserts,
    as_inserts_after_create,
    as_copy,
    as_ldif,
    as_vcards,
    as_code,
]


@pytest.mark.parametrize("form", FORMS)
def test_every_format(form: Callable[[Rows], str]) -> None:
    match = found(form(people(40)))
    counts = dict(match.counts)
    assert counts["email-address"] == 40
    assert counts["phone-number"] == 40
    assert match.confidence is Confidence.HIGH
    assert match.rows >= 40


@pytest.mark.parametrize("form", FORMS)
def test_three_rows_are_single_mentions(form: Callable[[Rows], str]) -> None:
    assert examine(form(people(3))) is None


def test_the_span_is_the_heading() -> None:
    text = delimited(people(30))
    match = found(text)
    assert text[match.start : match.end] == "first_name,last_name,email,phone,dob"


def test_without_headings_the_values_speak() -> None:
    match = found(delimited(people(30), heading=False))
    assert dict(match.counts)["email-address"] == 30
    assert match.columns == ()
    assert match.confidence is Confidence.MEDIUM


def test_one_address_a_line() -> None:
    match = found("\n".join(row["email"] for row in people(40)))
    assert match.counts == (("email-address", 40),)


def test_a_log_with_many_users() -> None:
    rows = people(120)
    lines = [
        f"2024-05-01T10:{index % 60:02}:00Z INFO login of {row['email']} from web"
        for index, row in enumerate(rows)
    ]
    assert found("\n".join(lines)).confidence is not Confidence.HIGH
    assert examine("\n".join(lines[:30])) is None


# ------------------------------------------------------------------------------ left alone


def addresses(rows: Rows) -> Sequence[str]:
    return [f"{row['first_name']} {row['last_name']} <{row['email']}>" for row in rows]


def left_alone() -> Iterable[tuple[str, str]]:
    rows = people(60)
    yield "authors", "# Authors\n\n" + "\n".join(addresses(rows))
    yield "mailmap", "\n".join(f"{one} <x{one[-12:]}" for one in addresses(rows))
    yield "sign-offs", "\n".join(f"Fix it\n\nSigned-off-by: {one}\n" for one in addresses(rows))
    yield (
        "git log",
        "\n".join(
            f"commit {index * 7919**9:040x}\nAuthor: {one}\nDate: Mon\n"
            for index, one in enumerate(addresses(rows))
        ),
    )
    yield (
        "change log",
        "\n".join(
            f"2024-01-{1 + index % 28:02}  {one}\n\n\t* a.c: Fix.\n"
            for index, one in enumerate(addresses(rows))
        ),
    )
    yield (
        "package",
        json.dumps(
            {
                "name": "x",
                "version": "1.0.0",
                "license": "MIT",
                "maintainers": [{"name": row["first_name"], "email": row["email"]} for row in rows],
            }
        ),
    )
    yield (
        "roles",
        "name,email\n"
        + "\n".join(
            f"Shop {index},info@shop-{name}{index}.de" for index, name in enumerate(FIRST * 4)
        ),
    )
    yield (
        "examples",
        "name,email\n"
        + "\n".join(
            f"{row['first_name']},{row['email'].split('@')[0]}@example.org" for row in rows
        ),
    )
    yield (
        "no replies",
        "name,email\n"
        + "\n".join(
            f"{row['first_name']},{index}+{row['last_name']}@users.noreply.github.com"
            for index, row in enumerate(rows)
        ),
    )
    yield (
        "messages of a translation",
        "\n".join(
            f'msgid "mail {row["email"]}"\nmsgstr "schreibe {row["email"]}"\n' for row in rows
        ),
    )
    yield (
        "prose",
        "\n".join(f"Write to {row['email']}, or call {row['phone']}." for row in rows[:8]),
    )
    yield (
        "schema",
        json.dumps(
            {
                "properties": {
                    f"user{index}": {"email": {"type": "string"}, "phone": {"type": "string"}}
                    for index in range(40)
                }
            }
        ),
    )
    yield (
        "fiction",
        "name,phone\n"
        + "\n".join(
            f"{row['first_name']},(212) 555-01{index:02}" for index, row in enumerate(rows)
        ),
    )
    yield (
        "days",
        "first_name,day\n" + "\n".join(f"{row['first_name']},{row['dob']}" for row in rows),
    )
    yield (
        "products",
        "product name,born\n"
        + "\n".join(f"widget {index},{1950 + index}-01-01" for index in range(40)),
    )


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in left_alone()])
def test_left_alone(text: str) -> None:
    assert examine(text) is None


def test_random_digits_are_no_cards() -> None:
    """One in ten passes the check digit."""
    source = random.Random(3)
    rows = ["order,card number"]
    rows += [f"{index},4{source.randrange(10**14, 10**15)}" for index in range(300)]
    assert examine("\n".join(rows)) is None


def test_published_test_cards_are_nobodys() -> None:
    card = BY_KIND["payment-card"]
    published = []
    for stem in card.excluded:
        for last in string.digits:
            if validator_of(card)([stem + last]) == [Mark.MADE_UP]:
                published.append(stem + last)
    assert len(published) > 20
    assert examine("id,card number\n" + "\n".join(f"x,{number}" for number in published)) is None


def test_ids_of_things_are_no_ids_of_persons() -> None:
    """Bar codes and invoices carry the same check digits; nothing beside them is a person."""
    values = valid(BY_KIND["national-id-pl"], 30)
    text = "invoice;reference\n" + "\n".join(
        f"R{index};{value}" for index, value in enumerate(values)
    )
    assert examine(text) is None


# ------------------------------------------------------------------------------ made-up rows


def test_numbered_addresses_are_low() -> None:
    text = "email,phone\n" + "\n".join(
        f"kunde{index}@gmail.com,+49 30 2{index:06}1" for index in range(40)
    )
    match = found(text)
    assert match.confidence is Confidence.LOW
    assert any("number behind it" in reason for reason in match.evidence)


def test_a_known_generators_addresses_are_low() -> None:
    digits = string.digits + string.ascii_lowercase
    rows = people(30)
    lines = ["id,first_name,last_name,email"]
    for index, row in enumerate(rows):
        name = row["first_name"][0].lower() + row["last_name"].lower() + digits[index]
        lines.append(f"{index + 1},{row['first_name']},{row['last_name']},{name}@gmail.com")
    assert found("\n".join(lines)).confidence is Confidence.LOW


# ------------------------------------------------------------------------------ bounds


def test_large_tables_are_sampled_and_say_so() -> None:
    rows = people(2000)
    text = delimited(rows) + delimited(rows, heading=False) * 14
    match = found(text)
    assert any("even sample" in reason for reason in match.evidence)
    assert 0.7 * 30_000 < match.rows < 1.3 * 30_000
    assert dict(match.counts)["email-address"] <= match.rows


def test_large_json_on_one_line_is_sampled() -> None:
    match = found(json.dumps(people(12_000)))
    assert 0.7 * 12_000 < dict(match.counts)["email-address"] < 1.3 * 12_000


def test_large_dump_in_long_statements_is_sampled() -> None:
    match = found(as_inserts(people(12_000)))
    assert 0.7 * 12_000 < dict(match.counts)["email-address"] < 1.3 * 12_000
    assert "email" in match.columns


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=3000))
def test_never_raises_on_bytes(data: bytes) -> None:
    every = list(range(0, len(data), 7))
    DETECTOR.examine(data * 3, {ADDRESS: every, HEADING: every})


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(PIECES),
        max_size=400,
    )
)
def test_never_raises_on_broken_tables(parts: list[str]) -> None:
    data = "".join(parts).encode("utf-8", "surrogatepass") * 3
    match = DETECTOR.examine(data, hits(data))
    if match is not None:
        assert 0 <= match.start <= match.end <= len(data)


@pytest.mark.parametrize(
    "data",
    [
        b"'\\" * 300_000,
        b"INSERT INTO t VALUES (" + b"'\\" * 300_000,
        b"INSERT INTO t VALUES " + b"(" * 900_000,
        b'{"a":' * 180_000,
        b"<a>" + b" " * 900_000,
        b"<a>  " * 180_000,
        b'"a":"' + b"a" * 900_000,
        b",{" + b" " * 900_000,
        b"a" * 900_000 + b"@",
        b"COPY t (" * 110_000,
        b"- a: b\n" * 130_000,
        b"a," * 450_000,
        b'"' * 900_000,
        b"\n" * 900_000,
    ],
    ids=range(14),
)
def test_hostile_contents_end(data: bytes) -> None:
    """Not a test of time: one that takes hours fails by the time limit of the run."""
    every = list(range(1, len(data), 1000))
    DETECTOR.examine(data, {ADDRESS: every, HEADING: every})


# ------------------------------------------------------------------------------ no value leaves


@pytest.mark.parametrize("form", FORMS)
def test_no_value_is_in_the_match(form: Callable[[Rows], str]) -> None:
    rows = people(40)
    said = repr(found(form(rows)))
    for row in rows:
        for value in row.values():
            assert value not in said
    gc.collect()


def test_a_first_row_of_data_is_not_quoted() -> None:
    """A row that looks like headings because it has no digits must not be shown as one."""
    rows = people(40)
    text = "Anna Amsel,Berlin,anna\n" + "\n".join(
        f"{row['first_name']} {row['last_name']},Berlin,{row['email']}" for row in rows
    )
    match = found(text)
    assert "Amsel" not in repr(match)


def test_headings_are_bounded_and_plain() -> None:
    rows = people(40)
    text = delimited(rows).replace("email", "my \x1b[31m\N{RIGHT-TO-LEFT OVERRIDE} email", 1)
    for name in found(text).columns:
        assert len(name) <= 60
        assert "\x1b" not in name
        assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in name
