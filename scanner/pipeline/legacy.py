"""What baselines of other tools have to do with the secrets of one scan.

Those tools name a secret by its bare SHA-1, so the secret itself is needed to ask them: only the
locating function does. What is kept here leaves by no other way than into a baseline.
"""

import hashlib
import threading
from collections.abc import Collection, Mapping

from scanner.detectors.detect_secrets_handles import LineHandles
from scanner.pipeline.provenance import SecretKey
from scanner.suppress import LegacyHandle, legacy_handle


class Legacy:
    """Shared by threads."""

    def __init__(self, accepted: Mapping[str, frozenset[str]], *, naming: bool = False) -> None:
        """`accepted` is `Baseline.legacy`. With `naming`, what detect-secrets calls each secret is
        found out as well, which takes its plugins some time."""
        self._handles_accepted = accepted
        self._line_handles = LineHandles() if naming else None
        self._lock = threading.Lock()
        self._lines: set[bytes] = set()
        self._accepted: dict[SecretKey, frozenset[str]] = {}
        self._handles: dict[SecretKey, set[LegacyHandle]] = {}

    def __repr__(self) -> str:
        return "<Legacy>"

    @property
    def is_naming(self) -> bool:
        """Whether `handles` is filled."""
        return self._line_handles is not None

    @property
    def accepted(self) -> Mapping[SecretKey, Collection[str]]:
        """The paths in which a secret is accepted; complete after the scan."""
        return self._accepted

    @property
    def handles(self) -> Mapping[SecretKey, Collection[LegacyHandle]]:
        """What detect-secrets calls each secret; complete after the scan."""
        return self._handles

    def see(self, key: SecretKey, secret: bytes, line: bytes) -> None:
        """Take note of a secret. `line` is the whole line it begins in, with it; empty where it is
        wrapped in something that those tools do not look into."""
        if self._handles_accepted:
            paths = self._handles_accepted.get(legacy_handle(secret))
            if paths is not None:
                with self._lock:
                    self._accepted[key] = self._accepted.get(key, frozenset()) | paths
        if self._line_handles is None:
            return
        # Thousands of versions of one file show the same line.
        seen = hashlib.blake2b("\0".join(key).encode() + b"\0" + line, digest_size=16).digest()
        with self._lock:
            known = seen in self._lines
            self._lines.add(seen)
        if known:
            return
        handles = self._line_handles(secret, line)
        with self._lock:
            self._handles.setdefault(key, set()).update(handles)
