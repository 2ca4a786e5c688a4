"""Which commits a branch alone reaches."""

import contextlib
import os
from collections.abc import Callable, Iterable, Mapping

from scanner.gitio.repository import Repository

_MOST = 300_000
"""Commits that are looked at."""


def reached_alone(
    repository: Repository, choose: Callable[[Iterable[str]], Iterable[str]]
) -> Mapping[str, str]:
    """The commits that chosen branches reach and no other branch and no tag does, with the full
    name of one of those branches.

    `choose` picks from the full names of all branches, here and on remotes. Pull requests and notes
    are no branches. What git can't walk is left out. One git process, and a second one if any is
    chosen; a third where HEAD is detached.
    """
    runner = repository._runner
    kinds = ("refs/heads/", "refs/remotes/", "refs/tags/")
    output = runner.output(["for-each-ref", "--format=%(objectname) %(refname)", *kinds])
    tips: dict[str, str] = {}
    for line in os.fsdecode(output).split("\n")[:-1]:
        target, _, name = line.partition(" ")
        tips[name] = target
    chosen = set(choose(name for name in tips if not name.startswith("refs/tags/")))
    if not chosen:
        return {}
    others = {target for name, target in tips.items() if name not in chosen}
    if repository.branch is None and repository.head is not None:
        others.add(repository.head)
    asked = [*sorted(chosen), *(f"^{target}" for target in sorted(others))]
    found: dict[str, str] = {}
    arguments = ["log", "--format=%H %S", "--no-patch", f"--max-count={_MOST}"]
    arguments += ["--ignore-missing", "--no-mailmap", "--stdin", "--"]
    with runner.start(arguments, stdin=True) as process:
        if process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(os.fsencode("".join(f"{one}\n" for one in asked)))
        process.close_stdin()
        for record in process.stdout:
            commit, _, name = os.fsdecode(record).rstrip("\n").partition(" ")
            found[commit] = name
    return found
