"""Goose: everything runs unasked by default, and no file keeps it from reading anything.

Modes and permissions are the user's (`~/.config/goose`), and an environment variable outranks
them, so a repository alone never narrows anything. Hints and their imports are read as in
crates/goose/src/hints/{load_hints,import_files}.rs.
"""

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping

from scanner.model import Basis, Channel, ConcernKind, Verdict
from scanner.reach.evaluator import Answer, Evaluator, git_ignored
from scanner.reach.formats import jsonc
from scanner.reach.settings.json_layers import read_layer
from scanner.reach.settings.single_loads import load_one
from scanner.reach.tree import Place, Unreadable
from scanner.rules.context import LoadRule, LoadWhen

CONFIG, PERMISSIONS = ".config/goose/config.yaml", ".config/goose/permission.yaml"
HOOKS, PROJECT_SETTINGS = "/.agents/plugins/*/hooks/hooks.json", ".config/goose/settings.json"
NAMES = ("AGENTS.md", ".goosehints")
UNSEEN = "the user's mode and permissions not read"
SHELLS = ("developer__shell", "shell")
_MODES = ("auto", "approve", "smart_approve", "chat")
_EVENTS = frozenset(
    [
        "SessionStart",
        "SessionEnd",
        "Stop",
        "UserPromptSubmit",
        "PreToolUse",
        "PostToolUse",
        "PostToolUseFailure",
        "BeforeReadFile",
        "AfterFileEdit",
        "BeforeShellExecution",
        "AfterShellExecution",
    ]
)
_DEEPEST = 3
_MOST_IMPORTS = 64
_LONGEST_HINTS = 131_072
_LARGEST = 262_144
_IMPORT = re.compile(
    r"(?:^|\s)@([a-zA-Z0-9_\-./]+(?:\.[a-zA-Z0-9]+)+|[A-Z][a-zA-Z0-9_\-]*"
    r"|[a-zA-Z0-9_\-./]*[./][a-zA-Z0-9_\-./]*)"
)


