"""Texts that quote the repository lose their secrets, and nothing else."""

import pytest

from scanner.detectors import SecretDetector
from scanner.model import Batch, Event, Evidence, Identity, Match, Problem, RepositoryInfo
from scanner.pipeline.examine import Session
from scanner.pipeline.redact import WITHHELD, redact
from scanner.rules.secrets import SecretRule, load_secret_rules
from tests.scanning import token

SECRET = token()
DOTS = "\N{MIDDLE DOT}" * 8
MASKED = f"ghp_{DOTS}{SECRET[-2:]}"
ADA = Identity("Ada", "ada@example.com")


@pytest.fixture(scope="module")
def rules() -> dict[str, SecretRule]:
    return {rule.id: rule for rule in load_secret_rules() if rule.id.startswith("github")}


@pytest.fixture(scope="module")
def session(rules: dict[str, SecretRule]) -> Session:
    return SecretDetector(tuple(rules.values()), engine="re", adapter=False).session()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("nothing here", "nothing here"),
        (SECRET, MASKED),
        (f"a {SECRET} b {SECRET}", f"a {MASKED} b {MASKED}"),
        (f"refs/heads/feature-{SECRET}", f"refs/heads/feature-{MASKED}"),
        (f"src/{SECRET}.py", f"src/{MASKED}.py"),
        (f"na\udcefve {SECRET}", f"na\udcefve {MASKED}"),
        (f"☃{SECRET}☃", f"☃{MASKED}☃"),
        (SECRET[:-1], SECRET[:-1]),
    ],
)
def test_a_secret_is_masked_where_it_stands(
    session: Session, rules: dict[str, SecretRule], text: str, shown: str
) -> None:
    problem = Problem("git", text, "a reason")
    expected = Problem("git", shown, "a reason")
    assert redact((problem, problem), session, rules, ()) == (expected, expected)


def test_what_holds_no_secret_is_the_same_object(
    session: Session, rules: dict[str, SecretRule]
) -> None:
    clean, dirty = Evidence("clean"), Evidence(SECRET)
    result = redact((clean, dirty), session, rules, ())
    assert result[0] is clean
    assert result[1].text == MASKED


def test_the_path_that_the_user_named_stays(session: Session, rules: dict[str, SecretRule]) -> None:
    info = RepositoryInfo(name=SECRET, path=f"/srv/{SECRET}", branch=f"x/{SECRET}")
    assert redact(info, session, rules, ()) == RepositoryInfo(
        name=MASKED, path=f"/srv/{SECRET}", branch=f"x/{MASKED}"
    )


def test_a_subject_is_withheld_with_its_message(
    session: Session, rules: dict[str, SecretRule]
) -> None:
    """The secret of a message may be recognised only by a line below the subject."""
    event = Event("a" * 40, "a.py", ADA, 1, 2, "the subject")
    other = Event("b" * 40, "a.py", ADA, 1, 2, "the subject")
    first, second = redact((event, other), session, rules, {"a" * 40})
    assert first.subject == WITHHELD
    assert second is other


def test_a_text_full_of_prefixes_is_no_burden(rules: dict[str, SecretRule]) -> None:
    sizes: list[int] = []

    class Counting:
        def scan(self, batch: Batch) -> list[tuple[int, Match]]:
            sizes.append(batch.size)
            return []

    redact(Evidence("-ghp_" * 10_000), Counting(), rules, ())
    assert sum(sizes) < 25_000_000, "in proportion to the text, not to its square"
