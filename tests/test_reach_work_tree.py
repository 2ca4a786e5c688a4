"""The reach model over a real repository and its real work tree."""

from pathlib import Path

from scanner.gitio import open_repository
from scanner.model import Channel, Location, Verdict, Where
from scanner.reach import ReachModel
from scanner.sources.commit_tree import CommitTree
from scanner.sources.overlay import Overlay
from scanner.sources.worktree import WorkTree
from tests.repo import Repo
from tests.scanning import scan
from tests.test_reach import AGENTS, channels


def test_over_a_real_work_tree(tmp_path: Path) -> None:
    repo = Repo.init(tmp_path / "repo")
    repo.commit("start", {".gitignore": ".env\n", "app.py": "", "CLAUDE.md": "@config/keys.md\n"})
    repo.write("config/keys.md", "text")
    repo.write(".env", "KEY=x")
    repo.write(".claude/settings.json", '{"permissions": {"deny": ["Read(.env)"]}}')
    with open_repository(repo.path) as repository:
        model = ReachModel.build(WorkTree(repo.path, repository), AGENTS)
        env = channels(model.reach(Location(Where.WORKTREE, ".env")))
        code = channels(model.reach(Location(Where.WORKTREE, "app.py")))
        keys = channels(model.reach(Location(Where.WORKTREE, "config/keys.md")))
    assert env == {
        Channel.FILE_TOOLS: Verdict.BLOCKED,
        Channel.SHELL: Verdict.NO_PROMPT,
        Channel.GIT_OBJECTS: Verdict.NOT_APPLICABLE,
    }
    assert code[Channel.GIT_OBJECTS] is Verdict.NO_PROMPT
    assert keys[Channel.PROMPT] is Verdict.AUTO


def test_a_linked_instruction_file_is_followed_inside_the_tree(tmp_path: Path) -> None:
    repo = Repo.init(tmp_path / "repo")
    repo.write("AGENTS.md", "Be brief.")
    repo.write("docs/notes.md", "text")
    (repo.path / "CLAUDE.md").symlink_to("AGENTS.md")
    (repo.path / "docs" / "out.md").symlink_to("../../outside.md")
    repo.git("add", "-A")
    repo.commit("start", {})
    with open_repository(repo.path) as repository:
        for files in (WorkTree(repo.path, repository), CommitTree(repository)):
            assert files.link("CLAUDE.md") == "AGENTS.md"
            assert files.link("docs/out.md") == "../../outside.md"
            assert files.link("AGENTS.md") is None
            assert files.link("nothing") is None
            model = ReachModel.build(files, AGENTS)
            place = Location(Where.WORKTREE, "AGENTS.md")
            found = channels(model.reach(place, {"claude-code"}))
            assert found[Channel.PROMPT] is Verdict.AUTO


def test_what_is_not_checked_out_is_no_unreadable_file(tmp_path: Path) -> None:
    repo = Repo.init(tmp_path / "repo")
    settings = '{"permissions": {"deny": ["Read(.env)"]}}'
    repo.commit("start", {".claude/settings.json": settings, "src/a.py": "x = 1\n"})
    repo.git("sparse-checkout", "set", "--no-cone", "/src/")
    assert not (repo.path / ".claude").exists()
    with open_repository(repo.path) as repository:
        files = WorkTree(repo.path, repository)
        assert files.absent(".claude/settings.json")
        assert not files.absent("src/a.py")
        assert not files.absent("nothing"), "it is not listed"
        model = ReachModel.build(files, AGENTS)
        assert model.problems == ()
        place = Location(Where.WORKTREE, ".env")
        found = channels(model.reach(place, {"claude-code"}))
        assert found[Channel.FILE_TOOLS] is not Verdict.BLOCKED, "the setting is not there"
        over = Overlay(files, {"src/a.py": b"", ".claude/settings.json": settings.encode()})
        assert not over.absent(".claude/settings.json")
        assert Overlay(files, {}).absent(".claude/settings.json")
    repo.write("src/a.py", "x = 2\n")
    repo.git("add", "src/a.py")
    assert scan(repo.path, "--staged").report["problems"] == []
    (repo.path / ".claude").mkdir()
    (repo.path / ".claude" / "settings.json").mkdir()
    assert len(scan(repo.path, "--staged").report["problems"]) == 1, "there, and no file"
