"""From matches in contents to one finding a file."""

import msgspec

from scanner.attribution import Attributor
from scanner.model import Category, Confidence, DataMatch, Origin, Severity, Tracking, Where
from scanner.pipeline.data_sightings import RULE, DataSightings, data_keys, sight
from scanner.pipeline.digest import Digester
from scanner.pipeline.personal import PersonalFindings, names_contributors
from scanner.pipeline.places import Trees
from scanner.pipeline.provenance import Provenance
from scanner.rules.personal import load_personal_rules
from tests.persons import rows
from tests.repo import Repo
from tests.scanning import Json, scan

MATCH = DataMatch(
    start=8,
    end=20,
    rows=412,
    counts=(("email-address", 412), ("person-name", 400), ("phone-number", 398)),
    columns=("email", "phone"),
    confidence=Confidence.HIGH,
    evidence=("in comma-separated rows",),
)
CONTENT = b"# 2024\n\nname,email,phone\n"
BLOB = "a" * 40


def build(trees: Trees, sightings: DataSightings, extra: tuple[Origin, ...] = ()):  # type: ignore[no-untyped-def]
    builder = PersonalFindings(
        lambda: Digester(b"key"), load_personal_rules(), Attributor([]), lambda place: ()
    )
    return builder.findings(sightings, trees, Provenance(data_keys(sightings)), extra)


def worktree(*paths: str) -> Trees:
    return Trees(
        worktree=tuple(
            Origin(Where.WORKTREE, path, BLOB, tracking=Tracking.TRACKED) for path in paths
        )
    )


def test_one_finding_a_file() -> None:
    found, ignored = build(worktree("b.csv", "a.csv"), {BLOB: sight(CONTENT, MATCH)})
    assert [finding.locations[0].path for finding in found] == ["a.csv", "b.csv"]
    assert ignored == 0
    first = found[0]
    assert first.rule == RULE
    assert first.category is Category.DATA_EXFILTRATION
    assert first.severity is Severity.MEDIUM
    assert first.locations[0].line == 3
    assert [line.text for line in first.evidence][:3] == [
        "412 rows; e-mail addresses in 412, names of persons in 400, telephone numbers in 398",
        "columns: email, phone",
        "in comma-separated rows",
    ]
    assert first.remediation
    assert found[0].fingerprint != found[1].fingerprint


def test_the_fingerprint_is_of_rule_and_path() -> None:
    other = msgspec.structs.replace(MATCH, rows=9, counts=(("iban", 9),))
    one, _ = build(worktree("a.csv"), {BLOB: sight(CONTENT, MATCH)})
    two, _ = build(worktree("a.csv"), {BLOB: sight(CONTENT, other)})
    assert one[0].fingerprint == two[0].fingerprint
    assert one[0].locations[0].fingerprint == two[0].locations[0].fingerprint


def test_many_rows_weigh_more_and_few_less() -> None:
    many = msgspec.structs.replace(MATCH, rows=20_000)
    few = msgspec.structs.replace(MATCH, rows=12)
    assert build(worktree("a.csv"), {BLOB: sight(CONTENT, many)})[0][0].severity is Severity.HIGH
    assert build(worktree("a.csv"), {BLOB: sight(CONTENT, few)})[0][0].severity is Severity.LOW


def test_tests_are_lowered() -> None:
    found, _ = build(worktree("tests/fixtures/a.csv"), {BLOB: sight(CONTENT, MATCH)})
    assert found[0].severity is Severity.INFO


def test_files_that_name_contributors_are_left_alone() -> None:
    for path in ("AUTHORS", "docs/MAINTAINERS.md", ".mailmap", "CHANGELOG.rst", "x/CODEOWNERS"):
        assert names_contributors(path)
    for path in ("users.csv", "authors/list.csv", "data/maintainer_export.csv"):
        assert not names_contributors(path)
    assert build(worktree("AUTHORS"), {BLOB: sight(CONTENT, MATCH)}) == ([], 0)


def test_an_ignore_comment_with_a_reason() -> None:
    content = CONTENT.replace(b"# 2024\n\n", b"# agentreach: ignore-next-line[*] all made up\n")
    match = msgspec.structs.replace(MATCH, start=content.index(b"name,"))
    assert build(worktree("a.csv"), {BLOB: sight(content, match)}) == ([], 1)


def test_index_head_and_unreachable() -> None:
    trees = Trees(index={"a.csv": BLOB}, head={"a.csv": BLOB}, has_head=True)
    lost = Origin(Where.UNREACHABLE, "", BLOB)
    found, _ = build(trees, {BLOB: sight(CONTENT, MATCH)}, (lost,))
    places = {finding.locations[0].path: finding.locations[0] for finding in found}
    assert places["a.csv"].where is Where.INDEX
    assert places["a.csv"].in_head is True
    assert places[""].where is Where.UNREACHABLE


def people(repo: Repo, *options: str) -> list[Json]:
    found = scan(repo.path, *options).findings
    return [finding for finding in found if finding["rule"] == RULE]


def test_a_table_on_disk_and_one_that_was_taken_out(repo: Repo) -> None:
    repo.commit("one", {"README.md": "hello\n"})
    repo.commit("bring customers", {"data/customers.csv": rows(60)})
    repo.commit("more customers", {"data/customers.csv": rows(80)})
    repo.commit("oops", {"data/customers.csv": None})
    repo.write("leads.csv", rows(40, seed=1))
    former, current = sorted(people(repo), key=lambda one: one["locations"][0]["path"])
    assert current["locations"][0]["path"] == "leads.csv"
    assert current["category"] == former["category"] == 1
    assert former["locations"][0]["path"] == "data/customers.csv"
    assert former["introduced"]["subject"] == "bring customers"
    assert former["removed"]["subject"] == "oops"
    assert "valero" not in str(former).lower()
    assert "@gmail" not in str(current).lower()


def test_in_a_range_only_what_it_brought(repo: Repo) -> None:
    repo.commit("one", {"old.csv": rows(50)})
    repo.commit("two", {"new.csv": rows(50, seed=2)})
    (found,) = people(repo, "--range", "HEAD~1..HEAD")
    assert found["locations"][0]["path"] == "new.csv"
