"""Data-flow checks: their own examples, and what a hostile or unusual file must not do."""

import re
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.dataflow import check_file, has_trigger
from scanner.dataflow.driver import MAX_BYTES, checks
from scanner.dataflow.names import SecretNames, looks_live
from scanner.model import Basis, Category, Confidence, Evidence, FlowMatch, Problem, Severity
from scanner.rules.dataflow import load_flow_rules
from scanner.rules.examples import expand

RULES = load_flow_rules()
MADE_UP = expand("{alnum:16}").decode()


def _examples(kind: str) -> list:
    return [
        pytest.param(name, text.replace("GENERATED", MADE_UP), id=f"{name}-{number}")
        for name, check in checks().items()
        for number, text in enumerate(getattr(check, kind))
    ]


def flows(text: str, path: str = "app.py") -> list[FlowMatch]:
    found = check_file(path, text.encode())
    assert isinstance(found, list), found
    return found


@pytest.mark.parametrize(("name", "text"), _examples("GOOD"))
def test_good_example(name: str, text: str) -> None:
    assert [(match.line, match.rule) for match in flows(text)] == []


@pytest.mark.parametrize(("name", "text"), _examples("BAD"))
def test_bad_example(name: str, text: str) -> None:
    rule = name.replace("_", "-")
    expected = [
        number for number, line in enumerate(text.split("\n"), 1) if line.endswith("# here")
    ]
    assert [match.line for match in flows(text) if match.rule == rule] == expected
    assert has_trigger(text.encode())


def test_every_check_is_documented_and_has_a_rule() -> None:
    assert {name.replace("_", "-") for name in checks()} == RULES.keys()
    for check in checks().values():
        assert check.__doc__ is not None
        assert all(f"\n{word}" in check.__doc__ for word in ("What:", "Why:", "Example::"))
        assert check.GOOD
        assert check.BAD


def test_a_match_says_where_from_and_where_to() -> None:
    text = (
        "import os, logging\n"
        "def connect():\n"
        '    token = os.environ["API_TOKEN"]\n'
        '    header = f"Bearer {token}"\n'
        '    logging.info("using %s", header)\n'
    )
    (match,) = flows(text, "src/app.py")
    assert (match.line, match.column, match.symbol) == (5, 5, "connect")
    assert (match.category, match.severity) == (Category.CREDENTIAL_EXPOSURE, Severity.HIGH)
    assert match.confidence is Confidence.HIGH
    assert match.evidence == (
        Evidence("reads the environment variable API_TOKEN", source="src/app.py:3"),
        Evidence("assigned to token", source="src/app.py:3"),
        Evidence("formatted into a text", source="src/app.py:4"),
        Evidence("assigned to header", source="src/app.py:4"),
        Evidence("written by logging.info()", Basis.DERIVED, "src/app.py:5"),
    )


READ = 'os.environ["API_KEY"]'


@pytest.mark.parametrize(
    ("text", "symbol", "confidence"),
    [
        (f"import os\nprint({READ})\n", "<module>", Confidence.MEDIUM),
        (
            f'import logging\npassword = "{MADE_UP}"\nlogging.info(password)\n',
            "<module>",
            Confidence.MEDIUM,
        ),
        (
            f'class A:\n  def f(self):\n    password = "{MADE_UP}"\n    print(password)\n',
            "A.f",
            Confidence.LOW,
        ),
        (
            f"import os\ndef f():\n    def g():\n        print({READ})\n",
            "f.g",
            Confidence.MEDIUM,
        ),
    ],
)
def test_symbol_and_confidence(text: str, symbol: str, confidence: Confidence) -> None:
    (match,) = flows(text)
    assert (match.symbol, match.confidence) == (symbol, confidence)


def test_literals_in_test_files_are_fixtures() -> None:
    literal = f'password = "{MADE_UP}"\nprint(password)\n'
    assert len(flows(literal, "src/app.py")) == 1
    assert not flows(literal, "tests/unit/app.py")
    assert not flows(literal, "src/test_app.py")
    assert len(flows('import os\nprint(os.environ["API_KEY"])\n', "tests/test_app.py")) == 1


def test_no_literal_leaves_the_check() -> None:
    text = (
        'password = "GENERATED"\n'
        'known = {"GENERATED": password}\n'
        'print(known, known["GENERATED"], f"{password}GENERATED")\n'
    )
    found = flows(text.replace("GENERATED", MADE_UP))
    assert [match.line for match in found] == [3]
    assert MADE_UP not in repr(found)


# ------------------------------------------------------------------ names

NAMES = SecretNames(RULES["secret-to-log"].names)


@pytest.mark.parametrize(
    "name",
    [
        "GITHUB_TOKEN", "API_KEY", "apiKey", "STRIPE_KEY", "OPENAI_API_KEY_2", "DB_PASSWORD",
        "secret", "AWS_SECRET_ACCESS_KEY", "SENTRY_DSN", "GH_PAT", "DB_PWD",
        "CREDENTIALS", "TOKEN_VALUE",
    ],
)  # fmt: skip
def test_names_that_mean_a_secret(name: str) -> None:
    assert NAMES.in_environment(name)


