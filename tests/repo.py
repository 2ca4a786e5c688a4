"""Builds real git repositories for tests, the same commit ids on every run.

Import it as `from tests.repo import Repo`. Every git call runs with fixed identities and dates,
without system and user configuration and without hooks, so that a test can plant hostile settings
in a repository and go on building it.
"""

import os
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Self

START = 1_700_000_000
"""The first commit's time, in seconds since the epoch; each later commit is a minute younger."""

AUTHOR = ("Ada Author", "ada@example.com")
COMMITTER = ("Carl Committer", "carl@example.com")

Content = bytes | str | None
Person = tuple[str, str]


class Repo:
    """One repository. `path` is its work tree, or the git directory of a bare one."""

    def __init__(self, path: Path, *, bare: bool = False) -> None:
        self.path = path
        self.bare = bare
        self.time = START

    @classmethod
    def init(
        cls, path: Path | str, object_format: str = "sha1", bare: bool = False, branch: str = "main"
    ) -> Self:
        """A new, empty repository; its directory is made if need be."""
        repo = cls(Path(path), bare=bare)
        repo.path.mkdir(parents=True, exist_ok=True)
        options = [f"--object-format={object_format}", f"--initial-branch={branch}"]
        repo.git("init", "--quiet", *options, *(["--bare"] if bare else []))
        return repo

    @property
    def git_dir(self) -> Path:
        """The git directory, absolute."""
        return Path(self.git("rev-parse", "--absolute-git-dir"))

    @property
    def head(self) -> str:
        """The id of the commit HEAD points at."""
        return self.git("rev-parse", "HEAD")

    # ------------------------------------------------------------------ running git

    def git(
        self,
        *arguments: str,
        stdin: bytes | str | None = None,
        env: Mapping[str, str] | None = None,
        check: bool = True,
    ) -> str:
        """Runs git in the repository; its output as text, without the trailing newline."""
        raw = self.git_bytes(*arguments, stdin=stdin, env=env, check=check)
        return os.fsdecode(raw).rstrip("\n")

    def git_bytes(
        self,
        *arguments: str,
        stdin: bytes | str | None = None,
        env: Mapping[str, str] | None = None,
        check: bool = True,
    ) -> bytes:
        """Runs git in the repository; its output as it is."""
        command = ["git", "-c", "core.hooksPath=/dev/null", "-c", "protocol.file.allow=always"]
        done = subprocess.run(
            [*command, *arguments],
            cwd=self.path,
            env=self.environment() | dict(env or {}),
            input=_encode(stdin) or b"",
            capture_output=True,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(
                f"git {' '.join(arguments)} ended with {done.returncode}: {done.stderr!r}"
            )
        return done.stdout

    def environment(self, author: Person = AUTHOR, committer: Person = COMMITTER) -> dict[str, str]:
        """The environment of every git call: nothing inherited from a git that may run us."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        return kept | {
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_EDITOR": "true",
            "GIT_AUTHOR_NAME": author[0],
            "GIT_AUTHOR_EMAIL": author[1],
            "GIT_AUTHOR_DATE": f"{self.time} +0000",
            "GIT_COMMITTER_NAME": committer[0],
            "GIT_COMMITTER_EMAIL": committer[1],
            "GIT_COMMITTER_DATE": f"{self.time} +0000",
            "LC_ALL": "C",
        }

    # ------------------------------------------------------------------ files and commits

    def write(self, path: str, data: bytes | str) -> Path:
        """Writes one file of the work tree, with its directories."""
        target = Path(os.path.join(self.path, path))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(_encode(data))
        return target

    def remove(self, path: str) -> None:
        """Removes one file of the work tree."""
        Path(os.path.join(self.path, path)).unlink()

    def apply(self, files: Mapping[str, Content]) -> None:
        """Writes every file; one whose content is None is removed."""
        for path, data in files.items():
            if data is None:
                self.remove(path)
            else:
                self.write(path, data)

    def stage(self, paths: Iterable[str] | str | None = None) -> None:
        """Puts these paths (None: everything not ignored) into the index, ignored ones too."""
        if paths is None:
            self.git("add", "--all")
            return
        wanted = [paths] if isinstance(paths, str) else list(paths)
        if wanted:
            literal = b"\0".join(os.fsencode(path) for path in wanted)
            self.git(
                "--literal-pathspecs",
                *("add", "--all", "--force", "--pathspec-from-file=-", "--pathspec-file-nul"),
                stdin=literal,
            )

    def commit(
        self,
        message: bytes | str = "change",
        files: Mapping[str, Content] | None = None,
        author: Person = AUTHOR,
        committer: Person | None = None,
        date: int | None = None,
        trailers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
    ) -> str:
        """Commits `files` and what is staged already; the new commit's id.

        Without a `date` (seconds since the epoch) time moves on by one minute. A trailer's key may
        repeat when they are given as pairs.
        """
        files = files or {}
        self.apply(files)
        self.stage(files)
        self.time = self.time + 60 if date is None else date
        pairs = trailers.items() if isinstance(trailers, Mapping) else trailers
        tail = "".join(f"{key}: {value}\n" for key, value in pairs)
        text = _encode(message) + (b"\n\n" + tail.encode() if tail else b"")
        self.git(
            *("commit", "--quiet", "--allow-empty", "--allow-empty-message", "--cleanup=verbatim"),
            *("--no-verify", "--no-gpg-sign", "--file=-"),
            stdin=text,
            env=self.environment(author, committer or COMMITTER),
        )
        return self.head

    def object(self, kind: str, data: bytes | str) -> str:
        """Stores a raw object of any shape, unchecked; its id."""
        return self.git(
            "hash-object", "-t", kind, "-w", "--stdin", "--literally", stdin=_encode(data)
        )

    # ------------------------------------------------------------------ refs

    def branch(self, name: str, start: str | None = None) -> None:
        """Makes a branch without checking it out."""
        self.git("branch", name, *([start] if start else []))

    def checkout(self, name: str, *, new: bool = False, orphan: bool = False) -> None:
        """Switches to a branch or commit."""
        options = ["-b"] if new else ["--orphan"] if orphan else []
        self.git("checkout", "--quiet", *options, name)

    def merge(self, *names: str, message: str = "merge", commit: bool = True) -> str:
        """Merges branches with a merge commit; HEAD's id afterwards."""
        self.time += 60
        end = ["-m", message] if commit else ["--no-commit"]
        self.git("merge", "--quiet", "--no-ff", *end, *names)
        return self.head

    def tag(self, name: str, target: str = "HEAD", message: str | None = "a tag") -> str:
        """An annotated tag (a lightweight one when `message` is None); the tag object's id."""
        text = ["-a", "-m", message] if message is not None else []
        self.git("tag", *text, name, target)
        return self.git("rev-parse", f"refs/tags/{name}")

    def stash(self, *, untracked: bool = False, message: str = "stashed") -> str:
        """Stashes the work tree's changes; the stash commit's id."""
        self.time += 60
        self.git("stash", "push", "--quiet", "-m", message, *(["--include-untracked"] * untracked))
        return self.git("rev-parse", "stash@{0}")

    def note(self, text: str, target: str = "HEAD", ref: str = "refs/notes/commits") -> str:
        """Adds a note to a commit; the notes ref's new commit id."""
        self.time += 60
        self.git("notes", f"--ref={ref}", "add", "--force", "--file=-", target, stdin=text)
        return self.git("rev-parse", ref)

    def clone(self, path: Path | str, *options: str, bare: bool = False) -> "Repo":
        """Clones this repository over `file://`, so that `--depth` and `--filter` take effect."""
        target = Path(path)
        kind = ["--bare"] if bare else []
        self.git("clone", "--quiet", *kind, *options, f"file://{self.path}", str(target))
        copy = Repo(target, bare=bare)
        copy.time = self.time
        return copy


def _encode(data: bytes | str | None) -> bytes:
    if isinstance(data, str):
        return data.encode("utf-8", "surrogateescape")
    return data or b""
