"""Gemini CLI's settings in layers: the caller's, the workspace's, the user's.

The workspace's count in a trusted folder only, and trust is kept in the user's home under the
checkout's absolute path (`trustedFolders.json`). It is known to count where the user has switched
folder trust off. After packages/cli/src/config/settings.ts and trustedFolders.ts of gemini-cli.
"""

from collections.abc import Iterator

import msgspec

from scanner.reach.formats import jsonc
from scanner.reach.formats.json_comments import parse
from scanner.reach.formats.repeated_keys import RepeatedKey, repeated_keys
from scanner.reach.surroundings import GivenSettings
from scanner.reach.tree import Tree, Unreadable

WORKSPACE, HOME = ".gemini/settings.json", "~/.gemini/settings.json"
_LEGACY = {
    ("context", "fileFiltering"): ("fileFiltering",),
    ("context", "fileName"): ("contextFileName",),
    ("tools", "allowed"): ("allowedTools",),
    ("tools", "core"): ("coreTools",),
    ("tools", "exclude"): ("excludeTools",),
    ("tools", "discoveryCommand"): ("toolDiscoveryCommand",),
    ("security", "folderTrust", "enabled"): ("folderTrust",),
}
"""Where a setting stood before the sections came."""


class Layer(msgspec.Struct, frozen=True):
    """One settings file."""

    path: str
    root: jsonc.Node | None
    sure: bool
    """It counts whether the folder is trusted or not."""
    personal: bool
    error: str = ""
    line: int = 1
    repeated: tuple[RepeatedKey, ...] = ()

    def get(self, *keys: str) -> jsonc.Node | None:
        """A setting, at its place or where it stood before the sections came."""
        for new, old in _LEGACY.items():
            if keys[: len(new)] == new and jsonc.get(self.root, *keys) is None:
                return jsonc.get(self.root, *old, *keys[len(new) :])
        return jsonc.get(self.root, *keys)

    def texts(self, *keys: str) -> tuple[tuple[str, int], ...]:
        """The strings of a list with their lines; a lone string counts as one."""
        node = self.get(*keys)
        return jsonc.strings(node) if node is not None else ()

    def source(self, line: int) -> str:
        """`path:line`."""
        return f"{self.path}:{line}"


class GeminiSettings:
    """All layers, the strongest first."""

    def __init__(self, tree: Tree, home: Tree | None, given: tuple[GivenSettings, ...]) -> None:
        named = [_layer(entry.path, entry.text, True, True) for entry in given]
        users = [] if home is None else [_file(home, HOME.removeprefix("~/"), HOME, True)]
        personal = [layer for layer in (*named, *users) if layer is not None]
        self.trust_off = next((layer.path for layer in personal if _trust(layer) is False), "")
        """The user's file that switches folder trust off, so that every folder is trusted."""
        workspace = _file(tree, WORKSPACE, WORKSPACE, bool(self.trust_off))
        layers = (*named, workspace, *users)
        self.layers = tuple(layer for layer in layers if layer is not None)
        self.seen_user = home is not None or bool(given)

    def off(self, *keys: str) -> str:
        """`file:line` of where a switch is off that is on by default, else "".

        A layer that may not count is believed where it opens, not where it closes.
        """
        for layer in self.layers:
            node = layer.get(*keys)
            value = jsonc.boolean(node)
            if node is not None and value is False:
                return layer.source(node.line)
            if value is True and layer.sure:
                return ""
        return ""

    def entries(self, *keys: str) -> Iterator[tuple[Layer, str, int]]:
        """Every text of a list, with its layer and line, the strongest layer first."""
        for layer in self.layers:
            for text, line in layer.texts(*keys):
                yield layer, text, line


def _trust(layer: Layer) -> bool | None:
    return jsonc.boolean(layer.get("security", "folderTrust", "enabled"))


def _file(tree: Tree, path: str, shown: str, sure: bool) -> Layer | None:
    text = tree.text(path)
    if isinstance(text, Unreadable):
        return Layer(shown, None, sure, shown.startswith("~"), text.reason)
    return _layer(shown, text, sure, shown.startswith("~"))


def _layer(path: str, text: str | None, sure: bool, personal: bool) -> Layer | None:
    if text is None:
        return None
    document = parse(text)
    root, line = document.root, document.line
    if root is None:
        return Layer(path, None, sure, personal, f"not valid JSON: {document.error}", line)
    if not isinstance(root, jsonc.Object):
        return Layer(path, None, sure, personal, "not a JSON object", 1)
    if not document.strict:
        error = "not valid JSON: a trailing comma or a byte order mark"
        return Layer(path, root, sure, personal, error, line)
    return Layer(path, root, sure, personal, repeated=repeated_keys(text))
