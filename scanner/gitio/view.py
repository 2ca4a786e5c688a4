"""A private git directory through which git sees a repository but none of its configuration.

A repository's own configuration can make git run programs (fsmonitor, textconv, pagers, hooks,
filters, remote helpers...), and new keys of that kind appear with new versions. So no list of keys
to switch off is trusted: git works in a *view*, a temporary directory of ours that holds our own
`config` and a copy of HEAD, and links to the repository's objects, refs, reflogs and index. It has
no hooks, no `info/attributes`, no grafts, no remotes. The environment and `-c` options stand as a
second wall, also against what is inherited from a git that may be running us as its hook.
"""

import os
import shutil
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec

from scanner.errors import GitError
from scanner.gitio.discovery import Layout, read_small

_CONFIG_LIMIT = 8 * 1024 * 1024
_SHARED_INDEX_LIMIT = 512 * 1024 * 1024

_DIRECTORIES = ("objects", "refs", "reftable", "logs", "worktrees")
_COMMON_FILES = ("packed-refs", "shallow")

OVERRIDES = (
    "core.fsmonitor=false",
    "core.untrackedCache=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "core.editor=false",
    "core.askPass=",
    "core.sshCommand=false",
    "core.gitProxy=",
    "core.alternateRefsCommand=false",
    "core.attributesFile=/dev/null",
    "core.splitIndex=false",
    # The repository's commit graph could claim another tree, its multi-pack index hide a pack.
    "core.commitGraph=false",
    "core.multiPackIndex=false",
    "core.useReplaceRefs=false",
    "core.quotePath=false",
    "core.precomposeUnicode=false",
    "credential.helper=",
    "diff.external=",
    "gpg.program=false",
    "log.showSignature=false",
    "log.showRoot=true",
    "log.mailmap=false",
    "protocol.allow=never",
    "submodule.recurse=false",
    "uploadpack.packObjectsHook=",
    "color.ui=false",
    "gc.auto=0",
    "maintenance.auto=false",
)
"""Given to every git call as `-c`."""

_FIXED = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_CONFIG_COUNT": "0",
    "GIT_CONFIG_PARAMETERS": "",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_PAGER": "cat",
    "GIT_EDITOR": "false",
    "GIT_SEQUENCE_EDITOR": "false",
    "GIT_ASKPASS": "false",
    "GIT_SSH_COMMAND": "false",
    "GIT_SSH": "false",
    "GIT_PROXY_COMMAND": "false",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_PROTOCOL_FROM_USER": "0",
    "SSH_ASKPASS": "false",
    "LC_ALL": "C",
    "LANGUAGE": "C",
}

# These tell where git and its Python side are installed, or where the user wants git's own trace.
_KEPT = ("GIT_EXEC_PATH", "GIT_PYTHON_", "GIT_TRACE2")


class Traits(msgspec.Struct, frozen=True):
    """What the repository's real configuration says that reading its objects depends on."""

    object_format: str = "sha1"
    ref_storage: str = "files"
    partial: bool = False


