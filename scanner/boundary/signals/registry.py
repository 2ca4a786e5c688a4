"""Hosts that packages come from."""

import re

from scanner.boundary.view import Observation, View, setting_up
from scanner.boundary.wording import listed, shown_host
from scanner.model import PathChange
from scanner.rules.boundaries import BoundaryRule

_MAX_LINE = 4096
# In these files every address is a place that packages, or their metadata, come from: `registry=…`,
# `index-url = …`, `npmRegistryServer: …`, `<add key="…" value="https://…"/>`.
_ADDRESS = re.compile(r"(?i)[a-z][a-z+]{1,20}://[^\s\"'<>]{1,500}")
_COMMENT = ("#", ";", "//", "<!--")


def hosts(view: View, paths: tuple[PathChange, ...], rule: BoundaryRule) -> list[Observation]:
    """Hosts that the file did not name before, with those it named."""
    found: list[Observation] = []
    for path in paths:
        data = view.new(path)
        if data is None or not view.readable(path):
            continue
        before = {host for old in view.olds(path) for host in _hosts(old)}
        now = _hosts(data)
        old = listed(sorted(before)) if before else "the default"
        found.extend(
            Observation(path.path, f"packages from {old} → {host}", now[host], setting_up(path))
            for host in sorted(now.keys() - before)
        )
    return found


def _hosts(data: bytes) -> dict[str, int]:
    found: dict[str, int] = {}
    for number, raw in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        line = raw[:_MAX_LINE].strip()
        if line.startswith(_COMMENT):
            continue
        for address in _ADDRESS.findall(line):
            found.setdefault(shown_host(address), number)
    return found
