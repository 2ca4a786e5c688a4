"""Load rules for files that an agent picks one by one, by what stands in them."""

from scanner.reach.matching.literal import literal_pattern
from scanner.rules.context import Frontmatter, LoadRule, LoadWhen


def load_one(
    path: str, when: LoadWhen, basis: str, reference: str, frontmatter: Frontmatter | None = None
) -> LoadRule:
    """A rule for exactly this path. `reference`: a name from the agent's file."""
    return LoadRule(literal_pattern(path), when, basis, reference, frontmatter)
