"""Kubernetes manifests that exist to keep a value out of the repository, and hold one anyway.

ExternalSecret (https://external-secrets.io/latest/api/externalsecret/) and SealedSecret
(https://github.com/bitnami-labs/sealed-secrets) build a Secret from a manager or from a sealed
text. What their template's `data` and `stringData` hold beside template expressions goes into the
Secret as it is written.
"""

from collections.abc import Iterable, Iterator

from scanner.reach.entries.entry import Carrier, Entries
from scanner.reach.entries.gathering import Gathering, Way
from scanner.reach.entries.sheet import Node, SheetError
from scanner.reach.tree import Tree

_TEMPLATES = {
    "ExternalSecret": ("spec", "target", "template"),
    "ClusterExternalSecret": ("spec", "externalSecretSpec", "target", "template"),
    "SealedSecret": ("spec", "template"),
}
_INLINE = ("data", "stringData")
_ENDINGS = (".yaml", ".yml")


def read_manifests(tree: Tree, paths: Iterable[str]) -> Entries:
    """The values written out in manifests of secrets managers among these files, by place.

    `paths`: files with findings; others need no look. A file that is no plain YAML (a chart's
    template, say) has no entries and is no problem, because nothing else is said of it either.
    """
    gathering = Gathering(tree)
    for path in sorted(set(paths)):
        if path.endswith(_ENDINGS) and "Secret" in (text := tree.plain_text(path)):
            for kind, document in _manifests(text):
                _read(gathering, path, kind, document)
    return gathering.done()


def _manifests(text: str) -> Iterator[tuple[str, Node]]:
    from scanner.reach.entries.sheet_yaml import read_all

    try:
        documents = read_all(text)
    except SheetError:
        return
    for document in documents:
        kind = document.string("kind")
        if kind in _TEMPLATES:
            yield kind, document


def _read(gathering: Gathering, path: str, kind: str, document: Node) -> None:
    basis = f"the {kind} writes it out in its template, where the manager's value belongs"
    way = Way(Carrier.MANAGER_MANIFEST, (), (), basis)
    template = document.get(*_TEMPLATES[kind])
    for place in (template, document):
        for key in _INLINE if place is not None else ():
            for name, node in place.pairs(key) if place is not None else ():
                gathering.value(path, name, node, way)
