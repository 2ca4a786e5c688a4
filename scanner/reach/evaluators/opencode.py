"""OpenCode: permission rules of which the last one decides."""

from scanner.model import ConcernKind
from scanner.reach.matching.last_match import Action, Rule
from scanner.reach.settings.last_match_evaluator import LastMatchEvaluator


class AgentEvaluator(LastMatchEvaluator):
    """The terminal program, the desktop app and the GitHub action, which share the settings."""

    context_name = "OpenCode"
    file_names = ("opencode.json", "opencode.jsonc")
    directories = (".opencode",)
    home_directories = (".config/opencode", ".opencode")
    defaults = (
        Rule("*", "*", Action.ALLOW),
        Rule("read", "*", Action.ALLOW),
        # The source asks; the documentation says that these two are denied. The wider one counts.
        Rule("read", "*.env", Action.ASK),
        Rule("read", "*.env.*", Action.ASK),
        Rule("read", "*.env.example", Action.ALLOW),
    )

    def read(self) -> None:
        """The settings, then the code that OpenCode loads by the name of its directory."""
        super().read()
        for name in ("plugin", "plugins"):
            for suffix in ("js", "ts"):
                for path in self.tree.find(f"/.opencode/{name}/*.{suffix}"):
                    self.concern(
                        ConcernKind.RUNS_COMMANDS,
                        path,
                        None,
                        path,
                        "OpenCode runs this file when it starts here, and asks nobody",
                        "review it like a build script, or keep plugins in your own settings",
                        "plugins",
                    )
