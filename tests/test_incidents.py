"""Grouping findings into incidents, the records on disk, the log and the playbooks."""

import json
import os
import shutil
import stat
from pathlib import Path

import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.errors import ConfigError, RuleError
from scanner.incidents import seed
from scanner.incidents.case import cases
from scanner.incidents.compose import compose, guide
from scanner.incidents.log import LOG_NAME
from scanner.incidents.records import open_record, write_records
from scanner.incidents.schema import Record
from scanner.incidents.yaml_text import render
from scanner.model import (
    Attribution,
    Basis,
    Category,
    Channel,
    Confidence,
    Coverage,
    Event,
    Evidence,
    Fact,
    Finding,
    Identity,
    Location,
    Mark,
    Reach,
    Report,
    RepositoryInfo,
    Role,
    Secret,
    Severity,
    Tier,
    Tool,
    Tracking,
    Verdict,
    Where,
)
from scanner.rules import root
from scanner.rules.playbooks import load_playbooks

START = 1_700_000_000
AGENT = Attribution(
    (
        Mark(
            agent="some-agent",
            name="Some Agent",
            role=Role.CO_AUTHOR,
            tier=Tier.TRAILER,
            evidence=(Evidence("a Co-Authored-By trailer"),),
        ),
    )
)


def event(commit: str, time: int = START, author: str = "ada") -> Event:
    return Event(
        commit=commit * 40,
        path="src/app.py",
        author=Identity(author, f"{author}@example.com"),
        time=time,
        committed=time,
        subject="work",
    )


def exposed(digest: str = "d1", path: str = ".env", **changes: object) -> Finding:
    """A credential that is reason enough for a record."""
    finding = Finding(
        fingerprint=f"secret-{digest}-{path}",
        rule="some-token",
        category=Category.CREDENTIAL_EXPOSURE,
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        title="Some token",
        locations=(
            Location(
                where=Where.WORKTREE,
                path=path,
                line=3,
                tracking=Tracking.IGNORED,
                in_head=False,
                fingerprint=f"place-{digest}-{path}",
            ),
        ),
        secret=Secret(digest=digest, kind="Some token", masked="tok_····"),
        reach=(Reach("some-agent", Channel.FILE_TOOLS, Verdict.NO_PROMPT, "no rule covers it"),),
        evidence=(
            Evidence("checksum valid"),
            Evidence("bad", Basis.DERIVED, "rules/severity.yaml"),
        ),
        remediation=("Revoke it.",),
    )
    return msgspec.structs.replace(finding, **changes)


def overstep(commit: str = "a", time: int = START, **changes: object) -> Finding:
    """An agent's commit that is reason enough for a record."""
    finding = Finding(
        fingerprint=f"boundary-{commit}-{time}",
        rule="ci-permissions",
        category=Category.AGENT_OVERREACH,
        severity=Severity.MEDIUM,
        confidence=Confidence.MEDIUM,
        title="CI permissions widened",
        locations=(
            Location(
                where=Where.COMMIT,
                path=".github/workflows/deploy.yml",
                commit=commit * 40,
                fingerprint=f"place-{commit}-{time}",
            ),
        ),
        introduced=event(commit, time),
        attribution=AGENT,
        seeds_incident=True,
    )
    return msgspec.structs.replace(finding, **changes)


def report(path: Path, *findings: Finding, started: int = START + 90_000) -> Report:
    seeded, incidents = seed(findings)
    return Report(
        tool=Tool("1.0", "0123", "re"),
        repository=RepositoryInfo(name="shop", path=str(path), head="e" * 40, branch="main"),
        agents=(),
        findings=seeded,
        incidents=incidents,
        problems=(),
        coverage=Coverage(commits=3, blobs=4, files=5),
        started=started,
        seconds=0.5,
    )


def groups(*findings: Finding) -> set[frozenset[str]]:
    _, incidents = seed(findings)
    return {frozenset(one.findings) for one in incidents}


def load(path: Path) -> Record:
    return msgspec.convert(yaml.load(path.read_text(), yaml.CSafeLoader), Record)


# ------------------------------------------------------------------ what opens a record, and where


