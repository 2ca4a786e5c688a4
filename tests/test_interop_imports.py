"""Reports of other scanners joined with our own findings, on real repositories."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.attribution import Attributor
from scanner.interop.reports import ImportedReport, read_report
from scanner.model import Confidence, Finding, Location, Tracking, Where
from scanner.pipeline.digest import Digester
from scanner.pipeline.findings import FindingBuilder
from scanner.pipeline.import_places import Ground
from scanner.pipeline.imports import Joined, imported_digests, imported_rules, join_imports
from scanner.pipeline.locate import Sight
from scanner.pipeline.places import SecretPlaces
from scanner.pipeline.provenance import Provenance
from scanner.rules.examples import expand
from scanner.rules.secrets import SecretRule
from tests.repo import Repo

OWN_RULE = "github-personal-access-token"


def token(seed: int = 0) -> str:
    return expand("{github:ghp_}", seed).decode()


class DirectoryFiles:
    """The files of a directory, as the pipeline's own sources give them."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, path: str) -> bytes | None:
        target = self._root / path
        return target.read_bytes() if target.is_file() else None

    def paths(self) -> tuple[str, ...]:
        return ()

    def tracking(self, path: str) -> Tracking:
        return Tracking.TRACKED


class Scene:
    """A repository, our findings in it, and reports about it."""

    def __init__(self, repo: Repo, directory: Path) -> None:
        self.repo = repo
        self.digester = Digester(b"key of the test")
        self._directory = directory
        self.excluded: Callable[[str], bool] = lambda _: False

    def report(self, *entries: dict[str, object], name: str = "gl.json") -> ImportedReport:
        path = self._directory / name
        path.write_text(json.dumps(entries))
        return read_report(path, imported_digests(self.digester))

    def builder(self, *reports: ImportedReport) -> FindingBuilder:
        own = SecretRule(
            id=OWN_RULE,
            name="GitHub token",
            pattern="",
            references=("https://docs.github.com",),
            examples=(),
            counter_examples=(),
            public_prefix="ghp_",
        )
        rules = {OWN_RULE: own} | imported_rules(reports)
        return FindingBuilder(
            lambda: self.digester,
            rules,
            Attributor(()),
            lambda _: (),
            lambda _: None,
            lambda *_: True,
        )

    def own(self, seed: int, path: str, line: int) -> Finding:
        digest = self.digester.secret(token(seed).encode(), guessable=False)
        location = Location(Where.WORKTREE, path, line=line)
        sight = Sight(OWN_RULE, digest, "ghp_", Confidence.MEDIUM, ())
        places = SecretPlaces(sight, (location,), (), (), 0)
        return self.builder().secret((OWN_RULE, digest), places, Provenance({}))

    def join(self, *reports: ImportedReport, own: tuple[Finding, ...] = ()) -> Joined:
        def read_at(commit: str, path: str) -> bytes | None:
            name = f"{commit}:{path}"
            if not self.repo.git("rev-parse", "--verify", "--quiet", name, check=False):
                return None
            return self.repo.git_bytes("cat-file", "blob", name)

        ground = Ground(
            files=DirectoryFiles(self.repo.path),
            where=Where.WORKTREE,
            root=os.fspath(self.repo.path),
            object_format="sha1",
            read_at=read_at,
            in_head=lambda *_: True,
            excluded=self.excluded,
        )
        return join_imports(reports, own, self.builder(*reports), self.digester, ground)


