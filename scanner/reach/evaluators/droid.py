"""Droid: reading is free, commands ask up to an autonomy level, the sandbox is opt-in.

After docs.factory.ai (settings, autonomy level, sandbox, hooks). Scalars of a project outrank the
user's, `settings.local.json` outranks `settings.json` beside it, lists are joined. How entries of
the command lists match is not documented beyond whole commands.
"""

import posixpath
from collections.abc import Iterator

from scanner.model import Basis, Channel, ConcernKind, Verdict
from scanner.reach.evaluator import Answer, Evaluator
from scanner.reach.formats import jsonc
from scanner.reach.matching.first_match import covers_everything
from scanner.reach.settings.fetched import fetched_in
from scanner.reach.settings.json_layers import Layer, given_layers, read_layer, reject, strings_of
from scanner.reach.tree import Place

SETTINGS = (".factory/settings.local.json", ".factory/settings.json")
HOOKS = (".factory/hooks.json", ".factory/hooks/hooks.json")
LEVEL_KEYS = (("sessionDefaultSettings", "autonomyLevel"), ("autonomyLevel",), ("autonomyMode",))
LEVELS = {
    "off": 0,
    "normal": 0,
    "spec": 0,
    "low": 1,
    "medium": 2,
    "high": 3,
    "auto-low": 1,
    "auto-medium": 2,
    "auto-high": 3,
}
HIGH = 3
_WALLS = (
    (
        ("sandbox", "enabled"),
        "it switches Droid's sandbox off, whatever the user has set",
        "leave the key out, or set it to true with the paths that must not be read",
    ),
    (
        ("enableDroidShield",),
        "it switches off Droid Shield, which looks for secrets before commits and pushes",
        "leave the key out; it is on by default",
    ),
)
UNSEEN, UNSEEN_AT_HOME = "user and organization settings not read", "organization settings not read"