@pytest.mark.parametrize(
    ("finding", "opens"),
    [
        (exposed(), True),
        (exposed(severity=Severity.MEDIUM), False),
        (exposed(confidence=Confidence.LOW), False),
        (exposed(category=Category.DATA_EXFILTRATION), True),
        (overstep(), True),
        (overstep(seeds_incident=False, severity=Severity.CRITICAL), False),
    ],
)
def test_what_opens_a_record(finding: Finding, opens: bool) -> None:
    (seeded,), incidents = seed([finding])
    assert (len(incidents) == 1) is opens
    assert seeded.incident == (incidents[0].id if opens else None)


def test_one_secret_one_incident() -> None:
    same = exposed("d1", ".env"), exposed("d1", "app.py"), exposed("d2", "app.py")
    assert len(groups(*same)) == 2


def test_a_secret_in_an_overreaching_commit_is_one_incident_of_two_categories(tmp_path) -> None:
    secret = exposed(introduced=event("a"), attribution=AGENT)
    given = report(tmp_path, overstep("a"), secret)
    (incident,) = given.incidents
    assert incident.category is Category.CREDENTIAL_EXPOSURE
    (case,) = cases(given)
    assert case.secondary == (Category.AGENT_OVERREACH,)
    record = compose(case, guide())
    assert record.credentials and record.overreach is not None
    assert {item.id[:2] for item in record.checklist.review} == {"c4", "c3"}


@pytest.mark.parametrize(
    ("second", "incidents"),
    [
        (overstep("b", START + 1800), 1),
        (overstep("b", START + 1801), 2),
        (overstep("b", START + 60, introduced=event("b", START + 60, "bea")), 2),
        (overstep("b", START + 60, attribution=None), 2),
        (overstep("b", START + 86_400, task="T-1"), 2),
    ],
)
def test_a_series_is_one_agent_one_author_half_an_hour(second: Finding, incidents: int) -> None:
    assert len(groups(overstep("a"), second)) == incidents


def test_one_task_one_incident() -> None:
    assert len(groups(overstep("a", task="T-1"), overstep("b", START + 86_400, task="T-1"))) == 1


def test_a_lesser_finding_joins_but_does_not_tie_two_incidents() -> None:
    lesser = overstep("a", START, seeds_incident=False, fingerprint="lesser", task="T-1")
    first = overstep("a", START)
    second = overstep("b", START + 86_400, task="T-1")
    _, incidents = seed([first, lesser, second])
    assert len(incidents) == 2
    assert sum("lesser" in one.findings for one in incidents) == 1


def test_at_the_edge_of_a_shallow_clone_nothing_shares_a_commit() -> None:
    edge = msgspec.structs.replace(event("a"), exact=False)
    assert len(groups(exposed("d1", introduced=edge), exposed("d2", introduced=edge))) == 2


SAMPLE = [
    exposed("d1"),
    exposed("d1", "app.py", introduced=event("a"), attribution=AGENT),
    exposed("d2", introduced=event("b", START + 600), attribution=AGENT),
    exposed("d3", severity=Severity.LOW),
    overstep("a"),
    overstep("c", START + 7200, task="T-1"),
    overstep("f", START + 90_000, task="T-1", seeds_incident=False),
]


@given(st.permutations(SAMPLE))
def test_grouping_does_not_depend_on_the_order(findings: list[Finding]) -> None:
    _, expected = seed(SAMPLE)
    seeded, incidents = seed(findings)
    assert incidents == expected
    assert [one.fingerprint for one in seeded] == [one.fingerprint for one in findings]


def test_the_id_outlives_another_place_and_a_commit() -> None:
    _, (staged,) = seed([exposed()])
    _, (later,) = seed([exposed(introduced=event("a")), exposed("d1", "copy.py")])
    assert later.id == staged.id
    assert staged.id == "AR-1826b078"  # on every machine


def test_an_existing_task_keeps_its_id_when_it_grows() -> None:
    _, (first,) = seed([overstep("b", task="T-1")])
    _, (later,) = seed([overstep("a", START - 86_400, task="T-1"), overstep("b", task="T-1")])
    assert later.id == first.id


# ------------------------------------------------------------------------------ the record


def test_a_record_decodes_strictly_to_what_was_written(tmp_path) -> None:
    given = report(tmp_path, exposed(introduced=event("a"), attribution=AGENT), overstep("a"))
    written, (path,) = write_records(tmp_path / "incidents", given)
    (case,) = cases(given)
    assert load(path) == compose(case, guide())
    assert written.incidents[0].record == f"incidents/{path.name}"
    assert written.incidents[0].status == "candidate"


