"""What a finding says of the line that brought it in."""

from collections.abc import Mapping, Sequence

import pytest

from scanner.attribution import Attributor
from scanner.attribution.lines import Tools
from scanner.gitio import open_repository
from scanner.model import (
    Basis,
    Category,
    Change,
    Confidence,
    Evidence,
    Finding,
    Location,
    Secret,
    Severity,
    Where,
)
from scanner.model.lines import Author, Form
from scanner.pipeline.introduced_blame import LineBlamer
from scanner.pipeline.introduced_lines import (
    MOST_LINES,
    AddedLine,
    Attestation,
    Blamed,
    CurrentLine,
    LineEvidence,
)
from scanner.pipeline.introduced_notes import NoteAttester
from scanner.pipeline.locate import Sight, Sighting
from scanner.pipeline.provenance import Provenance, secrets_by_blob
from scanner.rules.agents import load_agents
from scanner.sources.worktree import WorkTree
from tests.repo import Repo

AGENTS = load_agents()
ATTRIBUTOR = Attributor(AGENTS)
NAMES = {agent.id: agent.name for agent in AGENTS}
KEY = ("some-rule", "0" * 32)
CO_AUTHOR = {"Co-authored-by": "Claude <noreply@anthropic.com>"}
BY_AGENT = Attestation(Author.AGENT, "claude-code", Form.GIT_AI)
BY_PERSON = Attestation(Author.HUMAN, None, Form.GIT_AI)


class Notes:
    """Stands for what notes say; remembers what it was asked."""

    def __init__(self, said: Mapping[AddedLine, Sequence[Attestation]]) -> None:
        self.said = said
        self.asked: list[tuple[AddedLine, ...]] = []

    def __call__(self, lines: Sequence[AddedLine]) -> Mapping[AddedLine, Sequence[Attestation]]:
        self.asked.append(tuple(lines))
        return {line: self.said[line] for line in lines if line in self.said}


def nobody(_: Sequence[CurrentLine]) -> Mapping[CurrentLine, Blamed]:
    return {}


def changes(repo: Repo) -> list[Change]:
    with open_repository(repo.path) as opened:
        return [one for one in opened.changes() if isinstance(one, Change)]


def secret(repo: Repo, blob: str, line: int) -> tuple[Finding, Provenance, dict[str, Sighting]]:
    """A secret in one line of one blob, with the history that brought it."""
    sighting = Sighting(Sight(*KEY, "", Confidence.HIGH, ()), line, 1)
    provenance = Provenance(secrets_by_blob({blob: {KEY}}))
    for change in changes(repo):
        provenance.add(change)
    event, change = provenance.introduced[KEY]
    finding = found(
        Location(Where.WORKTREE, event.path, 99),
        rule=KEY[0],
        secret=Secret(KEY[1], "a secret", ""),
        introduced=event,
        attribution=ATTRIBUTOR.attribute(change),
    )
    return finding, provenance, {blob: sighting}


def found(place: Location, rule: str = "some-rule", **fields: object) -> Finding:
    return Finding(
        "0" * 32,
        rule,
        Category.CREDENTIAL_EXPOSURE,
        Severity.HIGH,
        Confidence.HIGH,
        "A title",
        (place,),
        **fields,  # type: ignore[arg-type]
    )


def told(finding: Finding, provenance: Provenance, seen: dict[str, Sighting], notes: Notes) -> str:
    sightings = {blob: (one,) for blob, one in seen.items()}
    evidence = LineEvidence(ATTRIBUTOR, notes, nobody, NAMES)
    (after,) = evidence.added_to([finding], provenance, sightings)
    return "\n".join(one.text for one in after.evidence)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ([BY_AGENT], "is attested to Claude Code by a git-ai note"),
        ([BY_PERSON], "is attested to a person by a git-ai note"),
        (
            [BY_AGENT, BY_PERSON],
            "is attested to Claude Code by a git-ai note and to a person by a git-ai note;"
            " the notes contradict each other",
        ),
        ([Attestation(Author.AGENT, "no-such", Form.ENTIRE)], "an unnamed agent by an Entire"),
    ],
)
def test_a_secret_by_the_line_that_its_commit_brought(
    repo: Repo, said: list[Attestation], words: str
) -> None:
    """Not by the line in which it stands today."""
    repo.commit("first", {"a.py": "1\n"})
    commit = repo.commit("second", {"a.py": "1\n2\n3\n"})
    blob = repo.git("rev-parse", "HEAD:a.py")
    repo.commit("moved", {"a.py": "0\n" * 96 + "1\n2\n3\n"})
    finding, provenance, seen = secret(repo, blob, 3)
    notes = Notes({AddedLine(commit, "a.py", 3): said})
    text = told(finding, provenance, seen, notes)
    assert text.startswith("line 3 of a.py, as the commit brought it,")
    assert words in text
    assert notes.asked == [(AddedLine(commit, "a.py", 3),)]


