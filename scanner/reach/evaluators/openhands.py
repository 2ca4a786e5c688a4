"""OpenHands: a container with the whole repository in it, and nothing inside it is out of reach.

After docs.openhands.dev and the source of All-Hands-AI/OpenHands (microagent.py, skill_loader.py,
runtime/base.py, core/config). Whether the container or the machine itself is the boundary is
decided by how OpenHands is started, which a repository does not show.
"""

import posixpath
import re
import tomllib
from collections.abc import Iterator, Mapping

from scanner.model import Basis, Channel, ConcernKind, Verdict
from scanner.reach.evaluator import Answer, Evaluator
from scanner.reach.formats import jsonc, markdown
from scanner.reach.settings.fetched import fetched_in, fetched_line
from scanner.reach.settings.single_loads import load_one
from scanner.reach.tree import Place, Unreadable
from scanner.rules.context import LoadRule, LoadWhen

SETUP, CONFIG = ".openhands/setup.sh", "config.toml"
SCRIPTS = (SETUP, ".openhands/pre-commit.sh", ".openhands/hooks.json")
PROMPTS = ("/.openhands/skills/**/*.md", "/.openhands/microagents/**/*.md")
_LARGEST = 262_144
_LONGEST_LINE = 1_000
_SOURCED = re.compile(r"(?:^|&&|;)[ \t]*(?:source|\.)[ \t]+[\"']?([^\s\"';&|$]{1,200})")
_EXPORTED = re.compile(r"^[ \t]*export[ \t]+[\"']?\$\(([^\n]{1,300})")
_WITHOUT_WALLS = ("local", "process")


class AgentEvaluator(Evaluator):
    """A session in a sandbox that holds the repository, be it mounted or cloned."""

    def read(self) -> None:
        """The scripts that run by themselves, and the configuration of older releases."""
        self.setup = self.tree.text(SETUP)
        if isinstance(self.setup, Unreadable):
            self.problem(SETUP, f"{self.setup.reason}; what it exports is not known")
        for path in SCRIPTS:
            self._point_out_script(path)
        self._read_config()

    def _point_out_script(self, path: str) -> None:
        text = self.tree.plain_text(path)
        hooks = path.endswith(".json")
        line = fetched_in(jsonc.parse(text).root) if hooks else fetched_line(text)
        if line is not None:
            self.concern(
                ConcernKind.RUNS_COMMANDS,
                path,
                line,
                path,
                "OpenHands runs it by itself, and it runs what it has just fetched or decoded",
                "pin what is fetched by its checksum, or bring it into the image",
                "setup",
            )

    def _read_config(self) -> None:
        """`config.toml` of the working directory: many programs have one of that name."""
        text = self.tree.plain_text(CONFIG)
        if len(text) > _LARGEST:
            return
        try:
            config = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError, ValueError):
            return
        core, llm = config.get("core"), config.get("llm")
        if not isinstance(core, Mapping) or not isinstance(llm, Mapping | None):
            return
        runtime = core.get("runtime")
        if runtime in _WITHOUT_WALLS:
            at = re.search(r"^[ \t]*runtime[ \t]*=", text, re.MULTILINE)
            self.concern(
                ConcernKind.SANDBOX_DISABLED,
                CONFIG,
                text.count("\n", 0, at.start()) + 1 if at else None,
                "core.runtime",
                f"the runtime {runtime} has no container: the agent works on the machine itself",
                'remove it, or set it to "docker"',
                "local",
            )

    # ------------------------------------------------------------------ channels

    def file_tools(self, place: Place) -> Answer:
        """Whatever is in the sandbox can be read."""
        return self.default(Channel.FILE_TOOLS).noting(*self.dead_controls(place.path))

    def environment(self, place: Place) -> Answer | None:
        """`setup.sh` is sourced in the agent's shell, and so is what it sources."""
        if not isinstance(self.setup, str):
            return None
        if place.path == SETUP:
            return self.default(Channel.ENVIRONMENT)
        for number, line in enumerate(self.setup.split("\n"), 1):
            # The shell that runs it stands in the root of the repository.
            if place.path in {posixpath.normpath(name) for name in _exported_files(line)}:
                basis = f"{SETUP} takes it into the agent's shell: what it exports, commands see"
                return Answer(Verdict.NO_PROMPT, basis, f"{SETUP}:{number}", Basis.CONFIG)
        return None

    # ------------------------------------------------------------------ prompt

    def loads(self) -> tuple[LoadRule, ...]:
        """The root's instruction files, and skills by their heads."""
        return (*self._first_of_agents(), *self.context.loads, *self._skills())

    def _first_of_agents(self) -> Iterator[LoadRule]:
        """Of the spellings of AGENTS.md only the first that is there is read."""
        for name in ("AGENTS.md", "agents.md", "AGENT.md", "agent.md"):
            if self.tree.exists(name):
                basis = "it is put into the prompt when a conversation starts"
                yield LoadRule(f"/{name}", LoadWhen.START, basis, "skills")
                return

    def _skills(self) -> Iterator[LoadRule]:
        for pattern in PROMPTS:
            for path in self.tree.find(pattern):
                name = posixpath.basename(path)
                if name != "README.md":
                    when, words = self._when(path, name)
                    yield load_one(path, when, words, "skills")

    def _when(self, path: str, name: str) -> tuple[LoadWhen, str]:
        """A file with inputs is a task, with triggers it waits for a word, else it is always on."""
        head = markdown.head(self.tree.plain_text(path))
        values = head.values if head is not None else {}
        if "inputs" in values:
            return LoadWhen.MANUAL, "it is a task that a person calls by its name"
        if values.get("triggers"):
            return LoadWhen.DESCRIBED, "it joins the prompt when a message has one of its triggers"
        if name == "SKILL.md":
            return LoadWhen.DESCRIBED, "the model may load the skill by its description"
        return LoadWhen.START, "it has no triggers, so it is in the prompt of every conversation"


def _exported_files(line: str) -> Iterator[str]:
    """The files that a line of a shell script sources, or whose content it exports."""
    if len(line) > _LONGEST_LINE:
        return
    if (sourced := _SOURCED.search(line)) is not None:
        yield sourced.group(1)
    if (exported := _EXPORTED.search(line)) is not None:
        yield from re.split(r"[\s\"'|<>()]+", exported.group(1).strip())