def facts_of(value: object) -> list[Fact]:
    if isinstance(value, Fact):
        return [value]
    if isinstance(value, msgspec.Struct):
        return [one for name in value.__struct_fields__ for one in facts_of(getattr(value, name))]
    return [one for item in value for one in facts_of(item)] if isinstance(value, tuple) else []


@pytest.mark.parametrize(
    "finding", [exposed(), overstep(), exposed(category=Category.DATA_EXFILTRATION)]
)
def test_every_open_field_says_how_to_find_out_and_nothing_is_confirmed(finding, tmp_path) -> None:
    (case,) = cases(report(tmp_path, finding))
    record = compose(case, guide())
    facts = facts_of(record)
    assert len(facts) > 50
    for fact in facts:
        assert (fact.basis is Basis.UNKNOWN) == (fact.value is None)
        assert fact.basis is not Basis.HUMAN
        assert fact.value is not None or fact.how
    assert record.status == "candidate"
    steps = record.checklist
    assert {item.state for item in (*steps.containment, *steps.review)} == {"open"}
    assert (record.exposure is not None) == (finding.category is Category.DATA_EXFILTRATION)
    assert (record.overreach is not None) == (finding.category is Category.AGENT_OVERREACH)


def test_the_credential_block(tmp_path) -> None:
    (case,) = cases(report(tmp_path, exposed(introduced=event("a"), attribution=AGENT)))
    (credential,) = compose(case, guide()).credentials
    assert credential.entered_by.value == "env-file"
    assert credential.age_days.value == 1
    assert credential.introduced_by_agent.value == "Some Agent (co-author, by trailer)"
    assert credential.reached_by == ("some-agent",)
    assert credential.places == (".env:3 (working tree, ignored by git)",)
    assert credential.valid.value is None


def test_an_absence_is_only_stated_of_what_was_read(tmp_path) -> None:
    given = report(tmp_path, exposed())
    (whole,) = cases(given)
    (part,) = cases(msgspec.structs.replace(given, coverage=Coverage(files=1)))
    assert compose(whole, guide()).visibility.history.value is False
    assert compose(part, guide()).visibility.history.value is None


@pytest.mark.parametrize("time", [-(10**15), 10**15, 0])
def test_absurd_dates_do_not_stop_a_record(time: int, tmp_path) -> None:
    _, paths = write_records(tmp_path / "r", report(tmp_path, exposed(introduced=event("a", time))))
    assert len(paths) == 1


HOSTILE = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\n\r\t\x1b\x00\u202e\u2028\ufeff\udcff\x85#:{}&*!|>'\"%@`"),
    ),
    min_size=1,
    max_size=40,
)


@settings(max_examples=40, deadline=None)
@given(HOSTILE, HOSTILE, HOSTILE)
def test_text_from_the_repository_is_data(path: str, name: str, text: str) -> None:
    finding = exposed(
        path=path,
        title=name,
        introduced=msgspec.structs.replace(event("a"), author=Identity(name, text)),
        evidence=(Evidence(text, Basis.OBSERVED, path),),
        task=text,
    )
    (case,) = cases(report(Path("/"), finding))
    written = render(compose(case, guide()))
    assert all(one.isprintable() or one == "\n" for one in written)
    written.encode()
    record = msgspec.convert(yaml.load(written, yaml.CSafeLoader), Record)
    assert record.id == case.incident.id
    assert len(record.evidence.findings) == 1


def test_a_very_large_incident_is_cut_and_says_so(tmp_path) -> None:
    place = exposed().locations[0]
    places = tuple(msgspec.structs.replace(place, path=f"{n}.env") for n in range(500))
    many = [exposed(path=f"{n}.txt", locations=places) for n in range(150)]
    (case,) = cases(report(tmp_path, *many))
    evidence = compose(case, guide()).evidence
    assert (len(evidence.findings), evidence.more_findings) == (100, 50)
    assert (len(evidence.findings[0].places), evidence.findings[0].more_places) == (100, 400)


# ------------------------------------------------------------------------------ on disk