def test_a_marked_commit_without_a_note(repo: Repo) -> None:
    repo.commit("first", {"a.py": "1\n"}, trailers=CO_AUTHOR)
    blob = repo.git("rev-parse", "HEAD:a.py")
    finding, provenance, seen = secret(repo, blob, 1)
    assert "no note says who wrote line 1 of a.py" in told(finding, provenance, seen, Notes({}))
    sightings = {blob: (seen[blob],)}
    evidence = LineEvidence(ATTRIBUTOR, Notes({}), nobody, NAMES)
    (after,) = evidence.added_to([finding], provenance, sightings)
    assert after.evidence[-1].basis is Basis.UNKNOWN


def test_no_mark_and_no_note_is_no_sentence(repo: Repo) -> None:
    """Absence of evidence is not news, and it never means a person."""
    repo.commit("first", {"a.py": "1\n"})
    finding, provenance, seen = secret(repo, repo.git("rev-parse", "HEAD:a.py"), 1)
    assert told(finding, provenance, seen, Notes({})) == ""


def test_an_overstep_by_its_own_line(repo: Repo) -> None:
    commit = repo.commit("first", {"a.py": "1\n2\n"}, trailers=CO_AUTHOR)
    (change,) = changes(repo)
    provenance = Provenance({})
    finding, _, _ = secret(repo, repo.git("rev-parse", "HEAD:a.py"), 1)
    overstep = found(
        Location(Where.COMMIT, "a.py", 2, commit=commit),
        introduced=finding.introduced,
        attribution=ATTRIBUTOR.attribute(change),
        evidence=(Evidence("what was there before"),),
    )
    notes = Notes({AddedLine(commit, "a.py", 2): [BY_AGENT]})
    text = told(overstep, provenance, {}, notes)
    assert text.startswith("what was there before\nline 2 of a.py")
    assert text.endswith("is attested to Claude Code by a git-ai note")


def test_a_flow_gets_the_commit_of_its_line(repo: Repo) -> None:
    commit = repo.commit("first", {"a.py": "1\n2\n"}, trailers=CO_AUTHOR)
    (change,) = changes(repo)
    here, loose = CurrentLine("b.py", 7), CurrentLine("c.py", 1)
    asked: list[Sequence[CurrentLine]] = []

    def blamer(lines: Sequence[CurrentLine]) -> Mapping[CurrentLine, Blamed]:
        asked.append(lines)
        return {here: Blamed(change, "a.py", 2)}

    notes = Notes({AddedLine(commit, "a.py", 2): [BY_AGENT]})
    flows = [found(Location(Where.WORKTREE, *line)) for line in (here, loose)]
    dated, uncommitted = LineEvidence(ATTRIBUTOR, notes, blamer, NAMES).added_to(
        flows, Provenance({}), {}
    )
    assert dated.introduced is not None
    assert (dated.introduced.commit, dated.introduced.path) == (commit, "a.py")
    assert dated.attribution is not None and dated.attribution.agent is not None
    assert "attested to Claude Code" in dated.evidence[-1].text
    assert uncommitted == flows[1]
    assert asked == [[here, loose]]


def test_a_boundary_of_a_shallow_clone_brought_nothing_for_certain(repo: Repo) -> None:
    repo.commit("first", {"a.py": "1\n"})
    repo.commit("second", {"b.py": "1\n"}, trailers=CO_AUTHOR)
    shallow = repo.clone(repo.path.parent / "shallow", "--depth=1")
    finding, provenance, seen = secret(shallow, repo.git("rev-parse", "HEAD:b.py"), 1)
    notes = Notes({})
    assert told(finding, provenance, seen, notes) == ""
    assert notes.asked == []


