"""Copies of static files in the output directory."""

from __future__ import annotations

import contextlib
import os
from typing import Any, Iterator

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
        self._early: set[str] = set()  # others that were there before pages were made
        self._late: set[str] = set()  # those that were not: handlers of build-finished have written them
        self._checksums = compat.Checksums()

    def dump(self) -> tuple[dict[str, str], set[str]]:
        """What a later session needs."""
        return self.copied, self._early

    def adopt(self, dumped: tuple[dict[str, str], set[str]]) -> None:
        """Take over what an earlier session has copied."""
        self.copied, self._early = dumped
        self._checksums.keep('', set(), set(self.copied) | self._early)

    @contextlib.contextmanager
    def watching(self, wanted: bool) -> Iterator[None]:
        """Around env-updated: what handlers copy there, pages find."""
        before = self._changed() if wanted else {}
        yield
        if wanted:
            self._early |= {path for path, changed in self._changed().items() if before.get(path) != changed}
            self._checksums.add(self._early)

    def _changed(self) -> dict[str, int]:
        outdir = os.fspath(self.builder.outdir)
        found = {}
        for directory, _, names in os.walk(os.path.join(outdir, '_static')):
            for name in names:
                path = os.path.join(directory, name)
                found[os.path.relpath(path, outdir).replace(os.sep, '/')] = _written(path)
        return found

    def copy(self, removed: list[str]) -> dict[str, Any]:
        """Copy everything; copies of removed files go first: a theme may have a file of that name too.

        The answer says whether pages refer to a file that differs.
        """
        session = self.session
        session.journal.take()
        linked = {path: self.copied.get(path) for path in self._linked()}
        treated = self._treated()
        aside = self._put_aside()
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
        self._checksums.keep(os.fspath(self.builder.outdir), self._linked(), set(self.copied) | self._early)
        self._late = set(aside) - set(self.copied)
        for path in self._late:
            with open(os.path.join(os.fspath(self.builder.outdir), path), 'wb') as file:
                file.write(aside[path])
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

    def _put_aside(self) -> dict[str, bytes]:
        """Take away style sheets and scripts that nobody has copied since the project was opened.

        Those that do not come back by copying, a handler of build-finished has
        written. In a clean build they are not there when pages are made.
        """
        outdir = os.fspath(self.builder.outdir)
        aside = {}
        for path in self._static():
            target = os.path.join(outdir, path)
            if path in self.copied or path in self._early or not path.endswith(('.css', '.js')):
                continue
            if path not in self._late and _written(target) >= self.session.opening:
                self._early.add(path)  # when the application was made
                continue
            with open(target, 'rb') as file:
                aside[path] = file.read()
            os.unlink(target)
        return aside

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


def _written(path: str) -> int:
    """When a file was written or put where it is; 0 if it is gone."""
    try:
        stat = os.stat(path)
    except OSError:
        return 0
    return max(stat.st_mtime_ns, stat.st_ctime_ns)
