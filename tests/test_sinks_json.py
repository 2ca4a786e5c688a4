"""The JSON formats hold to their schemas, and to what was promised."""

import json
from io import BytesIO
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator
from msgspec.structs import replace

from scanner.model import Attribution, Report
from scanner.sinks import _schemas, _wire, original, write
from tests import reports

PROMISED = {
    "": {
        "schema",
        "tool",
        "repository",
        "agents",
        "summary",
        "findings",
        "incidents",
        "problems",
    },
    "finding": {
        "fingerprint",
        "rule",
        "category",
        "severity",
        "confidence",
        "title",
        "secret",
        "locations",
        "introduced",
        "removed",
        "attribution",
        "reach",
        "evidence",
        "remediation",
        "incident",
    },
    "secret": {"digest", "kind", "masked"},
    "location": {"where", "path", "commit", "blob", "line", "column"},
    "reach": {"agent", "verdict", "channel", "basis"},
    "problem": {"stage", "where", "reason"},
}

REPORTS = {
    "full": reports.full_report(),
    "clean": reports.clean_report(),
    "hostile": reports.hostile("\x1b]0;\u202e\udcff##[x]\n::error::"),
    "empty text": reports.hostile(""),
}


def document(report: Report) -> Any:
    stream = BytesIO()
    write(report, "json", stream)
    return json.loads(stream.getvalue())


def lines(report: Report) -> list[Any]:
    stream = BytesIO()
    write(report, "jsonl", stream)
    return [json.loads(line) for line in stream.getvalue().split(b"\n")[:-1]]


def schema(name: str) -> Any:
    return json.loads((_schemas.DIRECTORY / f"{name}.schema.json").read_bytes())


def objects(node: Any) -> list[Any]:
    """Every object type of a schema."""
    found = []
    if isinstance(node, dict):
        if node.get("type") == "object":
            found.append(node)
        found += [hit for child in node.values() for hit in objects(child)]
    if isinstance(node, list):
        found += [hit for child in node for hit in objects(child)]
    return found


def test_the_schema_files_are_current() -> None:
    made = _schemas.generate()
    kept = {path.name: path.read_bytes() for path in _schemas.DIRECTORY.iterdir()}
    assert kept == made, "run python -m scanner.sinks._schemas"


@pytest.mark.parametrize("name", ["json", "jsonl"])
def test_the_schemas_are_closed_and_require_every_field(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))
    found = objects(schema(name))
    assert len(found) > 15
    for item in found:
        assert item["additionalProperties"] is False
        assert sorted(item["required"]) == sorted(item["properties"])


@pytest.mark.parametrize("name", REPORTS)
def test_the_document_is_valid(name: str) -> None:
    Draft202012Validator(schema("json")).validate(document(REPORTS[name]))


@pytest.mark.parametrize("name", REPORTS)
def test_every_line_is_valid(name: str) -> None:
    validator = Draft202012Validator(schema("jsonl"))
    for line in lines(REPORTS[name]):
        validator.validate(line)


def test_an_unknown_field_is_refused() -> None:
    made = document(reports.full_report())
    made["findings"][0]["extra"] = 1
    assert not Draft202012Validator(schema("json")).is_valid(made)
    with pytest.raises(msgspec.ValidationError, match="unknown field `extra`"):
        msgspec.convert(made, _wire.Report)


def test_the_promised_keys_are_there() -> None:
    made = document(reports.full_report())
    finding = made["findings"][0]
    assert set(made) >= PROMISED[""]
    assert set(finding) >= PROMISED["finding"]
    assert set(finding["secret"]) == PROMISED["secret"]
    assert set(finding["locations"][0]) >= PROMISED["location"]
    assert set(finding["reach"][0]) >= PROMISED["reach"]
    assert set(made["problems"][0]) >= PROMISED["problem"]


def test_the_document_reads_back_into_its_own_types() -> None:
    made = msgspec.convert(document(reports.full_report()), _wire.Report)
    assert [finding.fingerprint for finding in made.findings] == [
        finding.fingerprint for finding in reports.full_report().findings
    ]
    assert made.summary.complete is False
    assert made.summary.severities == _wire.Severities(critical=1, high=2, medium=1, low=0, info=0)
    assert made.findings[1].introduced is not None
    assert made.findings[1].introduced.authored == "2026-03-02T10:00:00Z"
    assert made.findings[1].introduced.exact is False


def test_lines_hold_what_the_document_holds() -> None:
    header, *rest, summary = lines(reports.full_report())
    made = document(reports.full_report())
    assert header.pop("type") == "header"
    assert header == {key: made[key] for key in ("schema", "tool", "repository", "agents")}
    assert summary.pop("type") == "summary"
    assert summary == made["summary"]
    for kind in ("finding", "incident", "problem"):
        found = [line for line in rest if line["type"] == kind]
        assert [{k: v for k, v in line.items() if k != "type"} for line in found] == made[
            f"{kind}s"
        ]
    assert len(rest) == sum(len(made[key]) for key in ("findings", "incidents", "problems"))


def test_no_mark_is_null_and_no_commit_is_no_attribution() -> None:
    finding = reports.history_key()
    made = document(
        replace(
            reports.full_report(),
            findings=(
                finding,
                replace(finding, attribution=Attribution()),
                replace(finding, attribution=None),
            ),
        )
    )
    assert made["findings"][0]["attribution"]["agent"] == "claude-code"
    assert made["findings"][1]["attribution"] == {"agent": None, "marks": []}
    assert made["findings"][2]["attribution"] is None


def test_a_path_that_is_no_text_survives() -> None:
    path = "caf\udce9/a\nb\\x41.py"
    finding = reports.ignored_key()
    located = replace(finding, locations=(replace(finding.locations[0], path=path),))
    made = document(replace(reports.full_report(), findings=(located,)))
    assert original(made["findings"][0]["locations"][0]["path"]) == path


def test_an_impossible_date_is_null() -> None:
    made = document(reports.hostile("x"))
    assert made["findings"][0]["introduced"]["authored"] is None
    assert made["findings"][0]["introduced"]["committed"] is None
