"""Aider: no tool reads by itself; people add files, and the model may only ask for tracked ones."""

from collections.abc import Iterator, Sequence

from scanner.model import Basis, Channel, ConcernKind, Tracking, Verdict
from scanner.reach.evaluator import Answer, Evaluator
from scanner.reach.formats import jsonc, yaml_nodes
from scanner.reach.matching.gitignore import Hit
from scanner.reach.matching.links import Links
from scanner.reach.matching.literal import inside, literal_pattern
from scanner.reach.matching.pathspec_match import decide_by_last_line, invalid_line, unclear_line
from scanner.reach.settings.aider_settings import CONFIG, AiderSettings, Value, assignments
from scanner.reach.settings.endpoints import diverted_host
from scanner.reach.settings.fetched import fetched_line
from scanner.reach.settings.given_ignore import ignore_of, ignore_text, without_ignores
from scanner.reach.tree import Place
from scanner.rules.context import LoadRule, LoadWhen

MODELS = ".aider.model.settings.yml"
UNSEEN = "options of the command line and of the environment not read"
_KEYS = ("api-key", "set-env", "openai-api-key", "anthropic-api-key")
_AFTER_AN_EDIT = ("lint-cmd", "test-cmd")
_HISTORIES = ("chat-history-file", "input-history-file", "llm-history-file")
_ADDRESSES = {
    "OPENAI_API_BASE": "openai",
    "OPENAI_BASE_URL": "openai",
    "AIDER_OPENAI_API_BASE": "openai",
    "ANTHROPIC_BASE_URL": "anthropic",
    "ANTHROPIC_API_BASE": "anthropic",
    "DEEPSEEK_API_BASE": "deepseek",
    "OPENROUTER_API_BASE": "openrouter",
    "GEMINI_API_BASE": "gemini",
    "GROQ_API_BASE": "groq",
    "MISTRAL_API_BASE": "mistral",
}
_BARE_MODELS = {"gpt-": "openai", "o1": "openai", "o3": "openai", "claude-": "anthropic"}


