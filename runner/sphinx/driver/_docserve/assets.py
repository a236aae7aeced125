"""Copies of static files in the output directory."""

from __future__ import annotations

import os
from typing import Any

from . import compat
from .journal import failure


class Assets:
    """Copies static files of theme, extensions and project."""

    def __init__(self, session: Any) -> None:
        self.session = session
        self.app, self.builder = session.app, session.builder

    def copy(self, removed: list[str]) -> dict[str, Any]:
        """Copy everything; copies of removed files go first: a theme may have a file of that name too.

        The answer says whether pages refer to a file that differs: from Sphinx
        7.1 on, they hold its checksum.
        """
        session = self.session
        session.journal.take()
        before = self._checksums()
        self._remove_copies(removed)
        compat.forget_checksums()
        if not session.pages.prepared():
            session.pages.prepare()
        error = None
        try:
            self.builder.copy_static_files()
            self.builder.copy_extra_files()
        except Exception as exc:
            error = failure(exc, session.roots())
        result: dict[str, Any] = {'linked': before != self._checksums(), 'diagnostics': session.journal.take()}
        if error is not None:
            result['error'] = error
        return result

    def _checksums(self) -> dict[str, str]:
        if not compat.has_checksums():
            return {}
        outdir, digests = os.fspath(self.builder.outdir), self.session.digests
        linked = self.session.pages.linked | self.session.pages.on_every_page()
        return {each: digests.of(os.path.join(outdir, each)) for each in linked if '://' not in each}

    def _remove_copies(self, removed: list[str]) -> None:
        config, confdir = self.app.config, os.fspath(self.app.confdir)
        outdir = os.fspath(self.builder.outdir)
        places = [(entry, os.path.join(outdir, '_static')) for entry in config.html_static_path]
        places += [(entry, outdir) for entry in config.html_extra_path]
        for entry, target in places:
            source = os.path.join(confdir, os.fspath(entry))
            for path in removed:
                if not path.startswith(source.rstrip(os.sep) + os.sep):
                    continue
                copy = os.path.join(target, os.path.relpath(path, source))
                for suffix in ('_t', '.jinja'):  # templates lose their suffix
                    if copy.endswith(suffix):
                        copy = copy[:len(copy) - len(suffix)]
                        break
                try:
                    os.unlink(copy)
                except OSError:
                    pass
