"""Where a blob or tag object lives that no commit, file or index at hand accounts for."""

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cached_property

from scanner.errors import GitError
from scanner.gitio import Ref, Repository
from scanner.model import Origin, Where


class Elsewhere:
    """Looks in tags, in refs that name trees or blobs, and in other worktrees' indexes; on request
    also among what nothing names.

    Every question is put to git once, for all blobs together, and only about blobs with a secret.
    """

    def __init__(
        self, repository: Repository, *, unreachable: bool, note: Callable[[str], None]
    ) -> None:
        self._repository = repository
        self._objects = repository.objects
        self._unreachable = unreachable
        self._note = note

    def origins(self, unseen: Collection[str]) -> Iterator[Origin]:
        """The places of these objects, each object in the first kind of place that has it."""
        left = set(unseen)
        if not left:
            return
        kinds = self._objects.kinds(left)
        tags = {one for one in left if kinds.get(one) == "tag"}
        steps: list[Callable[[], Iterable[Origin]]] = [
            lambda: self._tags(tags),
            lambda: self._named(left - tags),
            lambda: self._other_indexes(left - tags),
        ]
        if self._unreachable:
            steps.append(lambda: self._lost(left - tags))
            steps.append(lambda: (Origin(Where.UNREACHABLE, "", one) for one in sorted(left)))
        for step in steps:
            found = list(step())
            yield from found
            left -= {origin.blob for origin in found}
            if not left:
                return

    def _tags(self, wanted: Collection[str]) -> Iterator[Origin]:
        """Messages of tags, also of tags that only another tag holds."""
        if not wanted:
            return
        names = self._tag_names()
        holders = {tag: tag for tag in wanted if tag in names}
        if len(holders) < len(wanted):
            inner = self._objects.tag_targets(names).items()
            holders |= {tag: outermost for tag, (outermost, _) in inner if tag in wanted}
        for tag, outermost in sorted(holders.items()):
            yield Origin(Where.TAG, names[outermost], tag, ref=names[outermost])

    def _tag_names(self) -> dict[str, str]:
        """The tag objects that refs or files such as FETCH_HEAD name."""
        names = {ref.target: ref.name for ref in self._refs if ref.kind == "tag"}
        named = self._objects.named()
        kinds = self._objects.kinds(named)
        return {one: name for one, name in named.items() if kinds.get(one) == "tag"} | names

    def _named(self, wanted: Collection[str]) -> Iterator[Origin]:
        """Trees and blobs that a ref names, also through tags, or a file such as AUTO_MERGE."""
        if not wanted:
            return
        holders = self._objects.named()
        ends = self._objects.tag_targets(
            ref.target for ref in self._refs if ref.kind == "tag" and ref.peeled_kind != "commit"
        )
        for ref in self._refs:
            target = ends[ref.target][1] if ref.target in ends else ref.peeled
            if ref.peeled_kind != "commit":
                holders[target] = ref.name
        kinds = self._objects.kinds(holders)
        roots = [one for one in holders if kinds.get(one) in ("tree", "blob")]
        for held in self._objects.held(roots, wanted):
            name = holders.get(held.root, "")
            yield Origin(Where.COMMIT, held.path or name, held.blob, ref=name)

    def _other_indexes(self, wanted: Collection[str]) -> Iterator[Origin]:
        if not wanted:
            return
        try:
            for name, entry in self._objects.other_indexes(self._repository.object_format):
                if entry.blob in wanted:
                    yield Origin(Where.INDEX, entry.path, entry.blob, ref=name)
        except GitError as error:
            self._note(f"the index of another worktree was not read: {error.message}")

    def _lost(self, wanted: Collection[str]) -> Iterator[Origin]:
        """Blobs in trees that nothing holds, such as `git write-tree` leaves behind."""
        if not wanted:
            return
        for held in self._objects.held(self._objects.dangling_trees(), wanted):
            yield Origin(Where.UNREACHABLE, held.path, held.blob)

    @cached_property
    def _refs(self) -> tuple[Ref, ...]:
        return self._repository.refs()
