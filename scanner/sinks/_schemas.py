"""The JSON Schemas (2020-12) of the JSON formats, made from their types.

`python -m scanner.sinks._schemas` writes them to `schemas/`; a test holds the files current.
"""

from pathlib import Path

import msgspec

from scanner.sinks import _attribute_lines_wire as lines_wire
from scanner.sinks import _attribute_wire as attribute_wire
from scanner.sinks import _reach_wire as reach_wire
from scanner.sinks import _wire as wire

DIRECTORY = Path(__file__).parent / "schemas"

_TYPES = {
    "json": (wire.Report, "report", "the document of --format json"),
    "jsonl": (wire.AnyLine, "report", "the line of --format jsonl"),
    "attribute": (attribute_wire.Document, "attribute", "the document of attribute --format json"),
    "attribute-commit": (
        attribute_wire.CommitDocument,
        "attribute",
        "the document of attribute --commit --format json",
    ),
    "attribute-lines": (
        lines_wire.Lines,
        "attribute",
        "the document of attribute --lines --format json",
    ),
    "reach": (reach_wire.Matrix, "reach", "the document of reach --format json"),
}


def generate() -> dict[str, bytes]:
    """Each schema file's content, by file name."""
    return {
        f"{name}.schema.json": _schema(name, type_, kind, what)
        for name, (type_, kind, what) in _TYPES.items()
    }


def _schema(name: str, type_: object, kind: str, what: str) -> bytes:
    body = msgspec.json.schema(type_)
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:agentreach:{kind}:v1:{name}",
        "title": f"agentreach {kind}, version 1: {what}",
    }
    return msgspec.json.format(msgspec.json.encode({**head, **body}), indent=2) + b"\n"


if __name__ == "__main__":
    DIRECTORY.mkdir(exist_ok=True)
    for file_name, content in generate().items():
        (DIRECTORY / file_name).write_bytes(content)