def snapshot(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def test_seeding_again_changes_nothing(tmp_path) -> None:
    directory = tmp_path / "incidents"
    write_records(directory, report(tmp_path, exposed(), overstep()))
    before = snapshot(directory)
    later = report(tmp_path, exposed(), overstep(), started=START + 10**6)
    written, paths = write_records(directory, later)
    assert paths == ()
    assert snapshot(directory) == before
    assert all(one.record for one in written.incidents)


def test_what_a_person_wrote_stays(tmp_path) -> None:
    directory = tmp_path / "incidents"
    _, (path,) = write_records(directory, report(tmp_path, exposed()))
    edited = path.read_text().replace("status: candidate", "status: closed  # by Bea")
    path.write_text(edited + "our_own_notes: rotated on Tuesday\n")
    before = path.read_bytes()
    seen_twice = exposed(), exposed("d1", "copy.py")
    written, paths = write_records(directory, report(tmp_path, *seen_twice))
    assert paths == ()
    assert path.read_bytes() == before
    assert [one.status for one in written.incidents] == ["closed"]


def test_a_new_place_goes_to_the_log_once(tmp_path) -> None:
    directory = tmp_path / "incidents"
    write_records(directory, report(tmp_path, exposed()))
    for _ in range(2):
        write_records(directory, report(tmp_path, exposed(), exposed("d1", "copy.py")))
    lines = [json.loads(line) for line in (directory / LOG_NAME).read_text().splitlines()]
    assert [line["event"] for line in lines] == ["seeded", "observed"]
    assert lines[1]["places"] == ["place-d1-copy.py"]
    assert lines[1]["seen"] == ["copy.py:3 (working tree, ignored by git)"]


def test_a_subject_with_a_record_keeps_it_when_the_grouping_changes(tmp_path) -> None:
    """Two staged secrets get a record each; the commit that then holds both makes no third."""
    directory = tmp_path / "incidents"
    staged, _ = write_records(directory, report(tmp_path, exposed("d1"), exposed("d2")))
    both = [exposed(one, introduced=event("a")) for one in ("d1", "d2")]
    assert len(seed(both)[1]) == 1
    written, paths = write_records(directory, report(tmp_path, *both))
    assert paths == ()
    assert {one.id for one in written.incidents} == {one.id for one in staged.incidents}
    assert len({one.incident for one in written.findings}) == 2


def test_a_new_secret_does_not_disappear_into_an_old_record(tmp_path) -> None:
    directory = tmp_path / "incidents"
    old = exposed("d1", introduced=event("a"))
    _, (first,) = write_records(directory, report(tmp_path, old))
    new = exposed("d2", introduced=event("a"))
    lesser = overstep("a", seeds_incident=False)
    written, (second,) = write_records(directory, report(tmp_path, old, new, lesser))
    assert first != second
    assert {one.incident for one in written.findings} == {first.stem, second.stem}
    assert all(one.incident is not None for one in written.findings)


def test_a_deleted_record_comes_back_but_not_in_the_log(tmp_path) -> None:
    directory = tmp_path / "incidents"
    given = report(tmp_path, exposed())
    _, (path,) = write_records(directory, given)
    path.unlink()
    assert write_records(directory, given)[1] == (path,)
    assert len((directory / LOG_NAME).read_text().splitlines()) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"id: [",
        b"\xff\xfe",
        b"- a list",
        b"id: AR-00000000\nstatus: x\nsubjects: [y]\n",
        b"[" * 50_000,
    ],
)
def test_a_broken_record_is_left_and_reported(content: bytes, tmp_path) -> None:
    directory = tmp_path / "incidents"
    given = report(tmp_path, exposed())
    _, (path,) = write_records(directory, given)
    path.write_bytes(content)
    written, paths = write_records(directory, given)
    assert paths == ()
    assert path.read_bytes() == content
    (problem,) = written.problems
    assert (problem.stage, problem.where) == ("record", str(path))


def test_a_broken_line_of_the_log_stays_and_is_reported(tmp_path) -> None:
    directory = tmp_path / "incidents"
    directory.mkdir()
    (directory / LOG_NAME).write_text("{half a li")
    written, _ = write_records(directory, report(tmp_path, exposed()))
    broken, whole = (directory / LOG_NAME).read_text().splitlines()
    assert broken == "{half a li"
    assert json.loads(whole)["id"] == written.incidents[0].id
    assert len(written.problems) == 1


