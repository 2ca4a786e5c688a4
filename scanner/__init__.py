"""agentreach: what coding agents can reach, wrote and overstepped in a git repository."""

__version__ = "0.1.0"
