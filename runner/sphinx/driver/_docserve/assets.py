"""Copies of static files in the output directory."""

from __future__ import annotations

import contextlib
import os
import tempfile
from typing import Any, Iterator

from . import compat
from .journal import failure

# What files are called that say that a process is at it; its number follows.
MARK = 'copying-'


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
        self.app, self.env, self.builder = session.app, session.env, session.builder
        self.copied: dict[str, str] = {}  # path below the output directory → digest, just after it was copied
        self._early: set[str] = set()  # others that were there before pages were made
        self._late: set[str] = set()  # those that were not: handlers of build-finished have written them
        self._checksums = compat.Checksums()
        self._produced: set[str] = set()  # what copying has made
        self._shaped = ''  # the signature of the settings with which it was made
        self._looked = False

    @contextlib.contextmanager
    def watching(self, wanted: bool) -> Iterator[None]:
        """Around env-updated: what handlers copy there, pages find."""
        before = self._changed() if wanted else {}
        yield
        if wanted:
            self._early |= {path for path, changed in self._changed().items() if before.get(path) != changed}
            self._checksums.add(self._early)

    def _changed(self) -> dict[str, int]:
        return {path: _written(file) for path, file in self._files()}

    def _files(self) -> Iterator[tuple[str, str]]:
        """The files below _static: path below the output directory, and the whole path."""
        outdir = os.fspath(self.builder.outdir)
        for directory, _, names in os.walk(os.path.join(outdir, '_static')):
            for name in names:
                file = os.path.join(directory, name)
                yield os.path.relpath(file, outdir).replace(os.sep, '/'), file

    def copy(self, removed: list[str]) -> dict[str, Any]:
        """Copy everything; copies of removed files go first: a theme may have a file of that name too.

        The answer says whether pages refer to a file that differs.
        """
        interrupted = self._interrupted()
        with self.writing():
            return self._copy(removed, {} if interrupted else self._treated())

    def _copy(self, removed: list[str], treated: dict[str, bytes]) -> dict[str, Any]:
        session = self.session
        session.journal.take()
        self._remove_stale()
        linked = {path: self.copied.get(path) for path in self._linked()}
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
        self._produced = self._produced or set(self.copied)
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

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Around what writes below _static: a process that is killed there, or fails, leaves a mark, and maybe half a file."""
        state = self.session.opened.get('state', '')
        mark = os.path.join(state, f'{MARK}{os.getpid()}')
        if state:
            open(mark, 'wb').close()
        yield
        if state:
            _remove(mark)

    def _interrupted(self) -> bool:
        """Whether a process was killed while it wrote below _static, since the last call."""
        state = self.session.opened.get('state', '')
        marks = [name for name in os.listdir(state) if name.startswith(MARK)] if state else []
        for name in marks:
            _remove(os.path.join(state, name))
        return bool(marks)

    # -- persistence

    def dump(self) -> dict[str, Any]:
        """What a later session needs."""
        return {'copied': self.copied, 'early': self._early, 'checksums': self._checksums.kept, 'produced': (self.session.signature, self._produced)}

    def adopt(self, dumped: dict[str, Any]) -> None:
        """Take over what dump has returned: pages may be written before files are copied."""
        self.copied, self._early = dumped['copied'], dumped['early']
        self._checksums.keep('', set(), set(self.copied) | self._early)
        self._checksums.kept = dumped['checksums']

    def remember(self, dumped: dict[str, Any]) -> None:
        """Remember what an earlier session has copied, whatever became of its environment."""
        self._shaped, self._produced = dumped['produced']

    def _linked(self) -> set[str]:
        pages = self.session.pages
        return {each for each in pages.linked | pages.on_every_page() if '://' not in each}

    def _static(self) -> dict[str, str]:
        return {path: self.session.digests.of(file) for path, file in self._files()}

    def _remove_stale(self) -> None:
        """Once in a session: remove what was copied with other settings and would not be any more.

        To find out what that is, everything is copied to an empty directory.
        """
        outdir = os.fspath(self.builder.outdir)
        if self._looked or self._shaped == self.session.signature or not os.path.isdir(os.path.join(outdir, '_static')):
            return
        self._looked = True
        directories = [os.fspath(self.app.outdir), os.fspath(self.app.doctreedir)]
        with tempfile.TemporaryDirectory() as scratch:
            compat.set_directories(self.app, self.env, self.builder, scratch, directories[1])
            try:
                if not self.session.pages.prepared():
                    self.session.pages.prepare()
                self.builder.copy_static_files()
            except Exception:  # the copying itself will say what is wrong
                return
            finally:
                compat.set_directories(self.app, self.env, self.builder, *directories)
                self.session.journal.take()
            produced = {
                os.path.relpath(os.path.join(directory, name), scratch)
                for directory, _, names in os.walk(scratch) for name in names
            }
        for path in self._produced - produced:
            _remove(os.path.join(outdir, path))
        self._produced = produced

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
                _remove(copy)


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass


def _written(path: str) -> int:
    """When a file was written or put where it is; 0 if it is gone."""
    try:
        stat = os.stat(path)
    except OSError:
        return 0
    return max(stat.st_mtime_ns, stat.st_ctime_ns)
