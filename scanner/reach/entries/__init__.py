"""Ways in: how values get into an agent's processes by environment and configuration.

`read_entries` names places, never values: an entry is joined with a secret that a detector found by
path and line (`entry_at`), and `route` then says how that secret came in.
"""

from collections.abc import Sequence

from scanner.reach.entries import (
    cloud,
    compose,
    devcontainer,
    dotenv,
    envrc,
    mcp,
    mise,
    settings,
    terminal,
    workflow,
)
from scanner.reach.entries.agent_steps import actions_of
from scanner.reach.entries.entry import (
    Carrier,
    Entries,
    Entry,
    EntryKind,
    Process,
    Span,
    entry_at,
    route,
)
from scanner.reach.entries.gathering import Gathering
from scanner.reach.entries.git_config import read_git_config
from scanner.reach.entries.manifests import read_manifests
from scanner.reach.entries.workflow_concerns import workflow_concerns
from scanner.reach.tree import Tree
from scanner.rules.agents import AgentFile

__all__ = [
    "Carrier",
    "Entries",
    "Entry",
    "EntryKind",
    "Process",
    "Span",
    "entry_at",
    "read_entries",
    "read_git_config",
    "read_manifests",
    "route",
    "workflow_concerns",
]


def read_entries(tree: Tree, agents: Sequence[AgentFile] = ()) -> Entries:
    """Find and read every file that brings values in, of a repository or of a home directory.

    `agents`: whose actions in workflows to know; without it only agents that are started as
    commands are seen there. Files that cannot be read are problems, never exceptions.
    """
    gathering = Gathering(tree)
    envrc.read(gathering)
    mise.read(gathering)
    development = devcontainer.read(gathering)
    compose_directories = compose.read(gathering, development)
    terminal.read(gathering)
    settings.read(gathering)
    mcp.read(gathering)
    workflow.read(gathering, actions_of(agents))
    cloud.read(gathering)
    # Last: the files before name the environment files that they have a tool load.
    dotenv.read(gathering, compose_directories)
    return gathering.done()
