"""Files whose name says that they hold credentials, and whose content does not contradict it."""

import re

from scanner.boundary.view import Observation, View
from scanner.model import PathChange
from scanner.rules.boundaries import BoundaryRule

_ASSIGNMENT = re.compile(rb"(?m)^[ \t]*(?:export[ \t]+)?[A-Za-z_]\w*[ \t]*=[ \t]*[\"']?[^\s\"'#]")
_TEXT_KEYS = (".pem", ".key")


def content(view: View, paths: tuple[PathChange, ...], rule: BoundaryRule) -> list[Observation]:
    """Every added or edited file that holds a value; which value is never said."""
    found: list[Observation] = []
    for path in paths:
        data = view.new(path)
        if data is None:
            continue
        name = path.path.rsplit("/", 1)[-1]
        if name.endswith(_TEXT_KEYS):
            if b"PRIVATE KEY" in data:
                found.append(Observation(path.path, "holds a private key"))
        elif name.startswith(".env") or name.endswith(".tfvars"):
            values = len(_ASSIGNMENT.findall(data))
            if values:
                noun = "value" if values == 1 else "values"
                found.append(Observation(path.path, f"sets {values} {noun}"))
        elif data:
            found.append(Observation(path.path, f"{len(data)} bytes"))
    return found
