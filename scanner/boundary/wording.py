"""How strings that come from the repository may be spoken of in evidence.

Keys, ids and host names are shown only when they have the shape of a name: anything a person or an
agent can type may be a credential, and evidence leaves the machine.
"""

import re
from collections.abc import Sequence

_NAME = re.compile(r"[A-Za-z@_][A-Za-z0-9_.:/@#-]{0,47}|\d{1,8}")
_HOST = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//(?:[^/@\s]*@)?([a-z0-9.-]+(?::\d+)?)", re.IGNORECASE)
_RULE = re.compile(r"([A-Za-z_]{1,40})(?:\((?:([a-z]{1,12}(?:-[a-z]{1,12})?)(?=[\s:*)]))?)?")
MAX_LISTED = 20


def shown(name: str) -> str:
    """The name itself, or `(not shown)` when it does not look like one."""
    digits = sum(char.isdigit() for char in name)
    longest = max((len(word) for word in re.split(r"[_.:/@#-]", name)), default=0)
    plain = _NAME.fullmatch(name) and digits <= 8 and longest <= 24
    # Long words mixing cases and digits are tokens, not names.
    mixed = digits >= 3 and longest >= 16
    return name if plain and not mixed else "(not shown)"


def shown_host(text: str) -> str:
    """Only the host of an address, without user, path or query."""
    found = _HOST.search(text)
    return shown(found[1].lower()) if found else "(not shown)"


def shown_permission(text: str) -> str:
    """An agent's permission rule by its tool and, for a command, its first word: `Bash(npm …)`."""
    if text.strip() == "*":
        return "*"
    found = _RULE.match(text)
    if not found:
        return shown(text)
    tool = shown(found[1])
    if text == found[1]:
        return tool
    if re.fullmatch(r"\w+\((?:\*|:\*|\*\*)\)", text):
        return f"{tool}(*)"
    return f"{tool}({found[2]} …)" if found[2] else f"{tool}(…)"


def listed(items: Sequence[str]) -> str:
    """`a, b and 3 more`."""
    if len(items) <= 6:
        return ", ".join(items)
    return f"{', '.join(items[:5])} and {len(items) - 5} more"
