"""What somebody who wants settings written accepts with them."""

import msgspec

from scanner.reach.fixes.control import Level


class Wishes(msgspec.Struct, frozen=True):
    """What somebody is willing to pay for."""

    source: bool = False
    """Deny files that an agent works on as well."""
    sandbox: bool = False
    """Switch a sandbox on where that closes the shell."""
    tools: bool = False
    """Take whole tools away."""
    unsure: bool = False
    """Also settings of which it is not known whether they count."""

    def pays(self, level: Level) -> bool:
        """Whether a control's price is accepted."""
        return {Level.PATHS: True, Level.SANDBOX: self.sandbox, Level.TOOLS: self.tools}[level]
