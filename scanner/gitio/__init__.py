"""Everything that is asked of git. No other package runs git or imports GitPython.

`open_repository` is the way in. A repository under scan is hostile: `scanner.gitio.view`
tells why nothing in its configuration can run.
"""

from scanner.gitio.repository import BLOB_LIMIT, Repository, open_repository
from scanner.gitio.values import BlobCounts, IndexEntry, Ref, TreeEntry

__all__ = [
    "BLOB_LIMIT",
    "BlobCounts",
    "IndexEntry",
    "Ref",
    "Repository",
    "TreeEntry",
    "open_repository",
]
