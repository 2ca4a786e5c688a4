"""Settings as VS Code and its forks merge them: workspace over remote machine over user.

Some settings are of the application: a workspace cannot set them, while the settings that a dev
container brings along count as the machine's and can. Scopes are those of VS Code's source,
src/vs/platform/configuration/common/configurationRegistry.ts. Keys are matched as written, dotted.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum

import msgspec

from scanner.reach.evaluator import Evaluator
from scanner.reach.formats import jsonc
from scanner.reach.settings.json_layers import Layer, parse_layer, read_layer

WORKSPACE = ".vscode/settings.json"
CONTAINERS = (
    "/.devcontainer/devcontainer.json",
    "/.devcontainer.json",
    "/.devcontainer/*/devcontainer.json",
)
_USER = (
    ".config/{}/User/settings.json",
    "Library/Application Support/{}/User/settings.json",
    "AppData/Roaming/{}/User/settings.json",
)


class Scope(StrEnum):
    """Where settings stand."""

    GIVEN = "given"
    WORKSPACE = "workspace"
    MACHINE = "machine"
    USER = "user"


class Setting(msgspec.Struct, frozen=True):
    """One value, and where it stands."""

    key: str
    node: jsonc.Node
    scope: Scope
    shown: str
    personal: bool

    @property
    def source(self) -> str:
        """`file:line`."""
        return f"{self.shown}:{self.node.line}"


class _Settings(msgspec.Struct, frozen=True):
    layer: Layer
    members: dict[str, jsonc.Node]
    scope: Scope


class VSCodeSettings:
    """All layers that are there, highest precedence first."""

    def __init__(self, layers: Sequence[_Settings]) -> None:
        self._layers = tuple(layers)
        self.broken = tuple(entry.layer.broken_at for entry in layers if entry.layer.root is None)
        """`file:line` of files of which no setting is known."""

    def every(self, key: str) -> Iterator[Setting]:
        """The values of a key in all layers, the one that counts first."""
        for entry in self._layers:
            node = entry.members.get(key)
            if node is not None:
                layer = entry.layer
                yield Setting(key, node, entry.scope, layer.shown, layer.personal)

    def get(self, key: str, *, application: bool = False) -> Setting | None:
        """The value that counts. `application`: a workspace's value does not."""
        return next(
            (
                setting
                for setting in self.every(key)
                if not (application and setting.scope is Scope.WORKSPACE)
            ),
            None,
        )

    def flag(self, key: str, *, application: bool = False) -> tuple[bool | None, Setting | None]:
        """The truth value that counts, None for anything else, and where it stands."""
        setting = self.get(key, application=application)
        return (jsonc.boolean(setting.node) if setting else None), setting

    def entries(self, key: str) -> Iterator[Setting]:
        """The members of an object setting, merged over the layers: `Setting.key` is theirs."""
        seen: set[str] = set()
        for setting in self.every(key):
            if not isinstance(setting.node, jsonc.Object):
                continue
            for name, node in setting.node.members.items():
                if name not in seen:
                    seen.add(name)
                    yield msgspec.structs.replace(setting, key=name, node=node)


def read_vscode(evaluator: Evaluator, product: str, reference: str) -> VSCodeSettings:
    """Read the settings of one product: `Code`, `Windsurf`. Broken files become concerns."""
    layers = [
        _whole(parse_layer(evaluator, one.path, one.text, reference), Scope.GIVEN)
        for one in evaluator.given
        if one.path.replace("\\", "/").rpartition("/")[2] == "settings.json"
    ]
    if (workspace := read_layer(evaluator, WORKSPACE, reference)) is not None:
        layers.append(_whole(workspace, Scope.WORKSPACE))
    for pattern in CONTAINERS:
        for path in evaluator.tree.find(pattern):
            text = evaluator.tree.plain_text(path)
            root = jsonc.parse(text).root
            node = jsonc.get(root, "customizations", "vscode", "settings")
            if isinstance(node, jsonc.Object):
                layer = Layer(path, node, personal=False)
                layers.append(_Settings(layer, node.members, Scope.MACHINE))
    layers += [_whole(user, Scope.USER) for user in user_layers(evaluator, product, reference)]
    return VSCodeSettings(layers)


def user_layers(evaluator: Evaluator, product: str, reference: str) -> list[Layer]:
    """The user's own settings of one product, where the home is known."""
    found = (
        read_layer(evaluator, pattern.format(product), reference, personal=True)
        for pattern in _USER
    )
    return [layer for layer in found if layer is not None]


def _whole(layer: Layer, scope: Scope) -> _Settings:
    return _Settings(layer, layer.root.members if layer.root else {}, scope)
