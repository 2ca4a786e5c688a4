"""What Claude Code puts into the worktrees that it makes, beside what git checks out.

https://code.claude.com/docs/en/worktrees, "Copy gitignored files into worktrees".
"""

import posixpath
from collections.abc import Sequence

import msgspec

from scanner.model import Tracking
from scanner.reach.evaluator import git_ignored, git_ignores
from scanner.reach.matching.gitignore import Hit, IgnoreFile, decide
from scanner.reach.settings.claude_files import SettingsFile
from scanner.reach.tree import Place, Tree

INCLUDE = ".worktreeinclude"


class Copied(msgspec.Struct, frozen=True):
    """A file that gets there."""

    words: str
    """To be followed by "every worktree"."""
    source: str
    doubt: str = ""
    """Why it may not get there after all."""


def copied(
    tree: Tree, include: IgnoreFile | None, files: Sequence[SettingsFile], place: Place
) -> Copied | None:
    """How an ignored file is copied, or how any file is linked; None where neither happens."""
    return _linked(files, place.path) or _included(tree, include, place)


def _linked(files: Sequence[SettingsFile], path: str) -> Copied | None:
    for file in files:
        for text, line in file.texts("worktree", "symlinkDirectories"):
            if path.startswith(f"{posixpath.normpath(text)}/"):
                words = f"worktree.symlinkDirectories puts {text} into"
                return Copied(words, f"{file.path}:{line}")
    return None


def _included(tree: Tree, include: IgnoreFile | None, place: Place) -> Copied | None:
    """By `.worktreeinclude`: only what git ignores is copied."""
    hit = decide((include,), place.path) if include is not None else None
    if hit is None or hit.negated:
        return None
    ignored = place.tracking is Tracking.IGNORED
    if place.tracking is Tracking.UNKNOWN:
        pattern = git_ignored(tree, place)
        ignored = pattern is not None and not pattern.negated
    if not ignored:
        return None
    doubt = ""
    if _may_be_skipped(tree, hit, place.path):
        doubt = "out of a directory that is ignored as a whole a pattern with **/ takes not all"
    return Copied(f"{hit.text} copies it into", hit.source, doubt)


def _may_be_skipped(tree: Tree, hit: Hit, path: str) -> bool:
    """A `**/name` reaches into an ignored directory only where the name is in its path."""
    parent = posixpath.dirname(path)
    if not hit.text.startswith("**/") or not parent:
        return False
    name = hit.text[3:].partition("/")[0]
    if name in parent.split("/"):
        return False
    # Any other file there would be ignored as well.
    probe = decide(git_ignores(tree, path), f"{parent}/-any-")
    return probe is not None and not probe.negated