class AgentEvaluator(Evaluator):
    """One terminal program. A session is started at the root of the repository."""

    def read(self) -> None:
        """Settings, environment files, the ignore file."""
        self.settings = AiderSettings(self.tree, self.home, without_ignores(self.given))
        for one in self.settings.unreadable:
            self.problem(one.path, one.reason)
        self.environments = [".env"]
        if (named := self.settings.one("env-file")) and (path := inside(named.text)):
            self.environments.append(path)
        self.ignore_path: str | None = ".aiderignore"
        if (named := self.settings.one("aiderignore")) is not None:
            self.ignore_path = inside(named.text)
        self.ignore = ignore_of(self, self.ignore_path) if self.ignore_path else None
        self.ignore_text = ignore_text(self, self.ignore_path) if self.ignore_path else ""
        self.invalid = invalid_line(self.ignore_text)
        self.links = Links(self.tree)
        self._point_out()

    # ------------------------------------------------------------------ what to look at

    def _point_out(self) -> None:
        for one in self.settings.broken:
            self.concern(
                ConcernKind.REJECTED_SETTINGS,
                one.path,
                one.line,
                one.path,
                f"Aider does not start with the file: {one.reason}",
                "repair the file",
                "config",
                personal=one.personal,
            )
        if self.invalid is not None and self.ignore_path is not None:
            self.concern(
                ConcernKind.REJECTED_SETTINGS,
                self.ignore_path,
                self.invalid,
                self.ignore_path,
                "Aider does not start with the file: the line is no pattern",
                "remove the line",
                "repository",
                grade=Basis.DERIVED,
            )
        self._point_out_settings()

    def _point_out_settings(self) -> None:
        if (yes := self.settings.one("yes-always")) and yes.true:
            self._bypass("yes-always", yes)
        for key, value in self._automatic():
            # A project's own linter and tests, after an edit that a person asked for, are no news.
            if key in _AFTER_AN_EDIT and fetched_line(value.text) is None:
                continue
            words = f"the command of {key} runs by itself, without approval"
            instead = "leave it to each user's own settings, or review it like a build script"
            self._setting(ConcernKind.RUNS_COMMANDS, key, value, words, instead)
        for vendor, name, value in self._addresses():
            if (host := diverted_host(vendor, value.text)) is not None:
                words = f"prompts and the key for {vendor} go to {host}"
                instead = "remove it; an address of one's own belongs into one's own settings"
                self._setting(ConcernKind.REDIRECTED_ENDPOINT, name, value, words, instead)
        for path in self.environments:
            for name, text, line in assignments(self.tree.plain_text(path)):
                if name == "AIDER_YES_ALWAYS" and text.lower() in ("true", "1", "yes", "on"):
                    self._bypass(name, Value(text, path, line, personal=False))

    def _bypass(self, key: str, value: Value) -> None:
        words = "questions are answered with yes, so files that the model names are added"
        instead = "remove it; give --yes-always for a single run that needs it"
        self._setting(ConcernKind.APPROVAL_BYPASS, key, value, words, instead)

    def _setting(self, kind: ConcernKind, key: str, value: Value, words: str, instead: str) -> None:
        self.concern(
            kind,
            value.path,
            value.line,
            key,
            words,
            instead,
            "options",
            grade=Basis.CONFIG,
            personal=value.personal,
        )

    def _automatic(self) -> Iterator[tuple[str, Value]]:
        """Commands that run without anybody being asked, set by the repository."""
        switches = (
            ("lint-cmd", "auto-lint", True),
            ("test-cmd", "auto-test", False),
            ("notifications-command", "notifications", False),
        )
        found = [
            (key, self.settings.one(key))
            for key, switch, default in switches
            if self.settings.on(switch, default=default)
        ]
        found.append(("load", self.settings.one("load")))
        for key, value in found:
            if value is not None and not value.personal:
                yield key, value

    def _addresses(self) -> Iterator[tuple[str, str, Value]]:
        for value in self.settings.all("openai-api-base"):
            yield "openai", "openai-api-base", value
        for value in self.settings.all("set-env"):
            name, _, text = value.text.partition("=")
            if (vendor := _ADDRESSES.get(name.strip())) is not None:
                yield vendor, name.strip(), Value(text, value.path, value.line, value.personal)
        for path in self.environments:
            for name, text, line in assignments(self.tree.plain_text(path)):
                if (vendor := _ADDRESSES.get(name)) is not None:
                    yield vendor, name, Value(text, path, line, personal=False)
        root = yaml_nodes.parse(self.tree.plain_text(MODELS)).root
        for model in root.items if isinstance(root, jsonc.Array) else ():
            vendor = _vendor(jsonc.string(jsonc.get(model, "name")) or "")
            for key in ("api_base", "base_url"):
                for text, line in jsonc.strings(jsonc.get(model, "extra_params", key)):
                    yield vendor, key, Value(text, MODELS, line, personal=False)

    # ------------------------------------------------------------------ file tools and index

    def _hit(self, path: str) -> Hit | None:
        hit = decide_by_last_line(self.ignore, path) if self.ignore is not None else None
        return hit if hit is not None and not hit.negated else None

    def file_tools(self, place: Place) -> Answer:
        """Adding a file: by a person, or on the model's request after a question."""
        if self.ignore_path is None:
            named = self.settings.one("aiderignore")
            basis = "the ignore file lies outside the repository and was not read"
            return Answer(Verdict.UNKNOWN, basis, named.source if named else CONFIG, Basis.UNKNOWN)
        hit = self._hit(place.path)
        if hit is not None:
            return self._covered(place, hit)
        if not place.committed and place.tracking in (Tracking.IGNORED, Tracking.UNTRACKED):
            basis = "it is not tracked, so the model cannot ask for it; a person can add it"
            return self.documented(Verdict.PROMPT, basis, "repository").noting(UNSEEN)
        yes = self.settings.one("yes-always")
        if yes is not None and yes.true:
            basis = "a tracked file that the model names is added, as every question gets a yes"
            return Answer(Verdict.NO_PROMPT, basis, yes.source, Basis.CONFIG).noting(UNSEEN)
        return self.default(Channel.FILE_TOOLS).noting(UNSEEN)

    def _covered(self, place: Place, hit: Hit) -> Answer:
        """A line of the ignore file covers the path, which need not be the end of it."""
        others = [name for name in self.links.names(place.path) if not self._hit(name)]
        doubt = f"the link {others[0]} leads to it" if others else ""
        if (line := unclear_line(self.ignore_text, hit.line)) is not None:
            doubt = f"versions differ in what line {line} takes back in"
        if hit.line == 1 and self.ignore_text.startswith("\ufeff"):
            doubt = "the byte order mark before it becomes part of the pattern"
        if self.invalid is not None:
            doubt = f"Aider refuses the file for its line {self.invalid}"
        if doubt:
            basis = f"{hit.text} covers it, but {doubt}"
            return Answer(Verdict.UNKNOWN, basis, hit.source, Basis.DERIVED)
        basis = f"{hit.text} keeps it from /add and from the model's requests;"
        basis += " /read-only by a person and read in the settings do not heed it"
        return Answer(Verdict.BLOCKED, basis, hit.source, Basis.CONFIG).noting(UNSEEN)

    def index(self, place: Place) -> Answer | None:
        """The repository map: lines with definitions, of tracked files that are not ignored."""
        tokens = self.settings.one("map-tokens")
        off = tokens is not None and tokens.text == "0"
        if off or not place.committed or self._hit(place.path) is not None:
            return None
        return super().index(place)

    # ------------------------------------------------------------------ shell

    def shell(self, place: Place) -> Answer:
        """Every command that the model suggests is asked about, always."""
        return self._commands(Channel.SHELL)

    def git_objects(self, place: Place) -> Answer:
        """git is such a command."""
        return self._commands(Channel.GIT_OBJECTS)

    def _commands(self, channel: Channel) -> Answer:
        suggest = self.settings.one("suggest-shell-commands")
        automatic = [key for key, _ in self._automatic()]
        if suggest is None or suggest.true:
            return self.default(channel).noting(UNSEEN)
        if automatic:
            words = f"no commands are suggested, but that of {automatic[0]} runs what the model"
            basis = f"{words} has changed; its output is shown to the model after a question"
            return Answer(Verdict.PROMPT, basis, suggest.source, Basis.CONFIG).noting(UNSEEN)
        basis = "suggest-shell-commands is off, and no command runs by itself"
        return Answer(Verdict.BLOCKED, basis, suggest.source, Basis.CONFIG).noting(UNSEEN)

    # ------------------------------------------------------------------ environment, traces, prompt

    def environment(self, place: Place) -> Answer | None:
        """Environment files are loaded at the start; so are keys of the settings."""
        if place.path in self.environments:
            return self.default(Channel.ENVIRONMENT)
        keys = [key for key in _KEYS if any(not one.personal for one in self.settings.all(key))]
        if place.path == CONFIG and keys:
            basis = f"its {keys[0]} becomes a variable of every command that Aider runs, each of"
            return self.documented(Verdict.PROMPT, f"{basis} which is asked about", "options")
        return None

    def traces(self, place: Place) -> Answer | None:
        """Histories by their usual names, and by those of the settings."""
        for key in _HISTORIES:
            value = self.settings.one(key)
            if value is not None and inside(value.text) == place.path:
                basis = f"{key} at {value.source} has Aider write the conversation to it"
                return Answer(Verdict.AUTO, basis, value.source, Basis.CONFIG)
        return super().traces(place)

    def loads(self) -> Sequence[LoadRule]:
        """What the settings put into every conversation; an ignore file does not stop that."""
        return (*self._named(), *self.context.loads)

    def _named(self) -> Iterator[LoadRule]:
        for key in ("read", "file", "message-file"):
            for value in self.settings.all(key):
                path = inside(value.text)
                if path is None:
                    continue
                basis = f"{value.source} names it under {key}"
                for found in (path, *self.tree.find(f"{literal_pattern(path)}/")):
                    yield LoadRule(
                        path=literal_pattern(found),
                        when=LoadWhen.START,
                        basis=basis,
                        reference="options",
                    )


def _vendor(model: str) -> str:
    """Whose key goes with a model."""
    if "/" in model:
        return model.partition("/")[0]
    return next((vendor for start, vendor in _BARE_MODELS.items() if model.startswith(start)), "")