class View:
    """The view directory. Removed by `close`."""

    def __init__(self, layout: Layout, index: Path) -> None:
        self._layout = layout
        self._index = index
        self.traits = Traits()
        try:
            self.path = Path(tempfile.mkdtemp(prefix="agentreach-"))
        except OSError as error:
            raise GitError(
                f"no temporary directory can be made: {error.strerror}",
                hint="set TMPDIR to a directory that can be written",
            ) from error
        try:
            self._fill()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Removes the directory; the links in it are not followed."""
        shutil.rmtree(self.path, ignore_errors=True)

    def apply(self, traits: Traits) -> None:
        """Writes the view's configuration for a repository of these traits."""
        self.traits = traits
        lines = ["[core]", "\tbare = true", "\trepositoryformatversion = 1", "[extensions]"]
        if traits.object_format != "sha1":
            lines.append(f"\tobjectformat = {traits.object_format}")
        if traits.ref_storage != "files":
            lines.append(f"\trefstorage = {traits.ref_storage}")
        (self.path / "config").write_text("\n".join(lines) + "\n", "ascii")

    def raw_config(self) -> bytes:
        """The repository's own configuration file, unparsed; empty when there is none."""
        return read_small(self.config_file, _CONFIG_LIMIT) or b""

    @property
    def config_file(self) -> Path:
        """The repository's own configuration file: to be looked at, never to be obeyed."""
        return self._layout.common_dir / "config"

    def environment(self, work_tree: Path | None = None) -> dict[str, str]:
        """The variables that every git call gets on top of the process's own environment.

        GitPython can add variables but not take any away, so each inherited `GIT_*` variable that
        has no fixed value here is set empty, which git reads as unset or as false.
        """
        values = {name: "" for name in os.environ if _must_go(name)}
        values |= _FIXED
        values["GIT_DIR"] = str(self.path)
        values["GIT_INDEX_FILE"] = str(self.path / "index")
        values["GIT_OBJECT_DIRECTORY"] = str(self.path / "objects")
        values["GIT_SHALLOW_FILE"] = str(self.path / "shallow")
        values["GIT_GRAFT_FILE"] = str(self.path / "no-grafts")
        if "GIT_COMMON_DIR" in os.environ:
            values["GIT_COMMON_DIR"] = str(self.path)
        if work_tree is not None:
            values["GIT_WORK_TREE"] = str(work_tree)
        elif "GIT_WORK_TREE" in os.environ:
            values["GIT_WORK_TREE"] = str(self.path)
        return values

    def _fill(self) -> None:
        git_dir, common = self._layout.git_dir, self._layout.common_dir
        self.apply(self.traits)
        head = _head(git_dir)
        (self.path / "HEAD").write_bytes(head)
        for name in _DIRECTORIES:
            if (common / name).is_dir():
                self._link(name, common / name)
        if not (self.path / "refs").exists():
            (self.path / "refs").mkdir()
        for name in _COMMON_FILES:
            self._link_file(name, common / name)
        self._link_file("index", self._index)
        self._copy_shared_indexes(git_dir)
        (self.path / "info").mkdir()
        self._link_file("info/exclude", common / "info" / "exclude")

    def _link_file(self, name: str, target: Path) -> None:
        try:
            status = target.stat()
        except OSError:
            return
        if not stat.S_ISREG(status.st_mode):
            raise GitError(f"{target} is not a regular file")
        self._link(name, target)

    def _link(self, name: str, target: Path) -> None:
        try:
            (self.path / name).symlink_to(target)
        except OSError as error:
            raise GitError(
                f"symbolic links can't be made in {self.path.parent}: {error.strerror}",
                hint="set TMPDIR to a directory on a file system that has them",
            ) from error

    def _copy_shared_indexes(self, git_dir: Path) -> None:
        # Copied, not linked: git touches the shared part of a split index whenever it reads one.
        for shared in git_dir.glob("sharedindex.*"):
            data = read_small(shared, _SHARED_INDEX_LIMIT)
            if data is not None:
                (self.path / shared.name).write_bytes(data)


def inherited_index(layout: Layout, environment: Mapping[str, str]) -> Path:
    """The index to read: the one a running `git commit` prepared, if it is this repository's.

    `git commit -a` and `git commit <path>` run the pre-commit hook with GIT_INDEX_FILE set to a
    temporary index that holds what will be committed; a relative value counts from the work tree.
    """
    value = environment.get("GIT_INDEX_FILE")
    if value:
        candidate = ((layout.root or layout.git_dir) / value).resolve()
        if candidate.is_relative_to(layout.git_dir) and candidate.is_file():
            return candidate
    return layout.git_dir / "index"


def _head(git_dir: Path) -> bytes:
    path = git_dir / "HEAD"
    if path.is_symlink():  # how HEAD was kept in the first years of git
        return b"ref: " + os.fsencode(path.readlink()) + b"\n"
    data = read_small(path)
    if not data:
        raise GitError(f"{path} is missing or empty", hint="`git fsck` may tell more")
    return data


def _must_go(name: str) -> bool:
    return name.startswith("GIT_") and name not in _FIXED and not name.startswith(_KEPT)