def test_questions_are_bounded() -> None:
    notes = Notes({})
    asked: list[int] = []

    def blamer(lines: Sequence[CurrentLine]) -> Mapping[CurrentLine, Blamed]:
        asked.append(len(lines))
        return {}

    flows = [found(Location(Where.WORKTREE, "a.py", line)) for line in range(1, MOST_LINES + 9)]
    evidence = LineEvidence(ATTRIBUTOR, notes, blamer, NAMES)
    assert evidence.added_to(flows, Provenance({}), {}) == flows
    assert asked == [MOST_LINES]


# ---------------------------------------------------------------------- with real notes and blame


def git_ai(path: str, lines: str) -> str:
    """A git-ai note that attests lines to a session of Claude Code."""
    session = '{"agent_id":{"tool":"claude","id":"1","model":"opus"}}'
    sessions = f'"sessions":{{"s_0123456789abcd":{session}}}'
    return (
        f"{path}\n  s_0123456789abcd::t_0123456789abcd {lines}\n---\n"
        f'{{"schema_version":"authorship/3.0.0","prompts":{{}},{sessions}}}\n'
    )


def test_notes_are_read_of_the_commits_asked_about(repo: Repo) -> None:
    first = repo.commit("first", {"a.py": "1\n2\n"})
    second = repo.commit("second", {"a.py": "1\n2\n3\n4\n"})
    repo.note(git_ai("a.py", "1-4"), second, "refs/notes/ai")
    asked = [AddedLine(second, "a.py", line) for line in (1, 3)]
    asked += [AddedLine(first, "a.py", 1), AddedLine(second, "b.py", 3)]
    with open_repository(repo.path) as opened:
        said = NoteAttester(opened, Tools(AGENTS))(asked)
    # Line 1 is claimed and was there before: the commit did not bring it.
    assert said == {AddedLine(second, "a.py", 3): (BY_AGENT,)}


def test_a_note_that_is_no_note_says_nothing(repo: Repo) -> None:
    commit = repo.commit("first", {"a.py": "1\n"})
    repo.note("not a note of git-ai", commit, "refs/notes/ai")
    repo.git("update-ref", "refs/notes/agentblame", repo.git("rev-parse", "HEAD:a.py"))
    with open_repository(repo.path) as opened:
        assert NoteAttester(opened, Tools(AGENTS))([AddedLine(commit, "a.py", 1)]) == {}


def test_blame_of_the_lines_at_hand(repo: Repo) -> None:
    first = repo.commit("first", {"old name.py": "1\n2\n3\n4\n5\n6\n"}, trailers=CO_AUTHOR)
    repo.git("mv", "old name.py", "a.py")
    second = repo.commit("second", {"a.py": "0\n1\n2\n3\n4\n5\n6\n"})
    repo.commit("third", {"b.py": "1\n"})
    repo.write("b.py", "2\n")
    asked = [CurrentLine("a.py", 1), CurrentLine("a.py", 4), CurrentLine("b.py", 1)]
    asked += [CurrentLine("c.py", 1)]
    with open_repository(repo.path) as opened:
        blamed = LineBlamer(opened, WorkTree(repo.path, opened))(asked)
    assert {line: (one.change.commit, one.path, one.line) for line, one in blamed.items()} == {
        asked[0]: (second, "a.py", 1),
        asked[1]: (first, "old name.py", 3),
    }


def test_a_line_that_is_not_there_and_a_cut_history_are_nobodys(repo: Repo) -> None:
    repo.commit("first", {"a.py": "1\n"})
    repo.commit("second", {"b.py": "1\n"})
    shallow = repo.clone(repo.path.parent / "shallow", "--depth=1")
    for one, line in ((repo, 9), (shallow, 1)):
        with open_repository(one.path) as opened:
            files = WorkTree(one.path, opened)
            assert LineBlamer(opened, files)([CurrentLine("a.py", line)]) == {}
