"""What prepares the machine or the copy of an agent: set-up scripts, `.worktreeinclude`."""

from scanner.reach.entries.assignments import Lines, shell
from scanner.reach.entries.entry import Carrier, EntryKind, Process
from scanner.reach.entries.gathering import Gathering, Way
from scanner.reach.entries.sheet import Node
from scanner.reach.entries.value import Judged, judge
from scanner.reach.matching.gitignore import parse_file

_OPENHANDS = Way(
    Carrier.SETUP_SCRIPT,
    (Process.AGENT_SHELL,),
    ("openhands",),
    "openhands sources .openhands/setup.sh in its shell when it begins to work with the repository",
)
_CURSOR = Way(
    Carrier.SETUP_SCRIPT,
    (Process.AGENT_SHELL,),
    ("cursor",),
    "Cursor runs this command on the machine of a cloud agent",
)
_WORKTREE = Way(
    Carrier.WORKTREE_INCLUDE,
    (Process.WORKTREE,),
    ("claude-code",),
    "Claude Code copies the ignored files that this pattern matches into each worktree it makes",
)
_MOST_COMMANDS = 50


def read(gathering: Gathering) -> None:
    """Set-up scripts of agents, and the files copied into worktrees."""
    path = ".openhands/setup.sh"
    text = gathering.text(path)
    if text is not None:
        _script(gathering, path, text, _OPENHANDS)
    path = ".cursor/environment.json"
    sheet = gathering.sheet(path)
    if sheet is not None:
        _cursor(gathering, path, sheet)
    _worktree(gathering)


def _script(gathering: Gathering, path: str, text: str, way: Way) -> None:
    for one in shell(text):
        if not one.exported:
            continue
        judged = judge(one.value, verbatim=one.verbatim)
        if judged is not None:
            gathering.add(path, one.span, one.name, judged, way)


def _cursor(gathering: Gathering, path: str, sheet: Node) -> None:
    """`install`, `start` and the terminals' commands; the secrets themselves are on the server."""
    commands = [sheet.get("install"), sheet.get("start")]
    commands += [terminal.get("command") for terminal in sheet.listed("terminals")][:_MOST_COMMANDS]
    for node in commands:
        for one in shell(node.text or "") if node is not None else ():
            judged = judge(one.value)
            if node is not None and judged is not None:
                gathering.add(path, node.span, one.name, judged, _CURSOR)


def _worktree(gathering: Gathering) -> None:
    """https://code.claude.com/docs/en/worktrees: gitignore syntax, at the root."""
    path = ".worktreeinclude"
    text = gathering.text(path)
    if text is None:
        return
    lines = Lines(text)
    at = 0
    wanted = {pattern.line for pattern in parse_file(path, text).patterns if not pattern.negated}
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        shown = line.strip()
        if number in wanted:
            span = lines.span(at, at + len(line.rstrip()))
            judged = Judged(EntryKind.FORWARDED, shown[:200])
            gathering.add(path, span, "files", judged, _WORKTREE)
        at += len(line)
