"""Codex's settings that are wrong, dangerous or not the repository's to decide."""

import re
from collections.abc import Iterator, Mapping

from scanner.model import ConcernKind
from scanner.reach.formats.toml_file import TomlFile
from scanner.reach.settings.codex_rules import runner_rules
from scanner.reach.settings.endpoints import diverted_host
from scanner.reach.settings.setting_note import SettingNote

_SANDBOXES = ("read-only", "workspace-write", "danger-full-access")
_POLICIES = ("on-request", "never", "on-failure")
_REDIRECTS = ("openai_base_url", "chatgpt_base_url")
_IGNORED = ("model_provider", "profile", "profiles", "otel")
"""Of the loader's `PROJECT_LOCAL_CONFIG_DENYLIST` those that neither redirect nor run anything."""
_CODEX_HOME = re.compile(r"^[ \t]*(?:export[ \t]+)?CODEX_HOME[ \t]*=[ \t]*[\"']?([^\s\"'#]+)", re.M)
_OWN = "in your own ~/.codex/config.toml, not in the project's"


def layer_notes(file: TomlFile, *, personal: bool) -> Iterator[SettingNote]:
    """What holds for every layer: the project's, and the user's (`personal`)."""
    if file.error:
        words = f"{file.error}: Codex refuses to start"
        words += "" if personal else " in a trusted project and ignores the file in any other"
        kind = ConcernKind.REJECTED_SETTINGS
        yield SettingNote(
            kind,
            file.path,
            file.error_line,
            file.path,
            words,
            "correct the file",
            "loader",
            personal,
        )
        return
    yield from _refused(file, personal)
    when = "" if personal else " once the project is trusted"
    for key, value, instead, reference in (
        ("sandbox_mode", "danger-full-access", "use workspace-write or a profile", "approvals"),
        ("default_permissions", ":danger-full-access", "select :workspace", "permissions"),
    ):
        if file.get(key) == value:
            words = f"commands run without any sandbox{when}"
            yield _note(
                ConcernKind.SANDBOX_DISABLED, file, (key,), words, instead, reference, personal
            )
    if file.get("approval_policy") == "never":
        words = f"nobody is asked about any command{when}"
        instead = "set on-request, and leave the choice to each person"
        kind = ConcernKind.APPROVAL_BYPASS
        yield _note(kind, file, ("approval_policy",), words, instead, "approvals", personal)


def _refused(file: TomlFile, personal: bool) -> Iterator[SettingNote]:
    """Values that stop Codex at its start."""
    kind = ConcernKind.REJECTED_SETTINGS
    mode, policy = file.get("sandbox_mode"), file.get("approval_policy")
    if mode is not None and mode not in _SANDBOXES:
        words = "Codex refuses to start with this value of sandbox_mode"
        instead = f"choose one of {', '.join(_SANDBOXES)}"
        yield _note(kind, file, ("sandbox_mode",), words, instead, "approvals", personal)
    if policy == "untrusted":
        words = "Codex refuses to start with this value since 0.149.0"
        instead = "remove the setting; on-request is the default"
        yield _note(kind, file, ("approval_policy",), words, instead, "untrusted", personal)
    elif policy is not None and not isinstance(policy, Mapping) and policy not in _POLICIES:
        words = "Codex refuses to start with this value of approval_policy"
        instead = f"choose one of {', '.join(_POLICIES[:2])}"
        yield _note(kind, file, ("approval_policy",), words, instead, "approvals", personal)


def project_notes(project: TomlFile) -> Iterator[SettingNote]:
    """Keys that a repository must not decide about; newer versions leave them out."""
    for keys in _redirects(project):
        words = "prompts and the key would go to the host that the repository names; newer versions"
        words += " ignore this in a project's file, those before them do not"
        instead = f"set the provider {_OWN}"
        yield _note(ConcernKind.REDIRECTED_ENDPOINT, project, keys, words, instead, "loader")
    if "notify" in project.values:
        words = "the repository's program runs after every turn, unasked, in versions that take"
        words += " notify from a project; newer ones ignore it there"
        instead = f"set notify {_OWN}"
        yield _note(ConcernKind.RUNS_COMMANDS, project, ("notify",), words, instead, "loader")
    for key in _IGNORED:
        if key in project.values:
            words = f"newer versions of Codex ignore {key} in a project's configuration"
            instead = f"set it {_OWN}"
            yield _note(ConcernKind.REJECTED_SETTINGS, project, (key,), words, instead, "loader")


def _redirects(project: TomlFile) -> Iterator[tuple[str, ...]]:
    """The keys that send prompts elsewhere: a provider counts where the file selects it."""
    for key in _REDIRECTS:
        if _leads_away(project.get(key)):
            yield (key,)
    chosen = [project.get("model_provider")]
    chosen += [body.get("model_provider") for _, body in project.tables("profiles")]
    for name, body in project.tables("model_providers"):
        if name in chosen and _leads_away(body.get("base_url")):
            yield "model_providers", name, "base_url"


def _leads_away(value: object) -> bool:
    host = diverted_host("openai", value) if isinstance(value, str) else None
    return host is not None and host != "chatgpt.com"


def rule_notes(path: str, text: str, *, personal: bool = False) -> Iterator[SettingNote]:
    """Execution rules that let any command out of the sandbox."""
    for rule in runner_rules(text):
        words = f"whatever {rule.program} runs is allowed outside the sandbox, unasked"
        words += "" if personal else ", once the project is trusted"
        instead = 'allow the exact commands, or say decision = "prompt"'
        subject = f"prefix_rule {rule.program}"
        kind = ConcernKind.BLANKET_APPROVAL
        yield SettingNote(kind, path, rule.line, subject, words, instead, "rules", personal)


def variable_notes(path: str, text: str) -> Iterator[SettingNote]:
    """CVE-2025-61260: a repository's `.env` moved the configuration into the repository."""
    match = _CODEX_HOME.search(text)
    if match is None or match.group(1).startswith(("/", "~", "$", "%")):
        return
    words = "Codex before 0.23.0 reads its settings out of this repository then, and starts the MCP"
    words += " servers named there without a question (CVE-2025-61260)"
    line = text.count("\n", 0, match.start(1)) + 1
    instead = "remove the line, and update Codex"
    kind = ConcernKind.RUNS_COMMANDS
    yield SettingNote(kind, path, line, "CODEX_HOME", words, instead, "codex-home")


def _note(
    kind: ConcernKind,
    file: TomlFile,
    keys: tuple[str, ...],
    words: str,
    instead: str,
    reference: str,
    personal: bool = False,
) -> SettingNote:
    line = file.line(*keys)
    return SettingNote(kind, file.path, line, ".".join(keys), words, instead, reference, personal)
