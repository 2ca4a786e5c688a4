"""Settings of VS Code that give Copilot's agent more than a repository should."""

from collections.abc import Sequence

from scanner.model import Basis, ConcernKind
from scanner.reach.evaluator import Evaluator
from scanner.reach.formats import jsonc
from scanner.reach.settings.endpoints import diverted_host
from scanner.reach.settings.fetched_commands import note_fetched_commands
from scanner.reach.settings.json_layers import read_layer
from scanner.reach.settings.vscode_settings import Scope, Setting, VSCodeSettings
from scanner.reach.settings.vscode_terminal import TerminalRule

EVERYTHING = ("chat.tools.global.autoApprove", "chat.tools.autoApprove")
LEVEL, LEVELS_WITHOUT_ASKING = "chat.permissions.default", ("autoApprove", "autopilot")
EDITS, TRUST = "chat.tools.edits.autoApprove", "security.workspace.trust.enabled"
_ADVANCED = "github.copilot.advanced"
_ENDPOINTS = (
    "debug.overrideProxyUrl",
    "debug.overrideCapiUrl",
    "debug.testOverrideProxyUrl",
    "debug.testOverrideCapiUrl",
)


def check_settings(
    evaluator: Evaluator, settings: VSCodeSettings, rules: Sequence[TerminalRule]
) -> None:
    """Note all of them."""
    _approvals(evaluator, settings)
    for rule in rules:
        if rule.blanket:
            evaluator.concern(
                ConcernKind.BLANKET_APPROVAL,
                rule.shown,
                rule.line,
                f"chat.tools.terminal.autoApprove {rule.key}",
                "the rule approves every command, but for those that another rule asks about",
                "approve the commands that are needed, written out",
                "tools",
                personal=rule.personal,
            )
    _edits(evaluator, settings)
    _trust(evaluator, settings)
    _endpoints(evaluator, settings)
    _hooks(evaluator)


def _note(
    evaluator: Evaluator,
    kind: ConcernKind,
    setting: Setting,
    words: str,
    instead: str,
    reference: str,
    grade: Basis = Basis.DOCUMENTED,
) -> None:
    evaluator.concern(
        kind,
        setting.shown,
        setting.node.line,
        setting.key,
        words,
        instead,
        reference,
        grade=grade,
        personal=setting.personal,
    )


def _approvals(evaluator: Evaluator, settings: VSCodeSettings) -> None:
    for key in EVERYTHING:
        for setting in settings.every(key):
            if jsonc.boolean(setting.node) is not True:
                continue
            words = "it approves every tool, the terminal included"
            if setting.scope is Scope.WORKSPACE:
                words += ", in older versions of VS Code; newer ones take it from the user only"
            instead = "remove it; approve single commands with chat.tools.terminal.autoApprove"
            reference = "cve" if setting.scope is Scope.WORKSPACE else "tools"
            kind = ConcernKind.APPROVAL_BYPASS
            _note(evaluator, kind, setting, words, instead, reference)
    for setting in settings.every(LEVEL):
        if jsonc.string(setting.node) in LEVELS_WITHOUT_ASKING:
            words = "new chat sessions start in a mode in which every tool runs unasked"
            instead = "set it to default and choose the mode for the one session that needs it"
            kind = ConcernKind.APPROVAL_BYPASS
            _note(evaluator, kind, setting, words, instead, "tools")


def _edits(evaluator: Evaluator, settings: VSCodeSettings) -> None:
    for setting in settings.entries(EDITS):
        if jsonc.boolean(setting.node) is True and ".vscode" in setting.key:
            words = "the agent may rewrite VS Code's own settings, its approvals included, unasked"
            instead = "remove the entry: by default edits of these files ask"
            kind = ConcernKind.APPROVAL_BYPASS
            _note(evaluator, kind, setting, words, instead, "security")


def _trust(evaluator: Evaluator, settings: VSCodeSettings) -> None:
    off, setting = settings.flag(TRUST, application=True)
    if off is False and setting is not None:
        words = "every folder is trusted, so a repository's settings and servers count unasked"
        instead = "switch workspace trust on again"
        _note(evaluator, ConcernKind.TRUST_DISABLED, setting, words, instead, "security")


def _endpoints(evaluator: Evaluator, settings: VSCodeSettings) -> None:
    found = [setting for setting in settings.entries(_ADVANCED) if setting.key in _ENDPOINTS]
    found += [one for name in _ENDPOINTS for one in settings.every(f"{_ADVANCED}.{name}")]
    for setting in found:
        host = diverted_host("github-copilot", jsonc.string(setting.node) or "")
        if host is not None:
            words = f"Copilot's requests, with the user's token, go to {host}"
            instead = "remove it: these settings are for debugging Copilot itself"
            kind = ConcernKind.REDIRECTED_ENDPOINT
            _note(evaluator, kind, setting, words, instead, "endpoint", Basis.DERIVED)


def _hooks(evaluator: Evaluator) -> None:
    """Hooks of the command line and the cloud agent."""
    for path in evaluator.tree.find("/.github/hooks/*.json"):
        if (layer := read_layer(evaluator, path, "hooks")) is not None:
            note_fetched_commands(evaluator, layer, layer.root, "hooks")
