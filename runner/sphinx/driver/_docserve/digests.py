"""Names of contents, as docserve computes them: the first 16 bytes of SHA-256."""

from __future__ import annotations

import hashlib
import os
import time
from stat import S_ISREG
from typing import Optional


def stamp(path: str) -> Optional[tuple[int, int]]:
    """What tells one version of a file from others, as long as it is written whole; None when there is no file."""
    try:
        stat = os.stat(path)
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns


class Digests:
    """Digests of files, remembered by size and modification time."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, int, str]] = {}

    def of(self, path: str) -> str:
        """The digest of a file's content, '' when it cannot be read."""
        try:
            stat = os.stat(path)
            if not S_ISREG(stat.st_mode):  # to open a pipe could take for ever
                return ''
            known = self._known.get(path)
            if known and known[:2] == (stat.st_size, stat.st_mtime_ns):
                return known[2]
            with open(path, 'rb') as file:
                digest = hashlib.sha256(file.read()).hexdigest()[:32]
        except OSError:
            return ''
        # A file that changed within the clock's resolution must not be remembered.
        if time.time_ns() - stat.st_mtime_ns > 50_000_000:
            self._known[path] = (stat.st_size, stat.st_mtime_ns, digest)
        return digest
