"""What each command may import: the quick paths stay quick because of what they do not load."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repo import Repo
from tests.scanning import ROOT, token

HEAVY = ("detect_secrets", "git", "hyperscan", "libcst", "msgspec", "pathspec", "rich", "yaml")

PROGRAM = """\
import sys
from scanner.cli import main
code = main(sys.argv[2:])
loaded = sorted(set(sys.argv[1].split(",")) & set(sys.modules))
print(code, *loaded, file=sys.stderr)
"""


def loaded_by(*arguments: str, cwd: Path) -> tuple[int, set[str]]:
    """The exit code, and which of the heavy packages were imported in a new process."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, ",".join(HEAVY), *arguments],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    code, *names = done.stderr.splitlines()[-1].split()
    return int(code), set(names)


@pytest.mark.parametrize("argument", ["--version", "--help", "-h"])
def test_help_and_version_load_nothing_heavy(tmp_path: Path, argument: str) -> None:
    assert loaded_by(argument, cwd=tmp_path) == (0, set())


def test_the_pre_commit_path_loads_what_it_needs(repo: Repo) -> None:
    repo.commit("one", {"a.py": "x = 1\n"})
    repo.write("b.py", "def area(width, height):\n    return width * height\n")
    repo.stage()
    assert loaded_by("scan", "--staged", cwd=repo.path)[0] == 0
    code, loaded = loaded_by("scan", "--staged", "--format", "json", cwd=repo.path)
    assert code == 0
    assert loaded & {"detect_secrets", "libcst", "rich"} == set()
    assert "hyperscan" in loaded, "else this test looks at the wrong process"


def test_a_candidate_brings_in_the_second_opinion_but_not_in_a_hook(repo: Repo) -> None:
    repo.write("a.py", f'TOKEN = "{token()}"\n')
    repo.stage()
    code, loaded = loaded_by("scan", "--staged", "--format", "json", cwd=repo.path)
    assert code == 1
    assert "detect_secrets" not in loaded
    code, loaded = loaded_by("scan", "--format", "json", cwd=repo.path)
    assert code == 1
    assert "detect_secrets" in loaded


def test_the_public_interface_is_lazy(tmp_path: Path) -> None:
    script = (
        "import sys, scanner\n"
        f"assert not set({HEAVY!r}) & set(sys.modules)\n"
        "assert sorted(scanner.__all__) == scanner.__all__\n"
        "for name in scanner.__all__: getattr(scanner, name)\n"
        "try: scanner.nothing\n"
        "except AttributeError as error: assert 'nothing' in str(error)\n"
        "else: raise SystemExit(1)\n"
    )
    subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=True,
    )
