"""A rule for the tests of rules."""

import msgspec

from scanner.rules.secrets import SecretRule


def sample_rule(**changes: object) -> SecretRule:
    """A rule without a fault, but for what `changes` puts in its fields."""
    base = SecretRule(
        id="sample-token",
        name="Sample",
        pattern="smpl_[A-Za-z0-9]{24}",
        references=("https://docs.provider.dev/tokens",),
        examples=("TOKEN=smpl_{alnum:24}",),
        counter_examples=("smpl_{alnum:8}", "smpl_here", "smpl_{alnum:40}"),
        rotate="Delete it.",
    )
    return msgspec.structs.replace(base, **changes)
