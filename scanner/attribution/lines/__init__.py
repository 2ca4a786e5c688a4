"""Line evidence: what the notes and records of other tools say about who wrote which lines.

One standard a module. Each turns bytes into a `model.lines.Reading`; that a claim is about lines
the commit really brought is for the caller to check, and nearly always not quite true.
"""

from scanner.attribution.lines.agent_trace import read_agent_trace
from scanner.attribution.lines.agentblame import read_agentblame
from scanner.attribution.lines.entire import checkpoint_at, checkpoints_of, read_entire
from scanner.attribution.lines.git_ai import read_git_ai
from scanner.attribution.lines.spans import common, count, merged
from scanner.attribution.lines.tools import UNNAMED, Tools
from scanner.attribution.lines.whogitit import read_whogitit

__all__ = [
    "UNNAMED",
    "Tools",
    "checkpoint_at",
    "checkpoints_of",
    "common",
    "count",
    "merged",
    "read_agent_trace",
    "read_agentblame",
    "read_entire",
    "read_git_ai",
    "read_whogitit",
]
