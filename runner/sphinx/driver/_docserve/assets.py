"""Copies of static files in the output directory."""

from __future__ import annotations

import os
from typing import Any

from . import compat
from .journal import failure


class Assets:
    """Copies static files of theme, extensions and project.

    Pages hold checksums of style sheets and scripts as they are when they have
    just been copied (7.1 and later). Handlers of build-finished may change
    files after that: furo writes another pygments.css. So it is remembered what
    was copied; a file that is copied anew as it was gets back what such a
    handler has made of it.
    """

    def __init__(self, session: Any) -> None:
        self.session = session
        self.app, self.builder = session.app, session.builder
        self.copied: dict[str, str] = {}  # path below the output directory → digest, just after it was copied
        self._checksums = compat.Checksums()

    def copy(self, removed: list[str]) -> dict[str, Any]:
        """Copy everything; copies of removed files go first: a theme may have a file of that name too.

        The answer says whether pages refer to a file that differs.
        """
        session = self.session
        session.journal.take()
        linked = {path: self.copied.get(path) for path in self._linked()}
        treated = self._treated()
        self._remove_copies(removed)
        if not session.pages.prepared():
            session.pages.prepare()
        error = None
        try:
            self.builder.copy_static_files()
            self.builder.copy_extra_files()
        except Exception as exc:
            error = failure(exc, session.roots())
        before, self.copied = self.copied, self._static()
        self._checksums.keep(os.fspath(self.builder.outdir), self._linked())
        for path, content in treated.items():
            if self.copied.get(path) == before.get(path):
                with open(os.path.join(os.fspath(self.builder.outdir), path), 'wb') as file:
                    file.write(content)
        differs = any(self.copied.get(path) != digest for path, digest in linked.items())
        result: dict[str, Any] = {'linked': self._checksums.used and differs, 'diagnostics': session.journal.take()}
        if error is not None:
            result['error'] = error
        return result

    def _linked(self) -> set[str]:
        pages = self.session.pages
        return {each for each in pages.linked | pages.on_every_page() if '://' not in each}

    def _static(self) -> dict[str, str]:
        outdir, digests = os.fspath(self.builder.outdir), self.session.digests
        found = {}
        for directory, _, names in os.walk(os.path.join(outdir, '_static')):
            for name in names:
                path = os.path.join(directory, name)
                found[os.path.relpath(path, outdir).replace(os.sep, '/')] = digests.of(path)
        return found

    def _treated(self) -> dict[str, bytes]:
        """Files that are not as they were copied, with what they are."""
        outdir = os.fspath(self.builder.outdir)
        found = {}
        for path, digest in self._static().items():
            if self.copied.get(path, digest) != digest:
                with open(os.path.join(outdir, path), 'rb') as file:
                    found[path] = file.read()
        return found

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
