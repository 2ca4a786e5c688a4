"""How a credential came to where an agent can read it, as far as its places tell."""

import re
from collections.abc import Iterable

from scanner.incidents.fact import known, unknown
from scanner.model import Basis, Fact, Location, Where

ENV_FILE = "env-file"
HARDCODED = "hardcoded"

# The other two routes, `environment-variable` and `secrets-manager-misconfiguration`, are known
# only where configuration that carries the value says so (`Location.route`).
_ENV_NAME = re.compile(r"(^|/)(\.env(\.[^/]*)?|\.envrc|[^/]+\.env)$")


def entry_route(places: Iterable[Location]) -> Fact:
    """`env-file` or `hardcoded` where the places are of one kind, else unknown."""
    places = tuple(places)
    routes = {_route(place) for place in places}
    if len(routes) == 1:
        route = routes.pop()
        if route is not None:
            how = "from the configuration that it stands in"
            if not any(place.route for place in places):
                how = "from the names of the files it stands in"
            return known(route, Basis.DERIVED, how)
    return unknown(
        "one of: environment-variable, env-file, hardcoded, secrets-manager-misconfiguration;"
        " ask whoever introduced it"
    )


def _route(place: Location) -> str | None:
    if place.route is not None:
        return place.route
    if place.where is Where.GIT_FILE and place.path.rpartition("/")[2] == "config":
        return HARDCODED  # a remote's address, or a header that git sends
    if place.where in (Where.MESSAGE, Where.TAG, Where.NOTE, Where.GIT_FILE, Where.STDIN):
        return None
    return ENV_FILE if _ENV_NAME.search(place.path.lower()) else HARDCODED