class AgentEvaluator(Evaluator):
    """The command line and the desktop application, which share the configuration."""

    def read(self) -> None:
        """The user's mode and tool permissions, where the home is known."""
        self.config = self._yaml(CONFIG)
        self.mode_source, self.mode = "", "auto"
        value = self.config.get("GOOSE_MODE")
        if isinstance(value, str) and value.lower() in _MODES:
            self.mode = value.lower()
            self.mode_source = f"{self._shown(CONFIG)}:{self._line(CONFIG, 'GOOSE_MODE')}"
        elif value is not None:
            self._reject(CONFIG, "GOOSE_MODE", "GOOSE_MODE is none of goose's modes")
        user = self._yaml(PERMISSIONS).get("user")
        self.permissions = user if isinstance(user, Mapping) else {}
        never = self._listed("never_allow")
        if never and self.mode == "auto":
            self._point_out_dead_permissions(never)
        off = read_layer(self, PROJECT_SETTINGS, "hooks")
        listed = jsonc.get(off.root, "disabledPlugins") if off is not None else None
        disabled = {name for name, _ in jsonc.strings(listed)}
        for path in self.tree.find(HOOKS):
            self._point_out_hooks(path, disabled)

    def _yaml(self, path: str) -> Mapping[str, object]:
        text = self._text(path)
        if text is None:
            return {}
        if isinstance(text, Unreadable) or len(text) > _LARGEST:
            self.problem(self._shown(path), "it cannot be read; what it allows is not known")
            return {}
        import yaml

        try:
            raw = yaml.safe_load(text)
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            mark = getattr(error, "problem_mark", None)
            last = max(1, text.count("\n"))
            line = min(mark.line + 1, last) if mark else 1
            self._reject(path, path, "it is not valid YAML", line)
            return {}
        return raw if isinstance(raw, Mapping) else {}

    def _text(self, path: str) -> str | Unreadable | None:
        """A configuration that the caller named stands in for the user's."""
        if path == CONFIG and self.given:
            return self.given[0].text
        return self.home.text(path) if self.home is not None else None

    def _shown(self, path: str) -> str:
        return self.given[0].path if path == CONFIG and self.given else f"~/{path}"

    def _line(self, path: str, key: str) -> int:
        text = self._text(path)
        text = text if isinstance(text, str) else ""
        at = max(text.find(key), 0)
        return text.count("\n", 0, at) + 1

    def _reject(self, path: str, subject: str, words: str, line: int | None = None) -> None:
        self.concern(
            ConcernKind.REJECTED_SETTINGS,
            self._shown(path),
            line or self._line(path, subject),
            subject,
            f"{words}, so goose does not use it",
            "set it with goose configure",
            "config",
            personal=self._shown(path).startswith("~/"),
        )

    def _point_out_dead_permissions(self, tools: tuple[str, ...]) -> None:
        self.concern(
            ConcernKind.DEAD_CONTROL,
            f"~/{PERMISSIONS}",
            self._line(PERMISSIONS, "never_allow"),
            "never_allow",
            f"it names {len(tools)} tools, and in auto mode tool permissions are not asked",
            "set GOOSE_MODE to approve or smart_approve",
            "modes",
            personal=True,
        )

    def _point_out_hooks(self, path: str, disabled: Collection[str]) -> None:
        """A project's plugins run commands as soon as goose starts there; nobody is asked."""
        plugin = path.split("/")[2]
        layer = read_layer(self, path, "hooks") if plugin not in disabled else None
        first = _first_command(jsonc.get(layer.root, "hooks")) if layer is not None else None
        if first is None:
            return
        event, line = first
        self.concern(
            ConcernKind.RUNS_COMMANDS,
            path,
            line,
            f"plugin {plugin}",
            f"goose loads this project's plugin by itself and runs its {event} command unasked",
            f"review the plugin's scripts, or list {plugin} under disabledPlugins",
            "hooks",
        )

    def _listed(self, level: str) -> tuple[str, ...]:
        return _texts(self.permissions.get(level))

    # ------------------------------------------------------------------ channels

    def file_tools(self, place: Place) -> Answer:
        """No file restricts them; a mode may ask."""
        return self._by_mode(Channel.FILE_TOOLS).noting(*self.dead_controls(place.path))

    def shell(self, place: Place) -> Answer:
        """The mode, and what the user set for the shell tool."""
        return self._by_mode(Channel.SHELL).noting(*self.dead_controls(place.path))

    def git_objects(self, place: Place) -> Answer:
        """As the shell."""
        return self._by_mode(Channel.GIT_OBJECTS)

    def _by_mode(self, channel: Channel) -> Answer:
        answer = self.default(channel)
        if self.home is None and not self.given:
            return answer.noting(UNSEEN)
        if self.mode == "auto":
            return answer.noting("the variable GOOSE_MODE may say otherwise")
        if self.mode == "chat":
            basis = "GOOSE_MODE is chat, which runs no tools; a session or the environment may"
            return Answer(Verdict.BYPASS_ONLY, f"{basis} change it", self.mode_source, Basis.CONFIG)
        if channel is not Channel.FILE_TOOLS and (found := self._permission()) is not None:
            return found
        if self.mode == "approve":
            basis = "GOOSE_MODE is approve: every tool asks"
            return Answer(Verdict.PROMPT, basis, self.mode_source, Basis.CONFIG)
        if channel is Channel.FILE_TOOLS:
            basis = "GOOSE_MODE is smart_approve, which runs read-only tools unasked"
            return Answer(Verdict.NO_PROMPT, basis, self.mode_source, Basis.CONFIG)
        basis = "GOOSE_MODE is smart_approve: a model judges whether a command is harmless"
        return Answer(Verdict.UNKNOWN, basis, self.mode_source, Basis.CONFIG)

    def _permission(self) -> Answer | None:
        """What `permission.yaml` says of the shell; it counts in the two approving modes."""
        for level, verdict in (
            ("never_allow", Verdict.UNKNOWN),
            ("ask_before", Verdict.PROMPT),
            ("always_allow", Verdict.NO_PROMPT),
        ):
            tool = next((name for name in SHELLS if name in self._listed(level)), None)
            if tool is None:
                continue
            source = f"~/{PERMISSIONS}:{self._line(PERMISSIONS, tool)}"
            basis = f"{level} has {tool}, and GOOSE_MODE is {self.mode}"
            if level == "never_allow":
                basis += "; the variable GOOSE_MODE outranks the file, and auto ignores the list"
            return Answer(verdict, basis, source, Basis.CONFIG)
        return None

    # ------------------------------------------------------------------ prompt

    def loads(self) -> tuple[LoadRule, ...]:
        """Hints of every directory, by the names in force, with what they import."""
        return tuple(self._loads())

    def _loads(self) -> Iterator[LoadRule]:
        for name in self._names():
            for path in self.tree.find(name):
                at_root = "/" not in path
                when = LoadWhen.START if at_root else LoadWhen.NEARBY
                basis = (
                    "goose starts every session with it"
                    if at_root
                    else "it joins the prompt when goose works in its directory"
                )
                yield load_one(path, when, basis, "hints")
                yield from self._imports(path, when, basis)

    def _names(self) -> tuple[str, ...]:
        """`CONTEXT_FILE_NAMES` of the user's configuration adds to the defaults here: the wider
        reading, since the variable of the same name may say something else."""
        more = _texts(self.config.get("CONTEXT_FILE_NAMES"))
        plain = [name for name in more if re.fullmatch(r"[A-Za-z0-9._-]{1,100}", name)]
        return tuple(dict.fromkeys((*NAMES, *plain)))

    def _imports(self, path: str, when: LoadWhen, basis: str) -> Iterator[LoadRule]:
        """Three deep, inside the repository, and not what the root's .gitignore leaves out."""
        level, seen = [path], {path}
        for _ in range(_DEEPEST):
            following: list[str] = []
            for importer in level:
                text = self.tree.plain_text(importer)
                if len(text.encode(errors="surrogateescape")) > _LONGEST_HINTS:
                    continue
                for match in _IMPORT.finditer(text):
                    target = _inside(importer, match.group(1))
                    if target is None or target in seen or not self._imports_it(target):
                        continue
                    seen.add(target)
                    if len(seen) > _MOST_IMPORTS:
                        return
                    following.append(target)
                    line = text.count("\n", 0, match.start(1)) + 1
                    words = f"{importer}:{line} imports it, and {basis}"
                    yield load_one(target, when, words, "imports")
            level = following

    def _imports_it(self, path: str) -> bool:
        if not self.tree.exists(path) or self.tree.resolve(path) is None:
            return False
        hit = git_ignored(self.tree, Place(path, True, False, self.tree.tracking(path)))
        return hit is None or hit.negated


def _texts(value: object) -> tuple[str, ...]:
    items = value if isinstance(value, list) else []
    return tuple(item for item in items if isinstance(item, str))


def _inside(importer: str, target: str) -> str | None:
    """The imported path, if it is relative, in the repository and no part of `.git`."""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(importer), target))
    if target.startswith("/") or path.startswith("../") or path in (".", ".."):
        return None
    return None if ".git" in path.lower().split("/") else path


def _first_command(hooks: jsonc.Node | None) -> tuple[str, int] | None:
    """The event and the line of the first command in a `hooks` object."""
    for event, rules in hooks.members.items() if isinstance(hooks, jsonc.Object) else ():
        for rule in rules.items if isinstance(rules, jsonc.Array) else ():
            actions = jsonc.get(rule, "hooks")
            for action in actions.items if isinstance(actions, jsonc.Array) else ():
                command = jsonc.get(action, "command")
                kind = jsonc.get(action, "type")
                is_command = kind is None or jsonc.string(kind) == "command"
                if command is not None and jsonc.string(command) and is_command:
                    return (event if event in _EVENTS else "hook"), command.line
    return None
