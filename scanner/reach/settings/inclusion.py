"""Instruction files whose YAML head names, in one word, when they are loaded.

Kiro's steering (`inclusion: fileMatch`) and Antigravity's rules (`trigger: model_decision`) are of
this kind.
"""

from collections.abc import Iterator, Mapping

import msgspec

from scanner.reach.formats import markdown
from scanner.reach.matching.literal import literal_pattern
from scanner.reach.tree import Tree
from scanner.rules.context import LoadRule, LoadWhen

_WORDS = {
    LoadWhen.START: "it is loaded at the start of every session",
    LoadWhen.MATCHING: "it joins the prompt when a file that its head's pattern matches is in play",
    LoadWhen.DESCRIBED: "the model may choose it by its description",
    LoadWhen.NEARBY: "it is loaded when the agent works in its directory",
    LoadWhen.MANUAL: "only a person can bring it in",
}


class Inclusion(msgspec.Struct, frozen=True):
    """How an agent reads the word."""

    key: str
    words: Mapping[str, LoadWhen]
    otherwise: LoadWhen
    """For a file without the key, and for a word that is none of these."""


def load_rules(
    tree: Tree, pattern: str, spec: Inclusion, reference: str, imports: int = 0
) -> Iterator[LoadRule]:
    """One rule for every file that a gitignore pattern names, in the order of the paths."""
    for path in tree.find(pattern):
        head = markdown.head(tree.plain_text(path))
        values = head.values.get(spec.key, ()) if head is not None else ()
        word = values[0].lower() if values else ""
        known = next((name for name in spec.words if name.lower() == word), None)
        when = spec.words[known] if known is not None else spec.otherwise
        # Only a word that is known is repeated: what else stands there is not ours to spread.
        said = f"its head says {spec.key}: {known}, and " if known is not None else ""
        basis = f"{said}{_WORDS[when]}"
        yield LoadRule(literal_pattern(path), when, basis, reference, imports=imports)
