"""Amazon Q Developer CLI: agent files decide, and a person decides which agent file.

Without a choice the built-in agent runs: it reads the workspace unasked and asks for every command.
The choice stands in the user's settings (`chat.defaultAgent`) or on the command line, so that a
denial in a repository's agent file is in force only where those are known to choose it.
"""

import posixpath
from collections.abc import Sequence

from scanner.model import Basis, Channel, ConcernKind, Verdict
from scanner.reach.evaluator import Answer, Evaluator
from scanner.reach.formats import jsonc
from scanner.reach.settings.cli_agents import AMAZON_Q_FIELDS, Ask, CliAgent, Ruling, read_agent
from scanner.reach.tree import Place, Tree
from scanner.rules.context import LoadRule, LoadWhen

_AGENTS, _HOME_AGENTS = "/.amazonq/cli-agents/*.json", "/.aws/amazonq/cli-agents/*.json"
_USER_SETTINGS = (
    ".local/share/amazon-q/settings.json",
    "Library/Application Support/amazon-q/settings.json",
    "AppData/Local/amazon-q/settings.json",
)
_BUILT_IN = "q_cli_default"
_UNSEEN = "the user's choice of agent not read"
_VERDICTS = {
    Ask.FREE: Verdict.NO_PROMPT,
    Ask.ASKS: Verdict.PROMPT,
    Ask.REFUSED: Verdict.BLOCKED,
    Ask.UNSURE: Verdict.UNKNOWN,
}


class AgentEvaluator(Evaluator):
    """The command line; the IDE plugins share its rules and have no agent files."""

    def read(self) -> None:
        """The agent files, and which of them the user has chosen."""
        self.agents = list(self._agents(self.tree, _AGENTS, ""))
        for agent in self.agents:
            self._check(agent, personal=False)
        users: list[CliAgent] = []
        if self.home is not None:
            users = list(self._agents(self.home, _HOME_AGENTS, "~/"))
            for agent in users:
                self._check(agent, personal=True)
        self.known = self.home is not None or bool(self.given)
        name = self._chosen_name()
        usable = [agent for agent in (*self.agents, *users) if not agent.error]
        self.chosen = next((agent for agent in usable if agent.name == name), None)
        """The agent file that is in force where nothing is said on the command line."""

    def _agents(self, tree: Tree, pattern: str, prefix: str) -> Sequence[CliAgent]:
        found = []
        for path in tree.find(pattern):
            text = tree.text(path)
            if isinstance(text, str):
                found.append(read_agent(f"{prefix}{path}", text, AMAZON_Q_FIELDS))
            else:
                self.problem(f"{prefix}{path}", text.reason if text else "it cannot be read")
        return found

    def _chosen_name(self) -> str | None:
        """`chat.defaultAgent` of the settings that the caller named or of the home directory."""
        texts = [entry.text for entry in self.given]
        if self.home is not None:
            texts += [self.home.plain_text(path) for path in _USER_SETTINGS]
        for text in texts:
            name = jsonc.string(jsonc.get(jsonc.parse(text).root, "chat.defaultAgent"))
            if name:
                return name
        return None

    def _check(self, agent: CliAgent, *, personal: bool) -> None:
        if agent.error:
            words = f"{agent.error}: Amazon Q does not load this agent, and says so at its start"
            self.concern(
                ConcernKind.REJECTED_SETTINGS,
                agent.path,
                agent.error_line,
                agent.path,
                words,
                "correct the file; it is plain JSON",
                "agent-source",
                personal=personal,
            )
            return
        blanket = agent.blanket()
        if blanket is not None:
            words = f"every command runs unasked in a session with agent {agent.name}"
            self.concern(
                ConcernKind.BLANKET_APPROVAL,
                agent.path,
                blanket.line,
                blanket.words,
                words,
                "list the commands under toolsSettings.execute_bash.allowedCommands",
                "tools",
                personal=personal,
            )

    # ------------------------------------------------------------------ what is loaded

    def loads(self) -> Sequence[LoadRule]:
        """The built-in agent's resources, and those of every agent file."""
        rules = list(self.context.loads)
        for agent in self.agents:
            for resource, _ in agent.prompts() if not agent.error else ():
                path = posixpath.normpath(resource.removeprefix("./"))
                if path.startswith(("/", "~", "..")) or path == ".":
                    continue
                start = agent is self.chosen
                basis = f"it is in the prompt of every session with agent {agent.name}"
                when = LoadWhen.START if start else LoadWhen.MATCHING
                rules.append(LoadRule(f"/{path}", when, basis, "agent-format"))
        return rules

    # ------------------------------------------------------------------ tools

    def file_tools(self, place: Place) -> Answer:
        """`deniedPaths` before everything else; no other path of the workspace asks."""
        path = self.tree.resolve(place.path) or place.path
        rulings = [(agent, agent.reading(path)) for agent in self._usable()]
        return self._decide(Channel.FILE_TOOLS, rulings).noting(*self.dead_controls(place.path))

    def shell(self, place: Place) -> Answer:
        """Ignore files and `deniedPaths` do not hold in the shell."""
        command = f"cat {place.path}"
        return self._decide(
            Channel.SHELL, [(agent, agent.running(command)) for agent in self._usable()]
        )

    def git_objects(self, place: Place) -> Answer:
        """git is a command like any other, and not among the read-only ones."""
        rulings = [(agent, agent.running("git log -p")) for agent in self._usable()]
        return self._decide(Channel.GIT_OBJECTS, rulings)

    def _usable(self) -> list[CliAgent]:
        if self.chosen is not None:
            return [self.chosen]
        return [agent for agent in self.agents if not agent.error]

    def _decide(self, channel: Channel, rulings: list[tuple[CliAgent, Ruling]]) -> Answer:
        """The chosen agent's ruling; where none is chosen, the default unless one differs."""
        usual = self.default(channel)
        remarks: list[str] = []
        for agent, ruling in rulings:
            verdict = _VERDICTS[ruling.ask]
            source = f"{agent.path}:{ruling.line}"
            if verdict is usual.verdict:
                continue
            if agent is self.chosen:
                basis = f"agent {agent.name} is the user's default: {ruling.words}"
                answer = Answer(verdict, basis, source, Basis.CONFIG)
                return answer.noting("an --agent on the command line is not known")
            if doubt := self._doubt(agent, verdict, usual.verdict):
                basis = f"agent {agent.name}: {ruling.words}; {doubt}"
                return Answer(Verdict.UNKNOWN, basis, source, Basis.CONFIG)
            remarks.append(f"not so in a session with agent {agent.name}: {ruling.words}")
        return usual.noting(*remarks[:2], "" if self.known else _UNSEEN)

    def _doubt(self, agent: CliAgent, verdict: Verdict, usual: Verdict) -> str:
        """Why an agent that is not known to be chosen makes the answer unknown; "" if not."""
        if agent.name == _BUILT_IN:
            return "by the documentation it replaces the built-in agent, by the source it does not"
        if not self.known and verdict.rank < usual.rank:
            return "whether a session uses it is the user's choice"
        return ""
