"""git's configuration as a way in: remote addresses, extra headers, stored credentials.

The text is the caller's (`.git/config` is no file of the work tree). The format is git-config(1)'s;
what `include` names is not read.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from scanner.reach.entries.addresses import credentials, part_of
from scanner.reach.entries.assignments import Lines
from scanner.reach.entries.entry import EVERY_AGENT, Carrier, Entry, EntryKind, Process, Span
from scanner.reach.entries.gathering import Collecting, Way
from scanner.reach.entries.value import Judged, judge
from scanner.reach.tree import LARGEST_FILE

_SECTION = re.compile(r"[ \t]*\[([A-Za-z0-9.-]+)(?:[ \t]+\"((?:[^\"\\\n]|\\.)*)\")?[ \t]*\][ \t]*")
_VARIABLE = re.compile(r"[ \t]*([A-Za-z][A-Za-z0-9-]*)[ \t]*(?:=[ \t]*([^\n]*))?")
_ADDRESSES = {
    "remote": frozenset({"url", "pushurl", "proxy"}),
    "http": frozenset({"proxy"}),
    "submodule": frozenset({"url"}),
    "lfs": frozenset({"url", "pushurl"}),
    "url": frozenset({"insteadof", "pushinsteadof"}),
}
_WAY = Way(
    Carrier.GIT_CONFIG,
    (Process.AGENT_SHELL, Process.GIT),
    EVERY_AGENT,
    "it stands in plain text in git's configuration: `git config --list` and `git remote -v` print"
    " it, and git sends it when it talks to the remote",
)
_HELPER = Way(
    Carrier.GIT_CONFIG,
    (Process.AGENT_SHELL, Process.GIT),
    EVERY_AGENT,
    "git keeps passwords in a plain text file in the home directory and hands them to every git"
    " command",
)


class _Setting(NamedTuple):
    section: str
    subsection: str
    key: str
    value: str
    span: Span


def read_git_config(text: str, path: str = ".git/config") -> tuple[Entry, ...]:
    """The credentials that a git configuration holds or leads to, by line.

    Text beyond 1 MiB is not read. Malformed lines are skipped, as nothing depends on them.
    """
    collecting = Collecting()
    for setting in _settings(text[:LARGEST_FILE]):
        _read(collecting, path, setting)
    return collecting.done().entries


def _settings(text: str) -> Iterator[_Setting]:
    lines = Lines(text)
    section = subsection = ""
    at = 0
    for line in text.splitlines(keepends=True):
        start, at = at, at + len(line)
        rest = line.rstrip("\r\n")
        header = _SECTION.match(rest)
        offset = 0
        if header:
            section, subsection = header.group(1).lower(), header.group(2) or ""
            offset = header.end()
            if subsection:
                span = lines.span(start + header.start(2), start + header.end(2))
                yield _Setting(section, subsection, "", subsection, span)
        if rest.lstrip().startswith(("#", ";")):
            continue
        match = _VARIABLE.match(rest, offset)
        if match and section:
            value = (match.group(2) or "").rstrip()
            begin = start + (match.start(2) if match.group(2) else match.end())
            span = lines.span(begin, begin + len(value))
            yield _Setting(section, subsection, match.group(1).lower(), value, span)


def _read(collecting: Collecting, path: str, setting: _Setting) -> None:
    name = ".".join(part for part in (setting.section, setting.key) if part)
    if setting.section in ("url", "http", "credential") and not setting.key:
        _address(collecting, path, setting, f"{setting.section} section")
    elif setting.key in _ADDRESSES.get(setting.section, frozenset()):
        _address(collecting, path, setting, name)
    elif setting.section == "http" and setting.key == "extraheader":
        judged = judge(setting.value.partition(":")[2])
        if judged is not None:
            collecting.add(path, setting.span, name, judged, _WAY)
    elif setting.section == "credential" and setting.key == "helper":
        words = setting.value.strip('"').split()
        if words and words[0] == "store":
            kept = Judged(EntryKind.FORWARDED, "~/.git-credentials")
            collecting.add(path, setting.span, name, kept, _HELPER)


def _address(collecting: Collecting, path: str, setting: _Setting, name: str) -> None:
    for part in credentials(setting.value):
        if part.name.endswith("in the URL") or part.name.startswith("?"):
            collecting.add(path, part_of(setting.span, part), name, part.value, _WAY)