def test_only_the_owner_can_read_them(tmp_path) -> None:
    directory = tmp_path / "incidents"
    _, (path,) = write_records(directory, report(tmp_path, exposed()))
    modes = [stat.S_IMODE(one.stat().st_mode) for one in (directory, path, directory / LOG_NAME)]
    assert modes == [0o700, 0o600, 0o600]


def test_nothing_is_made_without_incidents(tmp_path) -> None:
    given = report(tmp_path, exposed(severity=Severity.LOW))
    assert write_records(tmp_path / "incidents", given) == (given, ())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("planted", ["incidents", "parent"])
def test_a_link_in_the_repository_is_not_followed(planted: str, tmp_path) -> None:
    outside = tmp_path / "outside"
    repository = tmp_path / "repository"
    outside.mkdir()
    repository.mkdir()
    (repository / planted).symlink_to(outside)
    directory = repository / "parent" / "deep" if planted == "parent" else repository / "incidents"
    with pytest.raises(ConfigError, match="symbolic link"):
        write_records(directory, report(repository, exposed()))
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("name", ["record", "log"])
def test_a_link_in_place_of_a_file_is_not_followed(name: str, tmp_path) -> None:
    directory = tmp_path / "incidents"
    given = report(tmp_path, exposed())
    _, (path,) = write_records(directory, given)
    shutil.rmtree(directory)
    directory.mkdir()
    victim = tmp_path / "victim"
    victim.write_text("mine")
    link = path if name == "record" else directory / LOG_NAME
    link.symlink_to(victim)
    if name == "record":
        written, paths = write_records(directory, given)
        assert (paths, len(written.problems)) == ((), 1)
    else:
        with pytest.raises(ConfigError):
            write_records(directory, given)
    assert victim.read_text() == "mine"


def test_a_pipe_in_place_of_a_record_does_not_hang(tmp_path) -> None:
    directory = tmp_path / "incidents"
    given = report(tmp_path, exposed())
    _, (path,) = write_records(directory, given)
    path.unlink()
    os.mkfifo(path)
    written, _ = write_records(directory, given)
    assert [one.reason for one in written.problems] == ["not a regular file; left as it is"]


def test_a_file_in_place_of_the_directory_is_the_users_mistake(tmp_path) -> None:
    (tmp_path / "incidents").write_text("")
    with pytest.raises(ConfigError) as caught:
        write_records(tmp_path / "incidents", report(tmp_path, exposed()))
    assert caught.value.hint


@pytest.mark.parametrize("category", list(Category))
def test_a_record_of_any_category_can_be_opened_by_hand(category: Category, tmp_path) -> None:
    directory = tmp_path / "incidents"
    path = open_record(directory, report(tmp_path), category, "somebody told us", Severity.MEDIUM)
    record = load(path)
    assert record.category.primary is category
    assert record.detection.method == "opened by a person"
    assert record.checklist.containment
    before = snapshot(directory)
    write_records(directory, report(tmp_path, exposed()))
    assert before[path.name] == snapshot(directory)[path.name]
    (line, _) = (directory / LOG_NAME).read_text().splitlines()
    assert json.loads(line)["category"] == category.value


# ------------------------------------------------------------------------------ playbooks


def test_every_playbook_covers_every_phase() -> None:
    for category, playbook in load_playbooks().items():
        phases = msgspec.structs.asdict(playbook.checklist)
        assert all(phases.values()), f"category {category.value} has an empty phase"
        assert playbook.escalation and playbook.detection and playbook.containment
        assert playbook.assigned_by_scanner == (category in (1, 3, 4))


def test_disclosure_and_frameworks_of_every_assigned_category() -> None:
    for category in (Category(1), Category(3), Category(4)):
        duties = guide().disclosure.of(category)
        assert any(duty.hours == 72 for duty in duties)
        ids = guide().frameworks.of(category)
        assert ids.atlas and ids.owasp_llm and ids.cwe


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("category: 4", "category: 5", "unlike the file name"),
        ("id: c4-contain-2", "id: c4-contain-1", "used twice"),
        ("reversible: true", "reversible: false", "reversible proposals must come first"),
        ("level: 1", "level: one", "int"),
    ],
)
def test_a_wrong_playbook_is_refused(old: str, new: str, message: str, tmp_path) -> None:
    shutil.copytree(root() / "playbooks", tmp_path / "playbooks")
    path = tmp_path / "playbooks" / "category-4.yaml"
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(RuleError, match=message):
        load_playbooks(tmp_path)
