"""Whether a name says that its value is a secret."""

import re

from scanner.rules.dataflow import Names

# `apiKey`, `APIKey`, `API_KEY_2` are all `api`, `key`.
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_TAIL = frozenset({"value", "str", "raw", "env"})


class SecretNames:
    """Compiled from a rule's `names`."""

    def __init__(self, names: Names) -> None:
        self._words = frozenset(names.words)
        self._key_kinds = frozenset(names.key_kinds)
        self._not_kinds = frozenset(names.not_kinds)
        self._exact_not = frozenset(names.exact_not)

    def in_environment(self, name: str) -> bool:
        """For an environment variable: `STRIPE_KEY` is one."""
        return name not in self._exact_not and self._last(_words(name)) is not None

    def in_code(self, name: str) -> bool:
        """For a variable or attribute: `key` needs a kind before it, as in `api_key`."""
        words = _words(name)
        last = self._last(words)
        if last == "key":
            return any(word in self._key_kinds for word in words[:-1])
        return last is not None

    def _last(self, words: list[str]) -> str | None:
        if not words or any(word in self._not_kinds for word in words):
            return None
        return words[-1] if words[-1] in self._words else None


def _words(name: str) -> list[str]:
    words = [word.lower() for word in _WORDS.findall(name)]
    while len(words) > 1 and words[-1] in _TAIL:
        words.pop()
    return words


_CONSTANT_NAME = re.compile(r"[A-Z][A-Z0-9_]*")
_PLACEHOLDER = re.compile(
    r"(?i)your|example|change|dummy|fake|test|mock|sample|placeholder|redact|todo|none|null|xxx|\*\*|\.\.\.|<|\$|\{"
)


_TEST = re.compile(r"(?:.*/)?(?:tests?/.*|test_[^/]*|[^/]*_test\.py|conftest\.py)", re.DOTALL)


def is_test(path: str) -> bool:
    """Whether a Python file is test code, by its path."""
    return _TEST.fullmatch(path) is not None


def looks_live(literal: str) -> bool:
    """Whether a literal could be a credential rather than a word, a name or a placeholder."""
    if not 8 <= len(literal) <= 512 or any(char.isspace() for char in literal):
        return False
    if _CONSTANT_NAME.fullmatch(literal) or _PLACEHOLDER.search(literal) or "/" in literal[:8]:
        return False
    has_digit = any(char.isdigit() for char in literal)
    return has_digit and any(char.isalpha() for char in literal) and len(set(literal)) >= 6
