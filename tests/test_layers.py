"""The layers that docs/architecture.md draws, held by import-linter's contracts."""

import subprocess
import sys
import tomllib
from pathlib import Path

from tests.scanning import ROOT

LINT = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"


def test_every_contract_is_kept(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LINT, "--cache-dir", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_every_module_has_a_layer() -> None:
    """A new folder outside the contract would be free to import anything."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contract = settings["tool"]["importlinter"]["contracts"][0]
    layers = {name for layer in contract["layers"] for name in layer.split(" | ")}
    modules = {path.stem for path in (ROOT / "scanner").glob("*.py")}
    packages = {path.parent.name for path in (ROOT / "scanner").glob("*/__init__.py")}
    assert modules - {"__init__", "__main__"} | packages == layers
