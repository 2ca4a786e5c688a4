"""A hostile repository: nothing it configures runs, and nothing in it is changed."""

import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from scanner.gitio import Repository, open_repository
from tests.repo import Repo

PROGRAMS = (
    *("core.fsmonitor", "core.pager", "core.sshCommand", "core.gitProxy", "core.editor"),
    *("core.askPass", "core.alternateRefsCommand", "sequence.editor", "diff.external"),
    *("diff.evil.textconv", "diff.evil.command", "merge.evil.driver", "filter.evil.clean"),
    *("filter.evil.smudge", "filter.evil.process", "pager.log", "pager.diff", "pager.config"),
    *("gpg.program", "gpg.ssh.program", "gpg.x509.program", "gpg.ssh.defaultKeyCommand"),
    *("uploadpack.packObjectsHook", "remote.origin.uploadpack", "remote.origin.receivepack"),
    *("difftool.evil.cmd", "mergetool.evil.cmd", "interactive.diffFilter", "trailer.evil.command"),
    *("trailer.evil.cmd", "http.sslCertPasswordProtected", "sendemail.smtpServer", "man.evil.cmd"),
    *("browser.evil.cmd", "submodule.sub.update", "receive.procReceiveRefs"),
)
"""Keys whose value is, or names, a program."""

ALIASES = ("alias.log", "alias.cat-file", "alias.ls-files", "alias.x", "credential.helper")
"""Keys whose value runs as a program when it begins with `!`."""

HOOKS = (
    *("pre-commit", "post-index-change", "fsmonitor-watchman", "reference-transaction"),
    *("post-checkout", "pre-auto-gc", "proc-receive", "update", "pre-push", "post-rewrite"),
)


