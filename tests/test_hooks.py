"""The hooks of .pre-commit-hooks.yaml, run by the real pre-commit in real commits and pushes."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from pre_commit.clientlib import load_manifest

from tests.repo import Repo
from tests.scanning import ROOT, token

MANIFEST = ROOT / ".pre-commit-hooks.yaml"
SECRET = token()
CLAUDE = "Co-Authored-By: Claude <noreply@anthropic.com>"


def local_hooks() -> list[dict[str, object]]:
    """The manifest's hooks as hooks of the repository itself, run by this Python."""
    hooks = []
    for hook in load_manifest(MANIFEST):
        command, _, rest = hook["entry"].partition(" ")
        assert command == "agentreach"
        entry = f'"{sys.executable}" -m scanner {rest}'
        kept = ("id", "name", "pass_filenames", "always_run", "require_serial", "stages")
        hooks.append({key: hook[key] for key in kept} | {"entry": entry, "language": "system"})
    return hooks


class Project:
    """A repository with all hooks installed by pre-commit."""

    def __init__(self, repo: Repo, environment: Mapping[str, str]) -> None:
        self.repo = repo
        self.environment = dict(environment)
        config = {"repos": [{"repo": "local", "hooks": local_hooks()}]}
        repo.write(".pre-commit-config.yaml", json.dumps(config))
        repo.write(".agentreach/tasks/PAY-1.yml", "id: PAY-1\nallowed:\n  - src/**\n")
        repo.stage()
        repo.commit("set up")
        stages = ("pre-commit", "commit-msg", "pre-push")
        self.run(
            *(sys.executable, "-m", "pre_commit", "install"),
            *(argument for stage in stages for argument in ("--hook-type", stage)),
        )

    def run(self, *command: str) -> subprocess.CompletedProcess[bytes]:
        """Runs a program in the repository, hooks and all."""
        return subprocess.run(
            command, cwd=self.repo.path, env=self.environment, capture_output=True, check=False
        )

    def commit(self, message: str, files: Mapping[str, str]) -> subprocess.CompletedProcess[bytes]:
        """`git commit` as a person would, through the hooks."""
        self.repo.apply(files)
        self.repo.stage(files)
        return self.run("git", "commit", "-m", message)


@pytest.fixture
def project(repo: Repo, tmp_path: Path) -> Project:
    environment = repo.environment() | {
        "PRE_COMMIT_HOME": str(tmp_path / "pre-commit"),
        "PYTHONPATH": str(ROOT),
        "PRE_COMMIT_COLOR": "never",
        "HOME": os.environ["HOME"],
    }
    return Project(repo, environment)


def test_the_manifest_is_valid_and_names_real_commands() -> None:
    stages = {hook["id"]: hook["stages"] for hook in load_manifest(MANIFEST)}
    assert stages == {
        "agentreach-staged": ["pre-commit"],
        "agentreach-scope": ["commit-msg"],
        "agentreach-range": ["pre-push"],
    }


def test_a_clean_commit_passes_and_a_secret_is_refused(project: Project) -> None:
    head = project.repo.head
    refused = project.commit("work", {"src/a.py": f'TOKEN = "{SECRET}"\n'})
    assert refused.returncode != 0
    assert b"GitHub personal access token" in refused.stdout + refused.stderr
    assert SECRET.encode() not in refused.stdout + refused.stderr
    assert project.repo.head == head
    passed = project.commit("work", {"src/a.py": "x = 1\n"})
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert project.repo.head != head


def test_an_agent_outside_its_task_is_refused(project: Project) -> None:
    message = f"Mend the rounding\n\nTask: PAY-1\n{CLAUDE}"
    refused = project.commit(message, {"docs/b.md": "b\n"})
    assert refused.returncode != 0
    assert b"docs/b.md" in refused.stdout + refused.stderr
    project.run("git", "reset", "--quiet", "--", "docs/b.md")
    passed = project.commit(message, {"src/b.py": "x = 1\n"})
    assert passed.returncode == 0, passed.stdout + passed.stderr


def test_a_secret_in_the_message_is_refused(project: Project) -> None:
    refused = project.commit(f"Use {SECRET}", {"src/c.py": "x = 1\n"})
    assert refused.returncode != 0
    assert SECRET.encode() not in refused.stdout + refused.stderr


def test_a_push_of_a_secret_is_refused(project: Project, tmp_path: Path) -> None:
    remote = Repo.init(tmp_path / "remote.git", bare=True)
    project.repo.git("remote", "add", "origin", str(remote.path))
    first = project.run("git", "push", "origin", "main")
    assert first.returncode == 0, first.stdout + first.stderr
    pushed = remote.git("rev-parse", "main")
    # Past the commit hooks, as `--no-verify` is.
    project.repo.commit("work", {"src/d.py": f'TOKEN = "{SECRET}"\n'})
    refused = project.run("git", "push", "origin", "main")
    assert refused.returncode != 0
    assert b"GitHub personal access token" in refused.stdout + refused.stderr
    assert remote.git("rev-parse", "main") == pushed
    project.repo.git("reset", "--quiet", "--hard", "HEAD~1")
    project.repo.commit("clean work", {"src/e.py": "x = 1\n"})
    passed = project.run("git", "push", "origin", "main")
    assert passed.returncode == 0, passed.stdout + passed.stderr