@pytest.fixture
def scene(repo: Repo, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    repo.commit("one", {"src/a.py": f"x = 1\ny = 2\nTOKEN = '{token()}'\n"})
    return Scene(repo, tmp_path_factory.mktemp("reports"))


def entry(seed: int = 0, **changes: object) -> dict[str, object]:
    return {
        "RuleID": "github-pat",
        "Description": "A GitHub token",
        "File": "src/a.py",
        "StartLine": 3,
        "Secret": token(seed),
        "Commit": "",
    } | changes


def texts(finding: Finding) -> list[str]:
    return [evidence.text for evidence in finding.evidence]


def test_the_same_secret_is_one_finding(scene: Scene) -> None:
    own = scene.own(0, "elsewhere.py", 9)
    joined = scene.join(scene.report(entry()), own=(own,))
    (finding,) = joined.findings
    assert (finding.rule, finding.fingerprint) == (OWN_RULE, own.fingerprint)
    assert "also reported by gitleaks as github-pat" in texts(finding)
    assert joined.problems == ()


def test_a_redacted_entry_in_the_same_line_is_the_same_finding(scene: Scene) -> None:
    own = scene.own(0, "src/a.py", 3)
    assert len(scene.join(scene.report(entry(Secret="REDACTED")), own=(own,)).findings) == 1
    other_line = entry(Secret="REDACTED", StartLine=2)
    assert len(scene.join(scene.report(other_line), own=(own,)).findings) == 2


def test_two_secrets_in_one_line_stay_two(scene: Scene) -> None:
    own = (scene.own(1, "src/a.py", 3), scene.own(2, "src/a.py", 3))
    assert len(scene.join(scene.report(entry(0)), own=own).findings) == 3


def test_what_only_the_report_has_becomes_a_finding(scene: Scene) -> None:
    joined = scene.join(scene.report(entry(), entry(StartLine=1)))
    (finding,) = joined.findings
    assert (finding.rule, finding.title) == ("gitleaks:github-pat", "A GitHub token")
    assert [(place.path, place.line) for place in finding.locations] == [
        ("src/a.py", 3),
        ("src/a.py", 1),
    ]
    assert finding.locations[0].blob == scene.repo.git("rev-parse", "HEAD:src/a.py")
    assert finding.confidence is Confidence.MEDIUM
    assert texts(finding)[0].startswith("reported by gitleaks as github-pat (")
    assert all(place.fingerprint for place in finding.locations)
    assert token() not in repr(joined)


def test_two_tools_that_say_the_same_make_one_finding(scene: Scene) -> None:
    hog = {
        "SourceMetadata": {"Data": {"Filesystem": {"file": "./src/a.py", "line": 3}}},
        "DetectorName": "Github",
        "Verified": True,
        "Raw": token(),
    }
    joined = scene.join(scene.report(entry()), scene.report(hog, name="th.json"))
    (finding,) = joined.findings
    assert finding.confidence is Confidence.HIGH
    assert "trufflehog tried it when it made the report: the provider accepted it" in texts(finding)
    redacted = scene.report(entry(Secret="REDACTED"), entry(RuleID="other", Secret="REDACTED"))
    assert len(scene.join(redacted).findings) == 1


def test_a_place_in_history(scene: Scene) -> None:
    first = scene.repo.head
    scene.repo.commit("two", {"src/a.py": "gone = True\n"})
    (finding,) = scene.join(scene.report(entry(Commit=first))).findings
    (place,) = finding.locations
    assert (place.where, place.commit, place.line) == (Where.COMMIT, first, 3)
    assert place.tracking is None


def test_a_commit_that_still_is_what_the_files_are(scene: Scene) -> None:
    (finding,) = scene.join(scene.report(entry(Commit=scene.repo.head))).findings
    (place,) = finding.locations
    assert (place.where, place.commit) == (Where.WORKTREE, scene.repo.head)
    assert place.tracking is Tracking.TRACKED


def test_a_commit_that_is_not_here(scene: Scene) -> None:
    (finding,) = scene.join(scene.report(entry(Commit="ab" * 20))).findings
    assert finding.locations[0].where is Where.WORKTREE
    assert any("abababababab is not here" in text for text in texts(finding))


def test_a_line_behind_the_end_is_not_claimed(scene: Scene) -> None:
    (finding,) = scene.join(scene.report(entry(StartLine=99))).findings
    assert finding.locations[0].line is None
    assert any("ends before line 99" in text for text in texts(finding))


@pytest.mark.parametrize("prefix", ["{root}/", "./", "/build/job-7/", "C:\\work\\"])
def test_paths_as_tools_write_them(scene: Scene, prefix: str) -> None:
    path = prefix.format(root=scene.repo.path) + "src/a.py"
    (finding,) = scene.join(scene.report(entry(File=path))).findings
    assert finding.locations[0].path == "src/a.py"


@pytest.mark.parametrize("path", ["gone.py", "x/y/a.py", "../src/a.py", "", "/etc/passwd", "/"])
def test_a_file_that_is_not_here_is_a_problem_and_no_finding(scene: Scene, path: str) -> None:
    joined = scene.join(scene.report(entry(File=path)))
    assert joined.findings == ()
    assert ["there is no such file" in problem.reason for problem in joined.problems] == [True]


def test_many_missing_files_are_counted(scene: Scene) -> None:
    entries = [entry(seed % 3, File=f"gone{seed}.py") for seed in range(50)]
    problems = scene.join(scene.report(*entries)).problems
    assert len(problems) == 21
    assert problems[-1].reason == "30 more entries name files not here"


def test_a_comment_beside_it_is_honoured(scene: Scene) -> None:
    scene.repo.write("b.py", f"x = '{token()}'  # gitleaks:allow\n")
    joined = scene.join(scene.report(entry(File="b.py", StartLine=1)))
    assert (joined.findings, joined.suppressed) == ((), 1)


def test_an_excluded_path_is_left_out(scene: Scene) -> None:
    scene.excluded = lambda path: path.startswith("src/")
    assert scene.join(scene.report(entry())).findings == ()


def test_what_was_taken_in_is_said(scene: Scene) -> None:
    report = scene.report(entry())
    assert scene.join(report).notes == (f"{report.source}: 1 entry of gitleaks taken in",)


def test_the_order_of_the_report_decides_nothing_about_fingerprints(scene: Scene) -> None:
    entries = [entry(seed, StartLine=seed + 1) for seed in range(3)]
    forward = scene.join(scene.report(*entries)).findings
    backward = scene.join(scene.report(*reversed(entries))).findings
    assert {finding.fingerprint for finding in forward} == {
        finding.fingerprint for finding in backward
    }
