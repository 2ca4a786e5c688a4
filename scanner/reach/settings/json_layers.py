"""One JSON settings file of an agent, with what is wrong with it said once."""

import re

import msgspec

from scanner.model import ConcernKind
from scanner.reach.evaluator import Evaluator
from scanner.reach.formats import jsonc
from scanner.reach.formats.repeated_keys import repeated_keys
from scanner.reach.tree import Tree, Unreadable

_PLAIN_KEY = re.compile(r"[A-Za-z][\w.-]{0,59}")


class Layer(msgspec.Struct, frozen=True):
    """A settings file that is there. `root` is None where it is no JSON object."""

    shown: str
    """Its path as sources and messages name it: `~/` before those of the user."""
    root: jsonc.Object | None
    personal: bool
    line: int = 1
    """Where it is broken, if it is."""

    def source(self, node: jsonc.Node) -> str:
        """`file:line` of a value in it."""
        return f"{self.shown}:{node.line}"

    @property
    def broken_at(self) -> str:
        """`file:line` of what makes it unusable."""
        return f"{self.shown}:{self.line}"


def read_layer(
    evaluator: Evaluator, path: str, reference: str, *, personal: bool = False
) -> Layer | None:
    """Read a settings file of the repository, or of the user's home where that is known.

    None where there is none. One that is no JSON object becomes a concern, one that cannot be read
    a problem; both come back as a layer without root, on which nothing may rest.
    """
    tree: Tree | None = evaluator.home if personal else evaluator.tree
    text = tree.text(path) if tree is not None else None
    if text is None:
        return None
    shown = f"~/{path}" if personal else path
    if isinstance(text, Unreadable):
        evaluator.problem(shown, f"{text.reason}; what it allows is not known")
        return Layer(shown, None, personal)
    return parse_layer(evaluator, shown, text, reference, personal=personal)


def parse_layer(
    evaluator: Evaluator, shown: str, text: str, reference: str, *, personal: bool = False
) -> Layer:
    """The same for a text that is already there. Comments and trailing commas are accepted."""
    document = jsonc.parse(text)
    if isinstance(document.root, jsonc.Object):
        layer = Layer(shown, document.root, personal)
        _note_repeats(evaluator, layer, text, reference)
        return layer
    words = (
        f"it is not valid JSON: {document.error}" if document.root is None else "it is no object"
    )
    reject(
        evaluator,
        Layer(shown, None, personal),
        document.line,
        shown,
        f"{words}, so no setting in it can be relied on",
        reference,
    )
    return Layer(shown, None, personal, document.line)


def _note_repeats(evaluator: Evaluator, layer: Layer, text: str, reference: str) -> None:
    """A key given twice: readers of JSON take the last one and drop the first without a word."""
    for repeated in repeated_keys(text):
        key = repeated.key if _PLAIN_KEY.fullmatch(repeated.key) else "a key"
        words = f"{key} stands again in line {repeated.again}, and what stands here is dropped"
        reject(evaluator, layer, repeated.line, key, words, reference)


def given_layers(evaluator: Evaluator, reference: str) -> tuple[Layer, ...]:
    """The settings files that the caller named; they outrank all others."""
    return tuple(
        parse_layer(evaluator, given.path, given.text, reference) for given in evaluator.given
    )


def reject(
    evaluator: Evaluator, layer: Layer, line: int, subject: str, words: str, reference: str
) -> None:
    """Note a file, or a key of it, that the agent cannot use as it stands."""
    evaluator.concern(
        ConcernKind.REJECTED_SETTINGS,
        layer.shown,
        line,
        subject,
        words,
        "correct it, then check with the agent's own command that the setting counts",
        reference,
        personal=layer.personal,
    )


def strings_of(
    evaluator: Evaluator, layer: Layer, key: str, reference: str
) -> tuple[tuple[str, int], ...]:
    """A top-level list of texts with their lines; anything else in its place is a concern."""
    node = layer.root.members.get(key) if layer.root is not None else None
    if node is None:
        return ()
    items = node.items if isinstance(node, jsonc.Array) else None
    if items is None or any(jsonc.string(item) is None for item in items):
        reject(evaluator, layer, node.line, key, f"{key} is no list of texts", reference)
    return jsonc.strings(node) if isinstance(node, jsonc.Array) else ()
