"""Devin: the cloud agent, which asks nobody on its clone, and the command line with permissions.

https://docs.devin.ai/cli/reference/permissions: a deny wins over an ask, an ask over an allow;
`Read(glob)`, `Exec(prefix)`. The cloud agent sees what is committed, so permissions narrow only
what is not. What a deny is worth in Bypass mode is documented for rules of organisations only.
"""

from collections.abc import Iterator, Sequence

import msgspec

from scanner.model import Basis, Channel, ConcernKind, Verdict
from scanner.reach.evaluator import Answer, Evaluator
from scanner.reach.formats import jsonc
from scanner.reach.matching.gitignore import excludes, parse
from scanner.reach.matching.programs import READERS, RUNNERS, program_of
from scanner.reach.settings.fetched_commands import note_fetched_commands
from scanner.reach.settings.json_layers import Layer, parse_layer, read_layer, reject
from scanner.reach.settings.trigger_rules import trigger_rules
from scanner.reach.tree import Place
from scanner.rules.context import LoadRule

PROJECT = (".devin/config.local.json", ".devin/config.json")
USER = ".config/devin/config.json"
RULES = ("**/.devin/rules/**/*.md", "**/.windsurf/rules/**/*.md")
PROJECT_KEYS = ("permissions", "mcpServers", "read_config_from", "hooks")
LISTS = ("deny", "ask", "allow")


class Permission(msgspec.Struct, frozen=True):
    """One entry of a list: `Read(.env)`, `Exec(git)`, `mcp__*`."""

    text: str
    effect: str
    tool: str
    specifier: str
    layer: int
    """0 for the file of the highest precedence."""
    source: str

    def reads(self, path: str) -> bool | None:
        """Whether it speaks of reading a path; None where the documentation leaves it open."""
        if self.tool.lower() != "read":
            return False
        glob = self.specifier.removeprefix("./")
        if glob in ("", "**", "*"):
            return True
        anchored = parse(f"/{glob}")
        if anchored is not None and excludes(anchored, path):
            return True
        loose = parse(glob)
        return None if loose is not None and excludes(loose, path) else False

    @property
    def anything(self) -> bool:
        """It approves every command, or every tool of every server."""
        if self.tool.lower() == "exec":
            bare = self.specifier.split()
            runner = len(bare) == 1 and program_of(self.specifier.partition(":")[0]) in RUNNERS
            return self.specifier in ("", "*", "**") or runner
        return self.text.strip() == "mcp__*"


