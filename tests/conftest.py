"""Cuts every test off from the environment it happens to run in."""

import gc
import os
from pathlib import Path

import pytest
from hypothesis import settings

from tests.repo import AUTHOR, COMMITTER, START, Repo

# As the command does in its own process: many scans in one make much, and hardly any garbage.
gc.set_threshold(200_000, 20, 20)

_SCRUBBED = ("CI", "NO_COLOR", "FORCE_COLOR", "GITHUB_ACTIONS", "GITLAB_CI", "EMAIL", "PAGER")

# In CI a run must mean the same today and tomorrow; new examples are for the developer's machine.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")


@pytest.fixture(scope="session")
def warm_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache directory of every test of the session, under xdist of one worker: compiled
    patterns take seconds, and hardly a test is about them."""
    return tmp_path_factory.getbasetemp() / "warm-cache"


@pytest.fixture(autouse=True)
def clean_environment(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, warm_cache: Path
) -> Path:
    """An empty home, no inherited git, CI or colour variables; returns the home directory."""
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name.startswith(("GIT_", "XDG_", "AGENTREACH_")) or name in _SCRUBBED:
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(warm_cache))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / ".local" / "state"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / ".local" / "share"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_AUTHOR_NAME", AUTHOR[0])
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", AUTHOR[1])
    monkeypatch.setenv("GIT_AUTHOR_DATE", f"{START} +0000")
    monkeypatch.setenv("GIT_COMMITTER_NAME", COMMITTER[0])
    monkeypatch.setenv("GIT_COMMITTER_EMAIL", COMMITTER[1])
    monkeypatch.setenv("GIT_COMMITTER_DATE", f"{START} +0000")
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("TZ", "UTC")
    return home


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """An empty repository with a work tree."""
    return Repo.init(tmp_path / "repo")
