"""Hooks and set-up commands in a JSON file that run what they have just downloaded."""

from collections.abc import Iterator

from scanner.model import ConcernKind
from scanner.reach.evaluator import Evaluator
from scanner.reach.formats import jsonc
from scanner.reach.settings.fetched import fetched_line
from scanner.reach.settings.json_layers import Layer


def note_fetched_commands(
    evaluator: Evaluator, layer: Layer, node: jsonc.Node | None, reference: str
) -> None:
    """Note every text below a value that is such a command. `reference`: as for `concern`."""
    for text, line in texts_below(node):
        if fetched_line(text) is not None:
            evaluator.concern(
                ConcernKind.RUNS_COMMANDS,
                layer.shown,
                line,
                "a fetched script",
                "a command here runs what it has just downloaded, and nobody is asked",
                "keep the script in the repository, or check what was fetched by its digest",
                reference,
                personal=layer.personal,
            )


def texts_below(node: jsonc.Node | None) -> Iterator[tuple[str, int]]:
    """Every text in a value, keys aside, with its line. The parser bounds the nesting."""
    if isinstance(node, jsonc.Scalar):
        if isinstance(node.value, str):
            yield node.value, node.line
        return
    children = node.members.values() if isinstance(node, jsonc.Object) else ()
    for child in node.items if isinstance(node, jsonc.Array) else children:
        yield from texts_below(child)
