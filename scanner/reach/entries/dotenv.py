"""Environment files: which agents load them by themselves, and who else names them.

An environment file reaches nobody by being there. Aider, Gemini CLI and Qwen Code read one at start
(aider/main.py `load_dotenv_files`; gemini-cli packages/cli/src/config/settings.ts `findEnvFile`,
which Qwen Code was forked from). Continue looks up the secrets that its configuration names
(docs/faqs.mdx). Everything else needs a tool that is told to.
"""

import posixpath
import re

from scanner.reach.entries.assignments import dotenv
from scanner.reach.entries.entry import Carrier, Process
from scanner.reach.entries.gathering import Gathering, Way
from scanner.reach.entries.value import judge
from scanner.reach.tree import Tree

ENV_FILE = re.compile(r"(?:\.env(?:\.[^/]+)?|[^/]+\.env)", re.IGNORECASE)
MOST_FILES = 2_000
WELL_KNOWN = (
    ".env",
    ".env.local",
    ".env.development",
    ".env.development.local",
    ".env.test",
    ".env.production",
    ".env.production.local",
    ".env.staging",
    ".gemini/.env",
    ".qwen/.env",
    ".continue/.env",
)
"""Looked for even where the caller's list leaves ignored files out."""

_TEMPLATE = re.compile(
    r"\.(?:example|sample|template|tmpl|dist|defaults?|schema)(?:\.|$)", re.IGNORECASE
)
_OWN = (("gemini-cli", ".gemini/.env"), ("qwen-code", ".qwen/.env"))
_OF_CONTINUE = (".env", ".continue/.env")
_CONTINUE = "continue fills in the `${{ secrets.NAME }}` of its configuration from it"
_PROCESSES = (Process.AGENT, Process.AGENT_SHELL)
_INHERITED = "into its own process, and the commands it runs inherit them"
_NESTED = (
    "no agent that is started at the repository's root loads it; aider, gemini-cli and qwen-code do"
    " when they are started in {}"
)
_INTERPOLATED = "Docker Compose fills in the variables of the compose file beside it from it"
_A_TEMPLATE = "by its name a template: no tool loads it as it is"
_NOBODY = "no agent loads it by itself; it reaches a process only where a tool is told to read it"


def environment_files(tree: Tree) -> list[str]:
    """Every environment file of the tree by its name, sorted."""
    found = {path for path in tree.paths if ENV_FILE.fullmatch(posixpath.basename(path))}
    found.update(path for path in WELL_KNOWN if tree.exists(path))
    return sorted(found)


def read(gathering: Gathering, compose_directories: frozenset[str]) -> None:
    """Every environment file, by name or because another file names it."""
    files = environment_files(gathering.tree)
    if len(files) > MOST_FILES:
        reason = f"more than {MOST_FILES} environment files; those after this one are not known"
        gathering.problem(files[MOST_FILES], None, reason)
    linked: dict[str, list[Way]] = {}
    for link in gathering.links:
        linked.setdefault(link.target, []).append(link.way)
    for path in sorted({*files[:MOST_FILES], *linked}):
        own = _own_ways(gathering, path, compose_directories)
        way = _merged([*own, *linked.get(path, ())])
        _read_file(gathering, path, way)


def _read_file(gathering: Gathering, path: str, way: Way) -> None:
    # What nothing reads is not missed when it cannot be read.
    text = gathering.text(path) if way.processes else gathering.tree.plain_text(path)
    for found in dotenv(text or ""):
        if gathering.full:
            break
        judged = judge(found.value, verbatim=found.verbatim)
        if judged is not None:
            gathering.add(path, found.span, found.name, judged, way)


def _own_ways(gathering: Gathering, path: str, compose_directories: frozenset[str]) -> list[Way]:
    """The ways that the file's own name and place open."""
    tree = gathering.tree
    directory, name = posixpath.split(path)
    ways = [
        Way(Carrier.DOTENV, _PROCESSES, (agent,), f"{agent} loads it at start {_INHERITED}")
        for agent, own in _OWN
        if path == own
    ]
    if path in _OF_CONTINUE and any(one.startswith(".continue/") for one in tree.paths):
        ways.append(Way(Carrier.DOTENV, (Process.AGENT,), ("continue",), _CONTINUE))
    if path == ".env":
        agents = ("aider", *(agent for agent, own in _OWN if _takes_root(gathering, agent, own)))
        ways += [
            Way(Carrier.DOTENV, _PROCESSES, (agent,), f"{agent} loads it at start {_INHERITED}")
            for agent in agents
        ]
    elif name == ".env" and not ways:
        ways.append(Way(Carrier.DOTENV, (), (), _NESTED.format(directory)))
    if name == ".env" and directory in compose_directories:
        ways.append(Way(Carrier.DOTENV, (), (), _INTERPOLATED))
    if _TEMPLATE.search(name):
        ways.append(Way(Carrier.DOTENV, (), (), _A_TEMPLATE))
    return ways


def _takes_root(gathering: Gathering, agent: str, own: str) -> bool:
    """Whether the agent gets to the root's `.env`: its own file and its settings come before."""
    settings = gathering.sheet(".gemini/settings.json") if agent == "gemini-cli" else None
    ignores = settings is not None and settings.string("advanced", "ignoreLocalEnv") == "true"
    return not ignores and not gathering.tree.exists(own)


def _merged(ways: list[Way]) -> Way:
    if not ways:
        return Way(Carrier.DOTENV, (), (), _NOBODY)
    processes = tuple(process for way in ways for process in way.processes)
    agents = tuple(agent for way in ways for agent in way.agents)
    agents = ("*",) if "*" in agents else agents
    basis = "; ".join(dict.fromkeys(way.basis for way in ways))
    return Way(Carrier.DOTENV, processes, agents, basis)
