"""Which declared task a change belongs to: option, then trailer, then branch."""

import re
from collections.abc import Mapping

import msgspec

from scanner.boundary.globs import Globs
from scanner.boundary.tasks import Task
from scanner.boundary.wording import shown
from scanner.model import Basis, Change, Evidence

_TRAILER = re.compile(
    r"^(?P<own>Agentreach-)?Task:[ \t]*(?P<id>[A-Za-z0-9][A-Za-z0-9._#-]{0,63})[ \t]*\r?$",
    re.MULTILINE | re.IGNORECASE,
)
_MERGED = (
    # GitHub: "Merge pull request #7 from owner/branch"; the owner is not part of the branch.
    re.compile(r"Merge pull request #\d+ from [^/\s]+/(\S+)"),
    re.compile(r"Merge (?:remote-tracking )?branch '([^']+)'"),
)
_BRANCH_REFS = ("refs/heads/", "refs/remotes/")


class Resolution(msgspec.Struct, frozen=True):
    """The outcome for one change. No task and no unknown id: nothing was declared."""

    task: Task | None = None
    evidence: tuple[Evidence, ...] = ()
    by_option: bool = False
    weak: bool = False
    """Only the name of a ref that reaches the commit says so. Older commits have the same ref, so
    this never supports more than low confidence."""
    unknown: str | None = None
    """A task id that the change names and no task file declares, in a form fit to be shown."""


def resolve(change: Change, tasks: Mapping[str, Task], option: Task | None) -> Resolution:
    """What names a task first: the option, the message's last trailer, a branch."""
    if option is not None:
        evidence = Evidence(
            f"task {option.id} given by option", Basis.CONFIG, source=f"{option.path}"
        )
        return Resolution(option, (evidence,), by_option=True)
    named = list(_TRAILER.finditer(change.message))
    if named:
        found = _by_trailer(named[-1], change, tasks)
        if found is not None:
            return found
    for branch, text, weak in _branches(change):
        for task in tasks.values():
            if _means(branch, task):
                evidence = Evidence(
                    f"task {task.id}: {text} names it", Basis.DERIVED, change.commit
                )
                return Resolution(task, (evidence,), weak=weak)
    return Resolution()


def _by_trailer(
    found: re.Match[str], change: Change, tasks: Mapping[str, Task]
) -> Resolution | None:
    task = tasks.get(found["id"])
    label = f"{found['own'] or ''}Task"
    if task is not None:
        evidence = Evidence(
            f"task {task.id} named by the trailer `{label}: {task.id}`", source=change.commit
        )
        return Resolution(task, (evidence,))
    if not tasks and not found["own"]:
        # Other conventions use `Task:` too (Phabricator, Wikimedia); without any task file it is
        # not ours.
        return None
    return Resolution(
        unknown=shown(found["id"]),
        evidence=(Evidence(f"the message has a `{label}:` trailer", source=change.commit),),
    )


def _branches(change: Change) -> list[tuple[str, str, bool]]:
    found: list[tuple[str, str, bool]] = []
    for pattern in _MERGED:
        merged = pattern.match(change.subject)
        if merged:
            found.append((merged[1], "the merged branch", False))
    ref = change.ref or ""
    prefix = next((prefix for prefix in _BRANCH_REFS if ref.startswith(prefix)), None)
    if prefix is not None:
        found.append((ref.removeprefix(prefix), "the branch that holds it", True))
    return found


def _means(branch: str, task: Task) -> bool:
    candidates = {branch, branch.partition("/")[2] or branch}  # with and without a remote's name
    if task.branch is not None and any(name in Globs([task.branch]) for name in candidates):
        return True
    # A short or bare number would also be found in dates and versions: whole path segment only.
    edge = "/" if len(task.id) < 4 or task.id.isdigit() else "/_-"
    pattern = rf"(?:^|[{edge}]){re.escape(task.id)}(?:$|[{edge}])"
    return re.search(pattern, branch, re.IGNORECASE) is not None