class Trap:
    """A program that leaves a trace when it runs."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir()
        self.trace = directory / "trace"

    def program(self, name: str) -> str:
        path = self.directory / name.replace("/", "_")
        path.write_text(f"#!/bin/sh\necho {name} >>'{self.trace}'\nexit 0\n")
        path.chmod(0o755)
        return str(path)

    @property
    def sprung(self) -> list[str]:
        return self.trace.read_text().splitlines() if self.trace.exists() else []


@pytest.fixture
def trap(tmp_path: Path) -> Trap:
    return Trap(tmp_path / "trap")


@pytest.fixture
def hostile(repo: Repo, trap: Trap, tmp_path: Path) -> Repo:
    """A repository with a payload behind every key, attribute and hook known to run one."""
    attributes = "* diff=evil merge=evil filter=evil\n"
    repo.commit("one", {".gitattributes": attributes, "a.txt": "first content"})
    repo.commit("two", {"a.txt": "second content", ".gitignore": "*.log\n"})
    repo.tag("v1")
    repo.write("a.txt", "stashed content")
    repo.stash()
    repo.note("a note with some text")
    for path in ("a.txt", "untracked.txt", "ignored.log"):
        repo.write(path, "more content")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{repo.head},sub")
    missing = repo.object("blob", "a blob that a lazy fetch would bring")
    repo.git("update-index", "--add", "--cacheinfo", f"100644,{missing},lazy")
    (repo.path / ".git/objects" / missing[:2] / missing[2:]).unlink()
    repo.write(".gitmodules", '[submodule "sub"]\n\tpath = sub\n\turl = ext::x\n\tupdate = !x\n')
    settings = [f'{key} "{trap.program(key)}"' for key in PROGRAMS]
    settings += [f'{key} "!{trap.program(key)}"' for key in ALIASES]
    settings += [
        f'core.hooksPath "{tmp_path}/hooks"',
        f'core.attributesFile "{tmp_path}/attributes"',
        f'include.path "{tmp_path}/included"',
        f'includeIf.gitdir:/**.path "{tmp_path}/included"',
        f'remote.origin.url "ext::{trap.program("remote-ext")}"',
        "remote.origin.promisor true",
        "extensions.partialClone origin",
        "protocol.allow always",
        "protocol.ext.allow always",
        "log.showSignature true",
        "submodule.recurse true",
        "diff.submodule log",
        "fetch.recurseSubmodules true",
        "core.untrackedCache true",
        "index.version 4",
    ]
    included = Path(tmp_path, "included")
    included.write_text(f'[alias]\n\tls-tree = "!{trap.program("included")}"\n')
    Path(tmp_path, "attributes").write_text(attributes)
    # The file is written by hand: each setting would otherwise work on the git that adds the next.
    with open(repo.path / ".git/config", "a") as config:
        for line in settings:
            key, value = line.split(" ", 1)
            section, _, rest = key.partition(".")
            middle, _, name = rest.rpartition(".")
            heading = f'[{section} "{middle}"]' if middle else f"[{section}]"
            text = value.strip('"')
            config.write(f'{heading}\n\t{name} = "{text}"\n')
    for directory in (repo.path / ".git/hooks", tmp_path / "hooks"):
        directory.mkdir(exist_ok=True)
        for hook in HOOKS:
            os.symlink(trap.program(f"hook-{hook}"), directory / hook)
    (repo.path / ".git/info").mkdir(exist_ok=True)
    (repo.path / ".git/info/attributes").write_text(attributes)
    trap.trace.unlink(missing_ok=True)
    return repo


def snapshot(root: Path) -> dict[str, tuple[int, int, str]]:
    """Mode, modification time and content hash of everything below, links not followed."""
    found = {}
    for directory, names, files in os.walk(root):
        for name in [*names, *files]:
            path = Path(directory, name)
            status = path.lstat()
            data = b"" if name in names or path.is_symlink() else path.read_bytes()
            digest = hashlib.sha256(data).hexdigest()
            found[str(path)] = (status.st_mode, status.st_mtime_ns, digest)
    return found


def exercise(repository: Repository) -> None:
    """Calls everything a Repository can do."""
    head = repository.head
    assert head
    assert repository.partial
    repository.refs()
    assert repository.root_commit()
    assert repository.branch == "main"
    assert repository.resolve("HEAD~1") in repository.resolve_range("HEAD~1..HEAD")[-1]
    assert len(list(repository.changes(reflog=True))) >= 4
    assert list(repository.changes(repository.resolve_range("HEAD~1..HEAD")))
    tags = [ref.target for ref in repository.refs() if ref.kind == "tag"]
    for ids in (None, tags):
        for stream in repository.blob_streams(2, ids=ids, problems=lambda problem: None):
            for batch in stream:
                assert len(batch)
    for entry in repository.index_entries():
        repository.read_blob(entry.blob)
    assert list(repository.tree_entries("HEAD"))
    assert repository.staged_change().paths
    assert "untracked.txt" in repository.untracked()
    assert "ignored.log" in repository.ignored()


def test_no_payload_runs_and_nothing_changes(hostile: Repo, trap: Trap) -> None:
    before = snapshot(hostile.path)
    with open_repository(hostile.path) as repository:
        exercise(repository)
    assert trap.sprung == []
    assert snapshot(hostile.path) == before


def test_the_environment_of_a_hook_does_no_harm(
    hostile: Repo, trap: Trap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Repo.init(tmp_path / "other")
    other.commit("other", {"o": "other content"})
    for name in ("GIT_EXTERNAL_DIFF", "GIT_SSH_COMMAND", "GIT_PAGER", "GIT_EDITOR", "GIT_ASKPASS"):
        monkeypatch.setenv(name, trap.program(name))
    elsewhere = str(other.path / ".git")
    for name in ("GIT_DIR", "GIT_COMMON_DIR"):
        monkeypatch.setenv(name, elsewhere)
    monkeypatch.setenv("GIT_WORK_TREE", str(other.path))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", f"{elsewhere}/objects")
    monkeypatch.setenv("GIT_INDEX_FILE", f"{elsewhere}/index")
    monkeypatch.setenv("GIT_ALTERNATE_OBJECT_DIRECTORIES", f"{elsewhere}/objects")
    monkeypatch.setenv("GIT_NAMESPACE", "nowhere")
    monkeypatch.setenv("GIT_LITERAL_PATHSPECS", "1")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", trap.program("from-environment"))
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", f"'core.fsmonitor={trap.program('parameters')}'")
    before = snapshot(hostile.path), snapshot(other.path)
    with open_repository(hostile.path) as repository:
        exercise(repository)
        assert not any(entry.path == "o" for entry in repository.index_entries())
    assert trap.sprung == []
    assert (snapshot(hostile.path), snapshot(other.path)) == before


def test_control_plain_git_springs_the_trap(hostile: Repo, trap: Trap) -> None:
    """Without this the tests above could pass because the traps don't work."""
    environment = os.environ | {"GIT_TERMINAL_PROMPT": "0"}
    # A file of the same size with another date is read again, and so goes through its filter.
    os.utime(hostile.path / ".gitattributes", (1, 1))
    # One trap can keep git from reaching the next.
    past = ["-c", "filter.evil.process=", "-c", "core.fsmonitor=false"]
    past += ["-c", "filter.evil.clean=cat", "-c", "submodule.sub.update=none"]
    show = ["log", "-p", "--ext-diff", "-1"]
    for arguments in (
        ["status"],
        [*past, "diff"],
        [*past, *show],
        [*past, "-c", "diff.evil.command=", "-c", "diff.external=", *show, "--textconv"],
        ["x"],
        ["cat-file", "-p", ":lazy"],
        [*past, "commit", "--no-gpg-sign", "--allow-empty", "-m", "hooks"],
    ):
        subprocess.run(
            ["git", *arguments],
            cwd=hostile.path,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    sprung = set(trap.sprung)
    assert {"core.fsmonitor", "alias.x"} <= sprung
    assert {"diff.evil.command", "diff.evil.textconv"} & sprung
    assert "filter.evil.process" in sprung
    assert any(name.startswith("hook-") for name in sprung)
    assert "remote-ext" in sprung


@pytest.fixture
def counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A git on PATH that logs each start."""
    log = tmp_path / "starts"
    real = subprocess.run(
        ["sh", "-c", "command -v git"], capture_output=True, text=True, check=True
    ).stdout.strip()
    directory = tmp_path / "bin"
    directory.mkdir()
    wrapper = directory / "git"
    wrapper.write_text(f'#!/bin/sh\necho "$$" >>"{log}"\nexec "{real}" "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{directory}{os.pathsep}{os.environ['PATH']}")
    yield log


def test_the_number_of_processes_does_not_grow(tmp_path: Path, counted: Path) -> None:
    numbers = []
    with open_repository(Repo.init(tmp_path / "first").path):
        pass  # GitPython asks git for its version once, when it is imported
    for commits in (3, 200):
        repo = Repo.init(tmp_path / f"repo{commits}")
        stream = ""
        for number in range(commits):
            text = f"content of commit number {number}"
            stream += (
                f"commit refs/heads/main\ncommitter C <c@d> {1_700_000_000 + number} +0000\n"
                f"data 1\nm\nM 100644 inline f{number}\ndata {len(text)}\n{text}\n"
            )
        repo.git("fast-import", "--quiet", stdin=stream)
        repo.git("reset", "-q", "--hard")
        counted.unlink(missing_ok=True)
        with open_repository(repo.path) as repository:
            assert len(list(repository.changes(reflog=True))) == commits
            blobs = 0
            for stream_ in repository.blob_streams(2, problems=lambda problem: None):
                blobs += sum(len(batch) for batch in stream_)
            assert blobs == commits
            for entry in repository.index_entries():
                assert repository.read_blob(entry.blob)
            repository.staged_change()
            repository.untracked()
            repository.ignored()
            repository.refs()
            repository.root_commit()
        numbers.append(len(counted.read_text().splitlines()))
    assert numbers[0] == numbers[1]
    assert numbers[0] < 20
