"""Codex: no read tool, only a shell in a sandbox that reads everything.

A permission profile can deny reads, but only where `default_permissions` selects it, no layer sets
`sandbox_mode`, and the project is trusted. The last two are not visible in a repository, so such a
rule makes the answer unknown, never blocked.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping

from scanner.model import Basis, Channel, Verdict
from scanner.reach.evaluator import Answer, Evaluator
from scanner.reach.gitignore import excludes, parse
from scanner.reach.tree import Place, Unreadable

CONFIG = ".codex/config.toml"
_LARGEST = 262_144
_ROOTS = (":workspace_roots", ":project_roots")
_DENIED = ("deny", "none")


class AgentEvaluator(Evaluator):
    """The command line and the IDE extension, which share the configuration."""

    def read(self) -> None:
        """The project's layer of the configuration."""
        self.text = ""
        self.config: Mapping[str, object] = {}
        self.broken = False
        text = self.tree.text(CONFIG)
        if text is None:
            return
        if isinstance(text, Unreadable) or len(text) > _LARGEST:
            self._break("" if isinstance(text, str) else text.reason)
            return
        try:
            self.config = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            line = re.search(r"at line (\d+)", str(error))
            self._break("not valid TOML", int(line.group(1)) if line else None)
        except (RecursionError, ValueError):
            self._break("not valid TOML")
        else:
            self.text = text

    def _break(self, reason: str, line: int | None = None) -> None:
        self.broken = True
        self.problem(f"{CONFIG}:{line}" if line else CONFIG, reason or "it is too large")

    def shell(self, place: Place) -> Answer:
        """Every command can read every file, unless a profile is in force."""
        if self.broken:
            basis = f"{CONFIG} cannot be read; it may select a permission profile"
            return Answer(Verdict.UNKNOWN, basis, CONFIG, Basis.UNKNOWN)
        answer = self.default(Channel.SHELL)
        denied = next(self._denies(place.path), None)
        if denied is None:
            return answer.noting(*self.dead_controls(place.path))
        profile, pattern = denied
        if "sandbox_mode" in self.config:
            words = f"sandbox_mode at {CONFIG}:{self._line('sandbox_mode')} switches profile"
            return answer.noting(f"{words} {profile} and its {pattern} off")
        basis = f"profile {profile} denies {pattern}; whether it is in force depends on the user's"
        basis += " settings and on the project being trusted"
        if self.config.get("default_permissions") != profile:
            basis = f"{basis}, and this file does not select it"
        source = f"{CONFIG}:{self._line(pattern)}"
        return Answer(Verdict.UNKNOWN, basis, source, Basis.CONFIG)

    def git_objects(self, place: Place) -> Answer:
        """git runs in the sandbox like any command; `untrusted` makes it ask."""
        if self.broken:
            return self.shell(place)
        if self.config.get("approval_policy") == "untrusted":
            source = f"{CONFIG}:{self._line('approval_policy')}"
            basis = 'approval_policy "untrusted" makes git ask, if the project is trusted'
            return Answer(Verdict.UNKNOWN, basis, source, Basis.CONFIG)
        if next(self._denies(".git/objects"), None) is not None:
            return self.shell(Place(".git/objects", True, True, place.tracking))
        return self.default(Channel.GIT_OBJECTS)

    def _denies(self, path: str) -> Iterator[tuple[str, str]]:
        """Profile and pattern of every deny that covers a path."""
        for profile, body in _tables(self.config.get("permissions")):
            filesystem = body.get("filesystem")
            rules = filesystem if isinstance(filesystem, Mapping) else {}
            groups = [rules, *(rules[root] for root in _ROOTS if root in rules)]
            for group in groups:
                for pattern, access in group.items() if isinstance(group, Mapping) else ():
                    if access in _DENIED and _covers(str(pattern), path):
                        yield profile, str(pattern)

    def _line(self, text: str) -> int:
        """The first line that holds a key; TOML parsing does not keep positions."""
        at = self.text.find(text)
        return self.text.count("\n", 0, max(at, 0)) + 1


def _tables(node: object) -> Iterator[tuple[str, Mapping[str, object]]]:
    for name, value in node.items() if isinstance(node, Mapping) else ():
        if isinstance(value, Mapping):
            yield str(name), value


def _covers(pattern: str, path: str) -> bool:
    """Globs are relative to the workspace root."""
    parsed = parse("/" + pattern.removeprefix("./").lstrip("/"))
    return parsed is not None and excludes(parsed, path)
