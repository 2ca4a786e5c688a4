"""Cline: an ignore file that version 3 applies and version 4 does not read."""

from collections.abc import Iterator, Sequence

import msgspec

from scanner.model import Basis, Channel, ConcernKind, Verdict
from scanner.reach.evaluator import Answer, Evaluator
from scanner.reach.formats import jsonc, yaml_nodes
from scanner.reach.formats.markdown import head
from scanner.reach.matching.first_word import remark
from scanner.reach.matching.gitignore import Hit, IgnoreFile, decide
from scanner.reach.matching.literal import inside, literal_pattern
from scanner.reach.settings.given_ignore import ignore_of
from scanner.reach.tree import Place
from scanner.rules.context import LoadRule

IGNORE = ".clineignore"
STATE = ".cline/data/globalState.json"
HOOKS = (
    "TaskStart",
    "TaskResume",
    "TaskCancel",
    "TaskComplete",
    "PreToolUse",
    "PostToolUse",
    "UserPromptSubmit",
    "PreCompact",
)
UNSEEN = "the version in use and what the user approves automatically are not known"
_INCLUDE = "!include "


class AgentEvaluator(Evaluator):
    """The extensions and the command line."""

    def read(self) -> None:
        """The ignore file with what it includes; code that runs by itself; the user's approvals."""
        own = ignore_of(self, IGNORE)
        self.ignores = (*self._included(), own) if own is not None else ()
        for path in self.tree.find(IGNORE):
            file = self.tree.patterns(path, "")
            if file is None or not file.patterns:
                continue
            words = "versions from 4 on do not read it, and 3.x holds only its file tools to it"
            if path != IGNORE:
                words = "no version reads an ignore file below the root of the workspace"
            self.concern(
                ConcernKind.DEAD_CONTROL,
                path,
                None,
                path,
                words,
                "keep secrets out of the workspace, or refuse the reads in a plugin's beforeTool",
                "ignore",
                grade=Basis.DERIVED,
            )
        for path, words in self._code():
            self.concern(
                ConcernKind.RUNS_COMMANDS,
                path,
                None,
                path,
                words,
                "review it like a build script, or keep it in your own settings",
                "plugins",
            )
        self.bypass = self._bypass()

    def _included(self) -> Iterator[IgnoreFile]:
        for line in self.tree.plain_text(IGNORE).splitlines():
            if line.startswith(_INCLUDE):
                path = inside(line.removeprefix(_INCLUDE).strip())
                if path is not None and (file := self.tree.patterns(path, "")) is not None:
                    yield file

    def _code(self) -> Iterator[tuple[str, str]]:
        for directory in (".clinerules/hooks", ".cline/hooks"):
            for name in HOOKS:
                for path in self.tree.find(f"/{directory}/{name}*"):
                    if path.count("/") == directory.count("/") + 1:
                        yield path, f"where hooks are on, Cline runs it by itself ({name})"
        for suffix in ("js", "ts"):
            for path in self.tree.find(f"/.cline/plugins/*.{suffix}"):
                yield path, "the command line loads and runs it when it starts here"

    def _bypass(self) -> str | None:
        """Where the user's own state switches the asking off."""
        text = self.home.text(STATE) if self.home is not None else None
        root = jsonc.parse(text).root if isinstance(text, str) else None
        everything = jsonc.get(root, "yoloModeToggled")
        actions = ("autoApprovalSettings", "actions")
        safe = jsonc.get(root, *actions, "executeSafeCommands")
        others = jsonc.get(root, *actions, "executeAllCommands")
        both = jsonc.boolean(safe) and jsonc.boolean(others)
        deciding = everything if jsonc.boolean(everything) else (others if both else None)
        if deciding is None:
            return None
        self.concern(
            ConcernKind.APPROVAL_BYPASS,
            f"~/{STATE}",
            deciding.line,
            "yoloModeToggled" if deciding is everything else "executeAllCommands",
            "commands run without asking",
            "switch it off, or work in a container without secrets",
            "approval",
            grade=Basis.CONFIG,
            personal=True,
        )
        return f"~/{STATE}:{deciding.line}"

    # ------------------------------------------------------------------ channels

    def _hit(self, path: str) -> Hit | None:
        hit = decide(self.ignores, path, fold=True) if self.ignores else None
        return hit if hit is not None and not hit.negated else None

    def file_tools(self, place: Place) -> Answer:
        """Read without asking by default; an ignore file counts in one generation only."""
        hit = self._hit(place.path)
        if hit is None:
            return self.default(Channel.FILE_TOOLS).noting(UNSEEN)
        basis = f"{hit.text} makes the file tools of 3.x refuse it, but not mentions with @;"
        basis += " versions from 4 on, and the command line, do not read the ignore file"
        return Answer(Verdict.UNKNOWN, basis, hit.source, Basis.CONFIG, "< 4")

    def shell(self, place: Place) -> Answer:
        """The command line approves by default; the extension asks."""
        hit = self._hit(place.path)
        note = remark(hit, place.path) if hit else ""
        return self._command(Channel.SHELL).noting(f"in 3.x {note}" if note else "", UNSEEN)

    def git_objects(self, place: Place) -> Answer:
        """git is a command, and nothing looks into its objects."""
        return self._command(Channel.GIT_OBJECTS).noting(UNSEEN)

    def _command(self, channel: Channel) -> Answer:
        if self.bypass is None:
            return self.default(channel)
        basis = "the user's settings let commands run without asking"
        return Answer(Verdict.NO_PROMPT, basis, self.bypass, Basis.CONFIG)

    def loads(self) -> Sequence[LoadRule]:
        """Rules whose head has an empty list of paths are switched off."""
        return tuple(self._load_rules())

    def _load_rules(self) -> Iterator[LoadRule]:
        for rule in self.context.loads:
            if rule.frontmatter is None:
                yield rule
                continue
            for path in self.tree.find(rule.path):
                text = self.tree.plain_text(path)
                found = head(text) if _valid_head(text) else None
                if found is None or found.values.get("paths") != ():
                    spec = rule.frontmatter if found is not None else None
                    pattern = literal_pattern(path)
                    yield msgspec.structs.replace(rule, path=pattern, frontmatter=spec)


def _valid_head(text: str) -> bool:
    """Whether the head can be parsed: a rule whose head cannot is loaded as if it had none."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    end = text.find("\n---", 3)
    return text.startswith("---\n") and end > 0 and not yaml_nodes.parse(text[4:end]).error
