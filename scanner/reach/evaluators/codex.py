"""Codex: no read tool, only a shell in a sandbox that reads everything.

A permission profile can deny reads, but only where `default_permissions` selects it and no layer
sets `sandbox_mode`. A repository's own configuration counts only once a person has trusted the
project, which no repository shows: it can make an answer unknown, never blocked.
"""

from collections.abc import Iterator, Sequence

import msgspec

from scanner.model import Basis, Channel, Verdict
from scanner.reach.evaluator import Answer, Evaluator
from scanner.reach.formats.toml_file import TomlFile, read_toml
from scanner.reach.settings.codex_notes import (
    layer_notes,
    project_notes,
    rule_notes,
    variable_notes,
)
from scanner.reach.settings.codex_profiles import Cover, Finding, decide, denying_profiles
from scanner.reach.settings.setting_note import report
from scanner.reach.tree import Place
from scanner.rules.context import LoadRule

CONFIG, HOME_CONFIG = ".codex/config.toml", "~/.codex/config.toml"
_OBJECTS = ".git/objects"


class AgentEvaluator(Evaluator):
    """The command line and the IDE extension, which share the configuration."""

    def read(self) -> None:
        """The project's layer, the user's, and what the caller named in the user's place."""
        self.project = read_toml(CONFIG, self.tree.text(CONFIG)) or TomlFile(CONFIG, {}, {})
        named = [read_toml(entry.path, entry.text) for entry in self.given]
        if self.home is not None:
            named.append(read_toml(HOME_CONFIG, self.home.text(HOME_CONFIG.removeprefix("~/"))))
        self.user = tuple(file for file in named if file is not None)
        self.user_known = self.home is not None or bool(self.given)
        self.trusting = self.home is None or any(
            project.get("trust_level") == "trusted"
            for file in self.user
            for _, project in file.tables("projects")
        )
        """False where the user is known to trust no project yet: this one's layer is disabled."""
        for file in (self.project, *self.user):
            if file.error:
                where = f"{file.path}:{file.error_line}" if file.error_line else file.path
                self.problem(where, file.error)
            report(self, layer_notes(file, personal=file is not self.project))
        report(self, project_notes(self.project))
        for path in self.tree.find("/.codex/rules/*.rules"):
            report(self, rule_notes(path, self.tree.plain_text(path)))
        home = self.home
        for path in home.find("/.codex/rules/*.rules") if home is not None else ():
            text = home.plain_text(path) if home is not None else ""
            report(self, rule_notes(f"~/{path}", text, personal=True))
        for path in self.tree.find("/.env"):
            report(self, variable_notes(path, self.tree.plain_text(path)))

    # ------------------------------------------------------------------ shell

    def shell(self, place: Place) -> Answer:
        """Every command can read every file, unless a profile is in force."""
        if (broken := self._broken()) is not None:
            return broken
        remarks = self.dead_controls(place.path)
        answer = self._profile(self.tree.resolve(place.path) or place.path)
        if answer is not None:
            return answer.noting(*remarks)
        return self.default(Channel.SHELL).noting(*remarks, self._unseen())

    def _profile(self, path: str) -> Answer | None:
        """What the profiles make of reading a path; None where none concerns it."""
        selected = self._selected_by_user()
        if selected is not None:
            found = decide(selected, path, self.user)
            if found is not None and found.cover is not Cover.OPEN:
                return self._users_denial(found)
        found = next(denying_profiles(path, (self.project, *self.user)), None)
        return None if found is None else self._unsure(found)

    def _selected_by_user(self) -> str | None:
        for file in self.user:
            name = file.get("default_permissions")
            if isinstance(name, str):
                return name
        return None

    def _users_denial(self, found: Finding) -> Answer:
        """In force, unless a sandbox mode switches it off or the project selects another."""
        mode = next((file for file in self.user if "sandbox_mode" in file.values), None)
        if mode is not None:
            return self._switched_off(found, mode)
        if found.note:
            basis = f"profile {found.profile} denies {found.pattern}, but {found.note}"
            return Answer(Verdict.UNKNOWN, basis, found.source, Basis.CONFIG)
        for key in ("sandbox_mode", "default_permissions", "permissions"):
            if key in self.project.values:
                source = self.project.source(key)
                basis = f"profile {found.profile} denies {found.pattern} at {found.source}; {key}"
                basis += f" at {source} may undo it once the project is trusted"
                return Answer(Verdict.UNKNOWN, basis, source, Basis.CONFIG)
        basis = f"profile {found.profile} is in force and denies {found.pattern} to every command"
        versions = self._profile_versions()
        answer = Answer(Verdict.BLOCKED, basis, found.source, Basis.CONFIG, versions)
        return answer.noting("command line flags and managed settings not read")

    def _profile_versions(self) -> str | None:
        entry = self.context.default(Channel.SHELL)
        return entry.versions if entry else None

    def _switched_off(self, found: Finding, file: TomlFile) -> Answer:
        answer = self.default(Channel.SHELL)
        words = f"sandbox_mode at {file.source('sandbox_mode')} switches profile"
        return answer.noting(f"{words} {found.profile} and its {found.pattern} off")

    def _unsure(self, found: Finding) -> Answer:
        """A profile that only a trusted project brings in or selects, or that nothing selects."""
        if "sandbox_mode" in self.project.values:
            return self._switched_off(found, self.project)
        selected = self.project.get("default_permissions")
        if not self.trusting:
            words = (
                f"profile {found.profile} denies {found.pattern} at {found.source}, but the user"
            )
            return self.default(Channel.SHELL).noting(f"{words} trusts no project")
        if self.user_known and selected is None and self._selected_by_user() != found.profile:
            words = f"profile {found.profile} denies {found.pattern} at {found.source}, but neither"
            return self.default(Channel.SHELL).noting(f"{words} file selects it")
        words = f"profile {found.profile} denies {found.pattern}; whether it is in force depends on"
        basis = f"{words} the user's settings and on the project being trusted"
        if selected != found.profile:
            basis = f"{basis}, and this file does not select it"
        if found.note:
            basis = f"{basis}; {found.note}"
        return Answer(Verdict.UNKNOWN, basis, found.source, Basis.CONFIG)

    def _broken(self) -> Answer | None:
        """Codex stops at its user's broken file and, once it trusts the project, at that one."""
        file = next((one for one in (*self.user, self.project) if one.error), None)
        if file is None:
            return None
        basis = f"{file.path} cannot be read; it may select a permission profile"
        return Answer(Verdict.UNKNOWN, basis, file.path, Basis.UNKNOWN)

    def _unseen(self) -> str:
        return "" if self.user_known else "user settings not read"

    # ------------------------------------------------------------------ git, environment, prompt

    def git_objects(self, place: Place) -> Answer:
        """git runs in the sandbox like any command; a profile may keep it from the objects."""
        if (broken := self._broken()) is not None:
            return broken
        for file in (self.project, *self.user):
            if file.get("approval_policy") == "untrusted":
                basis = 'approval_policy "untrusted" made git ask before 0.149.0; newer versions'
                basis += " refuse to start with it"
                source = file.source("approval_policy")
                return Answer(Verdict.UNKNOWN, basis, source, Basis.CONFIG)
        answer = self._profile(_OBJECTS)
        return answer or self.default(Channel.GIT_OBJECTS).noting(self._unseen())

    def environment(self, place: Place) -> Answer | None:
        """Variables that the project's configuration sets for every command or for a server."""
        if place.path != CONFIG or self.project.error:
            return None
        if self.project.table("shell_environment_policy", "set"):
            basis = "shell_environment_policy.set puts its values into the environment of every"
            source = self.project.source("shell_environment_policy", "set")
            basis += " command, once the project is trusted"
            return Answer(Verdict.NO_PROMPT, basis, source, Basis.CONFIG)
        for name, server in self.project.tables("mcp_servers"):
            if isinstance(server.get("env"), dict):
                basis = f"the MCP server {name} is started with it, once the project is trusted;"
                basis += " what the server hands on is not known"
                source = self.project.source("mcp_servers", name, "env")
                return Answer(Verdict.UNKNOWN, basis, source, Basis.CONFIG)
        return None

    def loads(self) -> Sequence[LoadRule]:
        """One file a directory; the configuration may name more file names and another size."""
        size = self._size()
        rules = [msgspec.structs.replace(rule, max_bytes=size) for rule in self.context.loads]
        for name in self._fallbacks():
            for rule in self.context.loads:
                if rule.path.rpartition("/")[2] == "AGENTS.md":
                    path = rule.path.replace("AGENTS.md", name)
                    words = "project_doc_fallback_filenames names it"
                    basis = f"{rule.basis}: {words}"
                    rules.append(
                        msgspec.structs.replace(rule, path=path, basis=basis, max_bytes=size)
                    )
        return rules

    def _size(self) -> int:
        """The widest that a layer allows: whether the project's counts is not known."""
        usual = max((rule.max_bytes for rule in self.context.loads), default=0)
        asked = [file.get("project_doc_max_bytes") for file in (self.project, *self.user)]
        return max([usual, *(size for size in asked if type(size) is int)])

    def _fallbacks(self) -> Iterator[str]:
        for file in (self.project, *self.user):
            names = file.get("project_doc_fallback_filenames")
            for name in names if isinstance(names, list) else ():
                if isinstance(name, str) and name and not set(name) & set("*?[\\!#/"):
                    yield name
