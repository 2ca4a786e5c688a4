"""Rule files whose head says by `trigger` when they join the prompt: Windsurf's and Devin's.

`always_on`, `glob`, `model_decision` or `manual`:
https://docs.windsurf.com/windsurf/cascade/memories
"""

from collections.abc import Iterable, Iterator

from scanner.reach.formats import markdown
from scanner.reach.tree import Tree
from scanner.rules.context import LoadRule, LoadWhen

_TRIGGERS = {
    "always_on": (LoadWhen.START, "its trigger is always_on, so it is in every prompt"),
    "glob": (LoadWhen.MATCHING, "it joins the prompt when a file that its globs match is in play"),
    "model_decision": (LoadWhen.DESCRIBED, "the model may choose it by its description"),
    "manual": (LoadWhen.MANUAL, "only a person names it"),
}
_UNSAID = (LoadWhen.DESCRIBED, "it is a rule file without a trigger that is known")


def trigger_rules(tree: Tree, patterns: Iterable[str], reference: str) -> Iterator[LoadRule]:
    """One rule for each file that a gitignore pattern names, by the trigger in its head."""
    for path in dict.fromkeys(path for pattern in patterns for path in tree.find(pattern)):
        head = markdown.head(tree.plain_text(path))
        trigger = (head.values.get("trigger") or ("",))[0] if head is not None else ""
        when, basis = _TRIGGERS.get(trigger, _UNSAID)
        yield LoadRule(f"/{_literal(path)}", when, basis, reference)


def _literal(path: str) -> str:
    """The path as a pattern that names nothing else."""
    return "".join(f"\\{char}" if char in "*?[]\\" else char for char in path)
