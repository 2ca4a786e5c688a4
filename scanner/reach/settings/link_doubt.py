"""What a rule on names is worth where a symbolic link gives the file a second name."""

from collections.abc import Callable

from scanner.model import Basis, Verdict
from scanner.reach.evaluator import Answer
from scanner.reach.matching.links import Links


def doubt_by_link(
    links: Links, path: str, covered: Callable[[str], bool], answer: Answer
) -> Answer:
    """The answer, or "unknown" where it blocks and a link to the file has a name not covered."""
    if answer.verdict is not Verdict.BLOCKED:
        return answer
    open_name = next((name for name in links.names(path) if not covered(name)), None)
    if open_name is None:
        return answer
    basis = f"{answer.basis}; {open_name} is a link to it that no rule covers, and whether rules"
    return Answer(
        Verdict.UNKNOWN,
        f"{basis} hold for what a link leads to is not documented",
        answer.source,
        Basis.CONFIG,
    )