class AgentEvaluator(Evaluator):
    """The wider of both: the cloud for what is committed, the command line for the rest."""

    def read(self) -> None:
        """Configuration of project, local and, where known, user."""
        layers = [parse_layer(self, one.path, one.text, "config") for one in self.given]
        for path in PROJECT:
            if (layer := read_layer(self, path, "config")) is not None:
                self._check_keys(layer)
                layers.append(layer)
        if (user := read_layer(self, USER, "config", personal=True)) is not None:
            layers.append(user)
        self.broken = next((layer.broken_at for layer in layers if layer.root is None), "")
        self.permissions = tuple(
            permission
            for rank, layer in enumerate(layers)
            for permission in self._permissions(layer, rank)
        )

    def _check_keys(self, layer: Layer) -> None:
        """`sandbox` in a project's file looks like a control: it counts in the user's only."""
        note_fetched_commands(self, layer, jsonc.get(layer.root, "hooks"), "config")
        node = layer.root.members.get("sandbox") if layer.root is not None else None
        if node is not None:
            self.concern(
                ConcernKind.DEAD_CONTROL,
                layer.shown,
                node.line,
                "sandbox",
                f"a project's file sets {', '.join(PROJECT_KEYS)} only, so this has no effect",
                "set it in the user's configuration, or start the command line with --sandbox",
                "config",
            )

    def _permissions(self, layer: Layer, rank: int) -> Iterator[Permission]:
        lists = jsonc.get(layer.root, "permissions")
        for effect in LISTS:
            node = jsonc.get(lists, effect)
            if node is not None and not isinstance(node, jsonc.Array):
                words = f"permissions.{effect} is no list"
                reject(self, layer, node.line, f"permissions.{effect}", words, "permissions")
                continue
            for text, line in jsonc.strings(node):
                tool, _, rest = text.strip().partition("(")
                source = f"{layer.shown}:{line}"
                found = Permission(text, effect, tool, rest.removesuffix(")"), rank, source)
                if effect == "allow" and found.anything:
                    self._blanket(layer, found, line)
                yield found

    def _blanket(self, layer: Layer, permission: Permission, line: int) -> None:
        self.concern(
            ConcernKind.BLANKET_APPROVAL,
            layer.shown,
            line,
            permission.text,
            "with it every command or MCP tool runs unasked",
            "name the commands and tools that may run",
            "permissions",
            personal=layer.personal,
        )

    def loads(self) -> Sequence[LoadRule]:
        """Rule files of Devin and Windsurf by their triggers; other agents' files as documented."""
        return (*self.context.loads, *trigger_rules(self.tree, RULES, "rules"))

    # ------------------------------------------------------------------ channels

    def file_tools(self, place: Place) -> Answer:
        """The command line reads unasked in every mode, unless a rule says otherwise."""
        answer = self.default(Channel.FILE_TOOLS)
        ruled = self._by_rules(place.path)
        if ruled is None:
            return answer
        if place.committed and ruled.verdict is not Verdict.NO_PROMPT:
            return answer.noting(f"on the command line {ruled.basis} ({ruled.source})")
        return ruled

    def _by_rules(self, path: str) -> Answer | None:
        """What the lists make of reading a path: None where none speaks of it."""
        if self.broken:
            basis = f"{self.broken} cannot be used; what it would deny is not known"
            return Answer(Verdict.UNKNOWN, basis, self.broken, Basis.CONFIG)
        for effect, verdict in (("deny", Verdict.BYPASS_ONLY), ("ask", Verdict.PROMPT)):
            for rule in self.permissions:
                fits = rule.reads(path) if rule.effect == effect else False
                if fits is False:
                    continue
                basis = f"{rule.text} under {effect} covers it"
                if fits is None or self._overruled(rule, path):
                    basis = f"{rule.text} under {effect} may cover it, or a file that goes before"
                    basis += " may allow it"
                    return Answer(Verdict.UNKNOWN, basis, rule.source, Basis.CONFIG)
                if effect == "deny":
                    basis += " in the modes that ask; whether it holds in Bypass is not documented"
                return Answer(verdict, basis, rule.source, Basis.CONFIG)
        return None

    def _overruled(self, rule: Permission, path: str) -> bool:
        """Whether a file of higher precedence allows what this one refuses."""
        return any(
            other.effect == "allow" and other.layer < rule.layer and other.reads(path) is not False
            for other in self.permissions
        )

    def shell(self, place: Place) -> Answer:
        """In the cloud every command runs; on the command line those that are allowed do."""
        return self._commands(Channel.SHELL, place, READERS | RUNNERS)

    def git_objects(self, place: Place) -> Answer:
        """The clone in the cloud holds the history."""
        return self._commands(Channel.GIT_OBJECTS, place, RUNNERS | {"git"})

    def _commands(self, channel: Channel, place: Place, programs: frozenset[str]) -> Answer:
        if place.committed or channel is Channel.GIT_OBJECTS:
            return self.default(channel)
        allowed = [
            rule for rule in self.permissions if rule.effect == "allow" and rule.tool == "Exec"
        ]
        for rule in allowed:
            if rule.anything or program_of(rule.specifier.partition(":")[0]) in programs:
                basis = f"{rule.text} under allow lets it run unasked on the command line"
                return Answer(Verdict.NO_PROMPT, basis, rule.source, Basis.CONFIG)
        basis = "the command line asks before it runs a command; the cloud has no copy of this file"
        if allowed:
            basis += f"; {len(allowed)} kinds of commands run unasked"
        return self.documented(Verdict.PROMPT, basis, "permissions")
