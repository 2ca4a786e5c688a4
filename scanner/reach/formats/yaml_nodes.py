"""YAML in the terms of the JSON reader: values with their lines, bounded in size and depth."""

from scanner.reach.formats import jsonc

LARGEST = 262_144
DEEPEST = 30
MOST_NODES = 20_000
_TRUE = frozenset({"true", "yes", "on"})


class _TooMuchError(Exception):
    """Nested too deeply, or grown by aliases."""


def parse(text: str, first_line: int = 1) -> jsonc.Document:
    """Parse one document; an empty one has no root. Never raises.

    `first_line`: the number of the text's first line in its file. Plain words mean what they mean
    in YAML 1.1, where `yes` and `on` are true.
    """
    import yaml

    if len(text) > LARGEST:
        return jsonc.Document(None, False, "it is too large", first_line)
    try:
        root = yaml.compose(text.removeprefix("\ufeff"), Loader=yaml.SafeLoader)
        if root is None:
            return jsonc.Document(None, True)
        return jsonc.Document(_Converter(first_line).node(root, 0), True)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + first_line if mark is not None else first_line
        return jsonc.Document(None, False, "it is no valid YAML", line)
    except (_TooMuchError, RecursionError, ValueError):
        return jsonc.Document(None, False, "it is nested too deeply or too large", first_line)


class _Converter:
    """Counts what it makes, as aliases let a short text grow without limit."""

    def __init__(self, first_line: int) -> None:
        self._first = first_line
        self._made = 0

    def node(self, node: object, depth: int) -> jsonc.Node:
        import yaml

        self._made += 1
        if depth > DEEPEST or self._made > MOST_NODES:
            raise _TooMuchError
        if not isinstance(node, yaml.Node):
            return jsonc.Scalar(self._first, None)
        line = node.start_mark.line + self._first
        if isinstance(node, yaml.MappingNode):
            members = {
                str(key.value): self.node(value, depth + 1)
                for key, value in node.value
                if isinstance(key, yaml.ScalarNode)
            }
            return jsonc.Object(line, members)
        if isinstance(node, yaml.SequenceNode):
            return jsonc.Array(line, tuple(self.node(item, depth + 1) for item in node.value))
        return jsonc.Scalar(line, _plain(node.tag, str(node.value)))


def _plain(tag: str, text: str) -> jsonc.Plain:
    kind = tag.rpartition(":")[2]
    if kind == "bool":
        return text.lower() in _TRUE
    if kind == "null":
        return None
    if kind == "int" and text.lstrip("-").isdigit() and len(text) < 18:
        return int(text)
    return text
