"""direnv: `.envrc`, a bash script that runs when a shell enters the directory.

https://direnv.net/man/direnv-stdlib.1.html. Nothing of it runs before `direnv allow`, which is
asked for again after each change; files that it sources are not checked.
"""

import posixpath
import re

from scanner.reach.entries.assignments import Lines, shell
from scanner.reach.entries.entry import EVERY_AGENT, Carrier, EntryKind, Process
from scanner.reach.entries.gathering import Gathering, Way, within
from scanner.reach.entries.value import Judged, judge

_BASIS = (
    "after `direnv allow`, direnv exports it to a shell that enters the directory, and an agent"
    " that is started there inherits it"
)
_WAY = Way(Carrier.ENVRC, (Process.AGENT, Process.AGENT_SHELL), EVERY_AGENT, _BASIS)
_CALL = re.compile(
    r"^[ \t]*(dotenv_if_exists|dotenv|source_env_if_exists|source_env|source_up_if_exists|source_up"
    r"|source|\.|use)(?:[ \t]+([^\n;&|#]*))?(?=[\n;&|#]|$)",
    re.MULTILINE,
)
_EXPORT = re.compile(r"^[ \t]*export[ \t]+((?:[A-Za-z_]\w*[ \t]*)+)$", re.MULTILINE)
_SECRET_TOOLS = re.compile(
    r"op|1password|vault|sops|infisical|doppler|aws|bitwarden|bws|pass|secrets?"
)
_DOTENV_CALLS = ("dotenv", "dotenv_if_exists")
_SOURCE_CALLS = ("source_env", "source_env_if_exists", "source", ".")


def read(gathering: Gathering) -> None:
    """Every `.envrc`, and the scripts in the tree that they source."""
    tree = gathering.tree
    waiting = sorted({*tree.find(".envrc"), *tree.find("/.envrc")})
    seen: set[str] = set()
    while waiting:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        text = gathering.text(path)
        if text is not None:
            _values(gathering, path, text)
            waiting += _calls(gathering, path, text)


def _values(gathering: Gathering, path: str, text: str) -> None:
    found = list(shell(text))
    exported = {name for match in _EXPORT.finditer(text) for name in match.group(1).split()}
    exports_all = re.search(r"^[ \t]*set -(?:a|o allexport)\b", text, re.MULTILINE) is not None
    for one in found:
        if not (one.exported or exports_all or one.name in exported):
            continue
        judged = judge(one.value, verbatim=one.verbatim)
        if judged is not None:
            gathering.add(path, one.span, one.name, judged, _WAY)


def _calls(gathering: Gathering, path: str, text: str) -> list[str]:
    """Follow what the script reads; the scripts that it sources."""
    lines = Lines(text)
    sourced = []
    for match in _CALL.finditer(text):
        call = match.group(1)
        words = (match.group(2) or "").split()
        argument = words[0].strip("\"'") if words else ""
        if call in _DOTENV_CALLS:
            basis = f"{path} has direnv load it; {_BASIS}"
            way = Way(Carrier.DOTENV, _WAY.processes, EVERY_AGENT, basis)
            gathering.link(path, argument or ".env", way)
        elif call in _SOURCE_CALLS and argument:
            sourced += _sourced(gathering, path, argument)
        elif call == "use" and _SECRET_TOOLS.fullmatch(argument):
            span = lines.span(match.start(1), match.end())
            judged = Judged(EntryKind.REFERENCE, argument, manager=True)
            gathering.add(path, span, f"use_{argument}", judged, _WAY, "its names are not known")
    return sourced


def _sourced(gathering: Gathering, path: str, argument: str) -> list[str]:
    target = within(posixpath.dirname(path), argument)
    if target is None:
        return []
    candidates = (target, f"{target}/.envrc")
    return [one for one in candidates if isinstance(gathering.tree.text(one), str)][:1]