@pytest.mark.parametrize(
    "name",
    [
        "HOME", "PWD", "MAX_TOKENS", "MAX_TOKEN", "TOKEN_LIMIT", "API_KEY_ID", "PUBLIC_KEY",
        "DATABASE_URL", "SECRET_NAME", "PASSWORD_FILE", "NEXT_PUBLIC_API_KEY", "KEYBOARD", "",
        "GOOGLE_APPLICATION_CREDENTIALS",
    ],
)  # fmt: skip
def test_names_that_do_not(name: str) -> None:
    assert not NAMES.in_environment(name)


def test_key_needs_company_in_code() -> None:
    assert NAMES.in_code("api_key")
    assert not NAMES.in_code("stripe_key")
    assert not NAMES.in_code("key")


@pytest.mark.parametrize(
    "text",
    [
        "", "short1", "two words 1", "OPENAI_API_KEY1", "your-key-1234", "${TOKEN_1234}",
        "aaaaaaa1", "abcdefghij",
    ],
)  # fmt: skip
def test_literals_that_are_no_credential(text: str) -> None:
    assert not looks_live(text)


# ------------------------------------------------------------------ what cannot be analysed

TRIGGERED = b'import os\nprint(os.environ["API_KEY"])\n'


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (TRIGGERED + b'print "x"\n', "Python 2 syntax is not analysed"),
        (TRIGGERED + b"try: pass\nexcept A, e:\n  pass\n", "Python 2 syntax is not analysed"),
        (TRIGGERED + b"x = {{ y }\n", "not valid Python (line 3)"),
        (TRIGGERED + b"\0", "not valid Python"),
        (TRIGGERED + b"x = " + b"(" * 3000, "not valid Python"),
        (TRIGGERED + b"x = " + b"-" * 20_000 + b"1\n", "not valid Python, or nested too deeply"),
        (TRIGGERED + b"x = " + b"1+" * 500 + b"1\n", "nested more than"),
        (TRIGGERED + b"x = a" + b".b" * 500 + b"\n", "nested more than"),
        (TRIGGERED + b"if a: pass\n" + b"elif a: pass\n" * 500, "nested more than"),
        (TRIGGERED + b"#" * MAX_BYTES, "larger than"),
        (TRIGGERED + b"x = [" + b"1," * 210_000 + b"]\n", "syntax nodes"),
        (b"# -*- coding: nonsense -*-\n" + TRIGGERED, "not valid Python"),
    ],
)  # fmt: skip
def test_what_cannot_be_analysed_is_a_problem(data: bytes, reason: str) -> None:
    found = check_file("app.py", data)
    assert isinstance(found, Problem)
    assert (found.stage, found.where) == ("dataflow", "app.py")
    assert found.reason.startswith(reason) or reason in found.reason


def test_syntax_newer_than_the_interpreter_is_analysed() -> None:
    # Python 3.11 cannot parse an f-string that reuses its quotes; 3.12 can.
    assert [match.line for match in flows(TRIGGERED.decode() + 'x = f"{"a"}"\n')] == [2]


def test_without_a_trigger_nothing_is_parsed() -> None:
    assert not has_trigger(b"def (")
    assert check_file("app.py", b"def (") == []


def test_invalid_escapes_in_the_scanned_file_are_its_own_business() -> None:
    assert len(flows('import os\nx = "\\d"\nprint(os.environ["API_KEY"])\n')) == 1


def test_deep_but_legal_nesting_is_analysed() -> None:
    nested = "".join("    " * depth + "if a:\n" for depth in range(40))
    text = "import os\n" + nested + "    " * 40 + 'print(os.environ["API_KEY"])\n'
    assert [match.line for match in flows(text)] == [42]


def test_nested_loops_and_calls_stay_cheap() -> None:
    # Evaluated twice a level, either of these would not end.
    loops = "".join("    " * depth + f"for x{depth} in y:\n" for depth in range(60))
    text = "import os\n" + loops + "    " * 60 + 'print(os.environ["API_KEY"])\n'
    text += "print(" * 60 + 'os.environ["API_KEY"]' + ")" * 60 + "\n"
    assert len(flows(text)) == 2


def test_many_names_and_branches_stay_bounded() -> None:
    lines = ["import os"]
    lines += [f'token{n} = os.environ["T{n}_TOKEN"]\nif a:\n    b' for n in range(2000)]
    lines += ["print(token0)", "print(token1999)"]
    assert [match.line for match in flows("\n".join(lines) + "\n")] == [
        len("\n".join(lines).split("\n")) - 1
    ]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                'a = os.environ["API_KEY"]', "b = a", "a = None", "c = f'{b}'", "print(a)",
                "log.info(c)", "if a:", "else:", "for a in b:", "    print(b)", "    a = c",
                "def f(a):", "    return a", "d = {'x': a, **c}", "print(d['x'], *d)", "del a",
                "(b := a)", "try:", "except X as a:", "    pass",
            ]
        ),
        max_size=14,
    )
)  # fmt: skip
def test_any_program_gives_matches_inside_it_or_a_problem(lines: list[str]) -> None:
    data = ("import os\n" + "\n".join(lines) + "\n").encode()
    found = check_file("app.py", data)
    if isinstance(found, Problem):
        with pytest.raises(SyntaxError):
            compile(data, "app.py", "exec")
        return
    text = data.decode().split("\n")
    for match in found:
        assert re.match(r"print|log", text[match.line - 1][match.column - 1 :])


def test_triggers_load_neither_libcst_nor_a_rule() -> None:
    code = (
        "import sys; from scanner.dataflow import has_trigger; has_trigger(b'os.environ print');"
        "print('libcst' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
