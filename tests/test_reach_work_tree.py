"""The reach model over a real repository and its real work tree."""

from pathlib import Path

from scanner.gitio import open_repository
from scanner.model import Channel, Location, Verdict, Where
from scanner.reach import ReachModel
from scanner.sources.commit_tree import CommitTree
from scanner.sources.worktree import WorkTree
from tests.repo import Repo
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
