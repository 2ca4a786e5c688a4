"""The names that detect-secrets itself would give to what stands in a line.

Its baseline knows a secret by plugin and SHA-1, and what its plugins cut out of a line is not
always the secret (of a GitHub token only `ghp`). So for a baseline that its own hook is to accept,
its own plugins are asked. Called by the locating function only, since a line with a secret goes in.
"""

import logging
import threading
from typing import Any, Final

from scanner.suppress import LegacyHandle, legacy_handle

OWN_TYPE: Final = "Secret Keyword"
"""For the whole secret, when no plugin of detect-secrets has a name for it."""
_LONGEST_LINE: Final = 4_000


class LineHandles:
    """Asks the plugins of the installed detect-secrets. Shared by threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._plugins: tuple[Any, ...] | None = None

    def __call__(self, secret: bytes, line: bytes) -> frozenset[LegacyHandle]:
        """What the plugins see in the line. Where none of them has the secret itself, the line is
        tried with it in quotes, as detect-secrets does for YAML and INI files; and if that does not
        help either, the secret gets a handle all the same, for our own reading of the file."""
        own = legacy_handle(secret)
        if len(line) > _LONGEST_LINE:
            return frozenset((LegacyHandle(OWN_TYPE, own),))
        handles = self._seen(line)
        if all(handle.sha1 != own for handle in handles):
            handles |= self._seen(line.replace(secret, b'"' + secret + b'"'))
        if all(handle.sha1 != own for handle in handles):
            handles.add(LegacyHandle(OWN_TYPE, own))
        return frozenset(handles)

    def _seen(self, line: bytes) -> set[LegacyHandle]:
        text = line.decode("utf-8", "replace")
        with self._lock:
            if self._plugins is None:
                self._plugins = _load()
            return {
                LegacyHandle(found.type, found.secret_hash)
                for plugin in self._plugins
                for found in plugin.analyze_line(filename="", line=text) or ()
            }


def _load() -> tuple[Any, ...]:
    """Every plugin with its default limits; analyzing a line verifies nothing over the network."""
    logging.getLogger("detect_secrets").disabled = True
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class

    classes: dict[str, Any] = get_mapping_from_secret_type_to_class()
    return tuple(classes[name]() for name in sorted(classes))
