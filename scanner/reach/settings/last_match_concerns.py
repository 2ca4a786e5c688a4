"""What a person should look at in the settings of OpenCode and of its descendants."""

import posixpath
import re
from collections.abc import Iterator, Sequence

import msgspec

from scanner.model import ConcernKind
from scanner.reach.matching.last_match import ANY, Action, Rule, flatten, shadowed
from scanner.reach.matching.literal import inside
from scanner.reach.settings.endpoints import diverted_host
from scanner.reach.settings.last_match_settings import Entry, LastMatchSettings
from scanner.reach.tree import Tree

_INTERPRETERS = frozenset({"sh", "bash", "zsh", "dash", "cmd", "pwsh", "node", "python", "python3"})
_NO_TOOL = re.compile(r"[^\w.*?-]")
"""No tool and no permission has such a character in its name; commands have."""
_PINNED = re.compile(r"[^@]@\d+\.\d+\.\d+(?:[-+][\w.+-]*)?\Z")
_INLINE = frozenset({"-c", "-lc", "-ic", "-e", "--eval", "/c", "-Command"})


class Remark(msgspec.Struct, frozen=True):
    """One setting; `reference` is a name from the agent's file."""

    kind: ConcernKind
    path: str
    line: int | None
    subject: str
    words: str
    instead: str
    reference: str = "config"
    personal: bool = False


def remarks(settings: LastMatchSettings, agent: str, tree: Tree) -> Iterator[Remark]:
    """Everything there is to say. `agent`: the agent's name, as a person knows it."""
    for one in settings.rejected:
        if not one.unread:
            yield Remark(
                ConcernKind.REJECTED_SETTINGS,
                one.path,
                one.line,
                one.path,
                f"{agent} refuses the file: {one.reason}",
                "repair the file; until then none of its rules is known to hold",
                personal=one.personal,
            )
    groups = [(*flatten(settings.user), *settings.ordered)]
    groups += [flatten(rules) for rules in settings.agents.values()]
    for group in groups:
        yield from _shadowed(group)
        yield from _misplaced(group)
        yield from _blanket(group)
    yield from _endpoints(settings)
    yield from _plugins(settings)
    yield from _servers(settings, tree)
    yield from _instructions(settings)
    if settings.sharing is not None and settings.sharing.text == "auto":
        words = "every conversation is published under a link that anyone may open"
        instead = 'set share to "disabled", or to "manual"'
        kind = ConcernKind.REDIRECTED_ENDPOINT
        yield _of_entry(kind, settings.sharing, "share", words, instead)


def _of_entry(kind: ConcernKind, entry: Entry, subject: str, words: str, instead: str) -> Remark:
    return Remark(kind, entry.path, entry.line, subject, words, instead, personal=entry.personal)


def _of_rule(kind: ConcernKind, rule: Rule, words: str, instead: str) -> Remark:
    path, _, line = rule.source.rpartition(":")
    personal = path.startswith("~/")
    return Remark(kind, path, int(line), rule.text, words, instead, "permissions", personal)


def _shadowed(rules: Sequence[Rule]) -> Iterator[Remark]:
    for rule, later in shadowed(rules):
        words = f"{rule.text} never decides: {later.text} at {later.source} comes after it"
        instead = "put the wide rule first; the last one that matches decides"
        yield _of_rule(ConcernKind.DEAD_CONTROL, rule, words, instead)


def _names_no_tool(rule: Rule) -> bool:
    return _NO_TOOL.search(rule.permission) is not None


def _misplaced(rules: Sequence[Rule]) -> Iterator[Remark]:
    """A command where the name of a tool belongs: the rule is taken and matches nothing."""
    for rule in rules:
        if _names_no_tool(rule) and rule.action is not Action.ALLOW:
            path, _, line = rule.source.rpartition(":")
            # Its first word only: commands hold tokens now and then.
            shown = rule.permission.split()[0][:40] if rule.permission.split() else "it"
            shown = shown if re.fullmatch(r"[\w./-]+", shown) else "it"
            yield Remark(
                ConcernKind.DEAD_CONTROL,
                path,
                int(line),
                f"permission {shown}",
                f"{shown} is a command where the name of a tool belongs, so the rule stops nothing",
                "move it below bash",
                "permissions",
                path.startswith("~/"),
            )


def _blanket(rules: Sequence[Rule]) -> Iterator[Remark]:
    """A rule that allows everything and of which nothing is taken back after it.

    `doom_loop` only asks when a model repeats itself, and takes nothing back.
    """
    for position, rule in enumerate(rules):
        everything = rule.permission == rule.pattern == ANY
        after = [
            later
            for later in rules[position:]
            if later.permission != "doom_loop" and not _names_no_tool(later)
        ]
        if everything and all(later.action is Action.ALLOW for later in after):
            words = "every tool runs unasked, also on .env files and outside the project"
            instead = "allow single tools, and keep ask for *.env and external_directory"
            yield _of_rule(ConcernKind.BLANKET_APPROVAL, rule, words, instead)


def _endpoints(settings: LastMatchSettings) -> Iterator[Remark]:
    for entry in settings.endpoints:
        if (host := diverted_host(entry.key, entry.text)) is not None:
            words = f"prompts and the key for {entry.key} go to {host}"
            instead = "remove the address, or use a provider of your own name with its own key"
            yield _of_entry(ConcernKind.REDIRECTED_ENDPOINT, entry, entry.key, words, instead)


def _plugins(settings: LastMatchSettings) -> Iterator[Remark]:
    for entry in settings.plugins:
        # An address may carry credentials, so that only its kind is named.
        name = entry.text.partition("://")[0] + " address" if "://" in entry.text else entry.text
        name = name[:80]
        words = f"the plugin {name} is fetched and run at the start, unasked"
        if entry.text.startswith((".", "/", "file:")):
            words = f"the plugin {name} is run at the start, unasked"
        pin = "" if _PINNED.search(entry.text) else "pin its exact version and "
        instead = f"{pin}read what it does, or leave it to each user's own settings"
        yield _of_entry(ConcernKind.RUNS_COMMANDS, entry, name, words, instead)


def _servers(settings: LastMatchSettings, tree: Tree) -> Iterator[Remark]:
    """Servers whose program is a line of shell or a script of the repository itself."""
    for entry, words in settings.servers:
        program = posixpath.basename(words[0])
        inline = program in _INTERPRETERS and any(word in _INLINE for word in words[1:3])
        paths = (inside(word) for word in words if not word.startswith("-"))
        script = next((path for path in paths if path and tree.exists(path)), "")
        if entry.personal or not (inline or script):
            continue
        what = "a command line of the settings" if inline else script
        said = f"the server {entry.key} runs {what} at the start, and nobody is asked"
        instead = "start it from each user's own settings, or set enabled to false here"
        yield _of_entry(ConcernKind.RUNS_COMMANDS, entry, f"mcp {entry.key}", said, instead)


def _instructions(settings: LastMatchSettings) -> Iterator[Remark]:
    for entry in settings.instructions:
        if entry.text.startswith(("http://", "https://")):
            words = "text from an address outside the repository goes into every prompt"
            instead = "keep the instructions in the repository, where a change is seen"
            yield _of_entry(ConcernKind.HIDDEN_TEXT, entry, "instructions", words, instead)
