"""What the one pass over all bytes notices beside the rules, and how that is named in caches."""

from collections.abc import Sequence

import msgspec

from scanner.detectors.trigger import Trigger
from scanner.rules.secrets import SecretRule


class Noticing(msgspec.Struct, frozen=True):
    """What to look for. Immutable and cheap; the triggers themselves are made when needed."""

    encodings: bool = False
    archives: bool = False
    personal: bool = False

    def key(self, digest: str) -> str:
        """Names the triggers; `digest` is that of the rule data, which they are made from."""
        if not (self.encodings or self.personal):
            return ""
        from scanner.detectors import layers

        return f"{self.encodings} {self.archives} {self.personal} {layers.FORMAT} {digest}"

    def triggers(self, rules: Sequence[SecretRule]) -> tuple[Trigger, ...]:
        """Every trigger, in a fixed order."""
        found: list[Trigger] = []
        if self.encodings:
            from scanner.detectors import layers

            found += layers.triggers(_beginnings(rules), archives=self.archives)
        if self.personal:
            from scanner.detectors import personal

            found += personal.triggers()
        return tuple(found)


def _beginnings(rules: Sequence[SecretRule]) -> list[bytes]:
    """What secrets begin with; encodings are noticed by what these look like when encoded."""
    return [b"-----BEGIN ", *(rule.public_prefix.encode() for rule in rules if rule.public_prefix)]
