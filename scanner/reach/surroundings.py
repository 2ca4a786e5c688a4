"""What lies around the repository and decides too, as far as the caller let us see it."""

import msgspec

from scanner.reach.tree import Tree


class GivenSettings(msgspec.Struct, frozen=True):
    """A settings file that the caller named for one agent."""

    agent: str
    path: str
    """As the caller wrote it; for sources and messages."""
    text: str


class Surroundings(msgspec.Struct, frozen=True):
    """Nothing here is read unless the caller names it: a user's settings are their own."""

    home: Tree | None = None
    """The user's home directory: of it only the files that agents read are opened."""
    given: tuple[GivenSettings, ...] = ()

    def settings_of(self, agent: str) -> tuple[GivenSettings, ...]:
        """The settings files that were named for an agent, in the caller's order."""
        return tuple(entry for entry in self.given if entry.agent == agent)


NOTHING = Surroundings()
