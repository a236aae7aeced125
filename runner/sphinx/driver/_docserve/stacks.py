"""Where Python's stacks go when docserve asks for them, and when the process crashes.

The handler is C and needs no interpreter that runs: it answers while an
extension sits in a loop of C. The stacks have a file of their own, because what
a process prints may be megabytes of anything.
"""

from __future__ import annotations

import faulthandler
import os
import signal
from typing import BinaryIO, Optional


class Stacks:
    """The file of this process, in a directory that docserve reads."""

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self._file: Optional[BinaryIO] = None

    def begin(self, ident: str) -> None:
        """Answer under this name from now on; a fork calls this too."""
        before, self._file = self._file, open(os.path.join(self.directory, ident + '.stacks'), 'ab', buffering=0)
        faulthandler.enable(self._file)
        if hasattr(signal, 'SIGUSR1'):
            faulthandler.register(signal.SIGUSR1, self._file, all_threads=True)
        if before is not None:
            before.close()
