"""Which controls each agent has in a repository, and what to say of those that have none.

Ignore files that only hide a name (`.crushignore`), that a newer version does not read any more
(`.clineignore`), or that count only where a user's setting lists them (`.kiroignore`) are not here.
"""

from collections.abc import Mapping
from types import MappingProxyType

from scanner.reach.fixes import claude
from scanner.reach.fixes.amp import Rejections
from scanner.reach.fixes.codex import ProfileDenial
from scanner.reach.fixes.control import Control
from scanner.reach.fixes.ignore_files import IgnoreFileControl
from scanner.reach.fixes.json_lists import JsonList, glob, read_glob, relative_path
from scanner.reach.fixes.permission_maps import PermissionMap
from scanner.reach.settings.zed_settings import BUILT_IN, PRIVATE, PROJECT

CONTROLS: Mapping[str, tuple[Control, ...]] = MappingProxyType(
    {
        "aider": (IgnoreFileControl(".aiderignore"),),
        "amazon-q": (
            JsonList(
                ".amazonq/cli-agents/*.json",
                ("toolsSettings", "fs_read", "deniedPaths"),
                glob,
                new=False,
            ),
        ),
        "amp": (Rejections(),),
        "augment": (IgnoreFileControl(".augmentignore"),),
        "claude-code": (
            claude.deny_rules(),
            claude.Switches(),
            claude.deny_read(),
            claude.Sandbox(),
        ),
        "codex": (ProfileDenial(),),
        "continue": (IgnoreFileControl(".continueignore"),),
        "cursor": (
            IgnoreFileControl(".cursorignore"),
            JsonList(".cursor/cli.json", ("permissions", "deny"), read_glob, new=False),
        ),
        "devin": (JsonList(".devin/config.json", ("permissions", "deny"), read_glob),),
        "droid": (
            JsonList(
                ".factory/settings.json",
                ("sandbox", "filesystem", "denyRead"),
                relative_path,
                new=False,
                takes_names=False,
            ),
        ),
        "gemini-cli": (IgnoreFileControl(".geminiignore"),),
        "jetbrains-ai": (IgnoreFileControl(".aiignore"),),
        "junie": (IgnoreFileControl(".aiignore"),),
        "kilo-code": (
            IgnoreFileControl(".kilocodeignore"),
            PermissionMap(
                ("kilo.jsonc", "kilo.json"),
                (".kilocode", ".kilo"),
            ),
        ),
        "opencode": (PermissionMap(("opencode.json", "opencode.jsonc"), (".opencode",)),),
        "qwen-code": (IgnoreFileControl(".qwenignore"),),
        "roo-code": (IgnoreFileControl(".rooignore"),),
        "windsurf": (
            IgnoreFileControl(".windsurfignore"),
            IgnoreFileControl(".codeiumignore"),
        ),
        "zed": (JsonList(PROJECT, (PRIVATE,), glob, begin=BUILT_IN[PRIVATE]),),
    }
)
"""By agent, in the order in which they are tried."""

ELSEWHERE: Mapping[str, str] = MappingProxyType(
    {
        "amp": "Amp's rules are tools and arguments: only a rule that rejects every tool is a wall",
        "amazon-q": "deniedPaths of an agent file holds where the user has chosen that agent",
        "codex": (
            "a permission profile that denies it counts from the user's ~/.codex/config.toml, "
            "with default_permissions and without sandbox_mode"
        ),
        "crush": "Crush has no rule for reading a file; its ignore files are about listings",
        "cline": "versions from 4 on read no ignore file; a plugin's beforeTool can refuse",
        "augment": "toolPermissions hold for its command line only, not for the editors",
        "devin": "its cloud agent works on a clone of all that is committed and asks nobody",
        "continue": ".continueignore keeps a file from index and search, not from being read",
        "gemini-cli": "its search prints lines of ignored files where the model asks for that",
        "github-copilot": "content exclusion is a setting on GitHub's server, not for all modes",
        "goose": "no file keeps it from reading; its mode and permissions are the user's",
        "openhands": "whatever is in its sandbox can be read: keep the file out of the clone",
        "junie": ".aiignore makes it ask, and nothing keeps it from a file altogether",
        "jetbrains-ai": ".aiignore counts where the IDE's settings enable it",
        "kiro": "deny it in the user's ~/.kiro/settings/permissions.yaml",
        "droid": "its sandbox.filesystem.denyRead goes by absolute paths, in the user's settings",
        "zed": "private_files of the project counts once the folder is trusted",
        "opencode": "its search takes no path, so that it would have to go as a whole",
        "kilo-code": "its search takes no path, so that it would have to go as a whole",
    }
)
"""Where else, or why not, in a clause without its final stop; by agent."""