class AgentEvaluator(Evaluator):
    """The command line, in a session that is started at the root."""

    def read(self) -> None:
        """The settings of the project and the user, and the project's hooks."""
        found = [*given_layers(self, "settings")]
        found += [layer for path in SETTINGS if (layer := read_layer(self, path, "settings"))]
        home = [read_layer(self, path, "settings", personal=True) for path in SETTINGS]
        self.layers = (*found, *(layer for layer in home if layer is not None))
        self.unseen = UNSEEN if self.home is None else UNSEEN_AT_HOME
        self.level, self.level_source = self._level()
        for layer in self.layers:
            self._point_out(layer)
            self._point_out_hooks(layer, jsonc.get(layer.root, "hooks"))
        for path in HOOKS:
            if (hooks := read_layer(self, path, "hooks")) is not None:
                self._point_out_hooks(hooks, hooks.root)

    def _find(self, *keys: str) -> tuple[Layer, jsonc.Node] | None:
        """A value in the first file that has it: simple values are not joined."""
        for layer in self.layers:
            if (node := jsonc.get(layer.root, *keys)) is not None:
                return layer, node
        return None

    def _level(self) -> tuple[int, str]:
        """The autonomy that sessions start with, and the `file:line` that says so."""
        for layer in self.layers:
            for keys in LEVEL_KEYS:
                node = jsonc.get(layer.root, *keys)
                if node is None:
                    continue
                level = LEVELS.get(jsonc.string(node) or "")
                if level is not None:
                    return self._capped(level, layer.source(node))
                words = f"{keys[-1]} is none of Droid's levels"
                reject(self, layer, node.line, ".".join(keys), words, "autonomy")
        return 0, ""

    def _capped(self, level: int, source: str) -> tuple[int, str]:
        for layer in self.layers:
            node = jsonc.get(layer.root, "maxAutonomyLevel")
            most = LEVELS.get(jsonc.string(node) or "")
            if node is not None and most is not None and most < level:
                return most, layer.source(node)
        return level, source

    # ------------------------------------------------------------------ concerns

    def _point_out(self, layer: Layer) -> None:
        self._point_out_level(layer)
        for keys, words, instead in _WALLS:
            node = jsonc.get(layer.root, *keys)
            if node is not None and jsonc.boolean(node) is False:
                kind = ConcernKind.SANDBOX_DISABLED
                self._note(kind, layer, node.line, ".".join(keys), words, instead, "settings")
        for text, line in strings_of(self, layer, "commandAllowlist", "settings"):
            if covers_everything(text):
                words = "every command runs unasked, unless the deny list or the block list has it"
                instead = "name the commands that are needed"
                kind = ConcernKind.BLANKET_APPROVAL
                self._note(kind, layer, line, f"commandAllowlist: {text}", words, instead, "lists")
        for name in ("commandDenylist", "commandBlocklist"):
            strings_of(self, layer, name, "settings")

    def _point_out_level(self, layer: Layer) -> None:
        for keys in LEVEL_KEYS:
            node = jsonc.get(layer.root, *keys)
            if node is not None and LEVELS.get(jsonc.string(node) or "") == HIGH:
                words = "sessions start at the highest autonomy: commands of every risk run unasked"
                instead = "set it to off or low, and raise it in the session that needs it"
                kind = ConcernKind.APPROVAL_BYPASS
                self._note(kind, layer, node.line, ".".join(keys), words, instead, "autonomy")

    def _note(
        self,
        kind: ConcernKind,
        layer: Layer,
        line: int,
        subject: str,
        words: str,
        instead: str,
        reference: str,
    ) -> None:
        self.concern(
            kind, layer.shown, line, subject, words, instead, reference, personal=layer.personal
        )

    def _point_out_hooks(self, layer: Layer, node: jsonc.Node | None) -> None:
        line = fetched_in(node)
        if line is not None:
            words = "a hook, which Droid runs by itself, runs what it has just fetched or decoded"
            instead = "keep the script in the repository and review it there"
            self._note(ConcernKind.RUNS_COMMANDS, layer, line, "hooks", words, instead, "hooks")

    # ------------------------------------------------------------------ channels

    def file_tools(self, place: Place) -> Answer:
        """Free, unless a sandbox keeps the path from being read."""
        return self._sandboxed(place.path) or self.default(Channel.FILE_TOOLS).noting(
            *self.dead_controls(place.path), self.unseen
        )

    def shell(self, place: Place) -> Answer:
        """The sandbox, the command lists, then the level: printing a file is a low risk."""
        programs = ("cat", "head", "grep", "sed")
        return self._sandboxed(place.path) or self._commands(Channel.SHELL, programs)

    def git_objects(self, place: Place) -> Answer:
        """Commands that show history are of low risk too."""
        answer = self._sandboxed(".git/objects")
        return answer or self._commands(Channel.GIT_OBJECTS, ("git",))

    def _sandboxed(self, path: str) -> Answer | None:
        """Unknown at best: the feature is a beta, and a person may lift the denial in a session."""
        enabled = self._find("sandbox", "enabled")
        if enabled is None or jsonc.boolean(enabled[1]) is not True:
            return None
        for layer in self.layers:
            node = jsonc.get(layer.root, "sandbox", "filesystem", "denyRead")
            for text, line in jsonc.strings(node):
                if _may_cover(text, path):
                    basis = f"sandbox.filesystem.denyRead has {text}; whether it names this file"
                    basis += " depends on where the project lies, and a person may lift it"
                    source = f"{layer.shown}:{line}"
                    return Answer(Verdict.UNKNOWN, basis, source, Basis.CONFIG).noting(self.unseen)
        return None

    def _commands(self, channel: Channel, programs: tuple[str, ...]) -> Answer:
        denied = next(self._listed(("commandBlocklist", "commandDenylist"), programs), None)
        if denied is not None:
            return denied.noting("other programs may show the same", self.unseen)
        found = list(self._allowed(programs))
        if self.level > 0:
            basis = "the autonomy level lets commands of low risk run unasked"
            found.append(Answer(Verdict.NO_PROMPT, basis, self.level_source, Basis.CONFIG))
        if found:
            return min(found, key=lambda answer: answer.verdict.rank).noting(self.unseen)
        return self.default(channel).noting(self.unseen)

    def _allowed(self, programs: tuple[str, ...]) -> Iterator[Answer]:
        for layer in self.layers:
            for text, line in jsonc.strings(jsonc.get(layer.root, "commandAllowlist")):
                program, _, rest = text.partition(" ")
                source = f"{layer.shown}:{line}"
                # Not the whole entry: approved commands have tokens in them now and then.
                basis = f"commandAllowlist has {program}"
                if covers_everything(text) or (program in programs and covers_everything(rest)):
                    yield Answer(Verdict.NO_PROMPT, basis, source, Basis.CONFIG)
                elif program in programs:
                    basis += "; whether it covers these arguments is not documented"
                    yield Answer(Verdict.UNKNOWN, basis, source, Basis.CONFIG)

    def _listed(self, keys: tuple[str, ...], programs: tuple[str, ...]) -> Iterator[Answer]:
        """Entries that stop or hold up one of the programs as a whole, or every command.

        `git push ...` says nothing about `git log`, whatever the way in which entries match.
        """
        for layer in self.layers:
            for key in keys:
                for text, line in jsonc.strings(jsonc.get(layer.root, key)):
                    program, _, rest = text.partition(" ")
                    whole = program in programs and (not rest or covers_everything(rest))
                    if covers_everything(text) or whole:
                        words = "always asks" if key == "commandDenylist" else "never runs"
                        basis = f"{key} has {program}, which {words}"
                        verdict = Verdict.PROMPT
                        if key == "commandBlocklist" or self.level > 0:
                            verdict = Verdict.UNKNOWN
                        yield Answer(verdict, basis, f"{layer.shown}:{line}", Basis.CONFIG)


def _may_cover(denied: str, path: str) -> bool:
    """Whether an entry could name the path or a directory above it.

    Documented are absolute paths and those below the home; a relative one may mean the project.
    """
    entry = posixpath.normpath(denied.rstrip("/") or "/")
    if "*" in entry or "?" in entry:
        return True
    steps = path.split("/")
    above = {"/".join(steps[:count]) for count in range(1, len(steps) + 1)}
    if not entry.startswith(("/", "~")):
        return entry in above or entry == "."
    return any(entry.endswith("/" + one) for one in above)
