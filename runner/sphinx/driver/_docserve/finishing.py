"""What a build does after its pages: indices, search, inventory, environment.

It runs in a fork, which is killed when its state is out of date, or in slices
where there is no fork. So nothing here may change the environment or the index
in a way that the worker would need later.
"""

from __future__ import annotations

import os
import pickle
import shutil
import sys
from typing import Any, Callable

from . import compat
from .digests import stamp
from .journal import failure, unwritten
from .searching import FILE as INDEX
from .session import Session

# Files that are renamed into place by docserve once everything else has succeeded.
NEW = '.docserve-new'


class Finishing:
    """The steps of ``finish``, one by one."""

    def __init__(self, session: Session, stage: str, everything: bool) -> None:
        self.session = session
        self.stage = stage
        self.everything = everything
        builder = session.builder
        self.steps: dict[str, Callable[[], None]] = {
            'environment': self._environment,
            'consistency': self._consistency,
            'indices': builder.gen_indices,
            'extensions': self._extension_pages,
            'additional': builder.gen_additional_pages,
            'search': self._search,
            'inventory': builder.dump_inventory,
            'buildinfo': builder.write_buildinfo,
            'finished': self._finished,
            'record': self._record,
        }

    def run(self, names: list[str]) -> dict[str, Any]:
        """Run the named steps, all of them when none is named."""
        session = self.session
        session.journal.take()
        session.sources.restore()
        # What an earlier step left there, since it was no news or its answer came too late, is not made now.
        shutil.rmtree(self.stage, ignore_errors=True)
        errors = []
        for name in names or list(self.steps):
            compat.set_phase(session.app, session.builder, compat.WRITING)
            session.pages.stage = self.stage
            try:
                self.steps[name]()
            except BaseException as exc:  # whatever extensions raise
                errors.append({'step': name, **failure(exc, session.roots())})
            finally:
                session.pages.stage = ''
        diagnostics = session.journal.take()
        failed = unwritten(diagnostics, self.stage)
        if failed is not None:
            errors.append({'step': names[-1] if names else '', **failed})
        if errors:
            shutil.rmtree(self.stage, ignore_errors=True)  # half a file may be there, when the disk is full
        kept = session.sources.pages() if 'extensions' in (names or self.steps) else []
        return {
            'files': self._staged(), 'kept': [session.pages.path(each) for each in kept],
            'errors': errors, 'diagnostics': diagnostics, 'steps': list(self.steps),
        }

    def _staged(self) -> list[list[str]]:
        files = []
        for directory, _, names in os.walk(self.stage):
            for name in names:
                path = os.path.join(directory, name)
                files.append([os.path.relpath(path, self.stage).replace(os.sep, '/'), path])
        return sorted(files)

    def _environment(self) -> None:
        """Pickle the environment as a clean build does, before pages change anything in it."""
        session = self.session
        session.extensions.begin()
        env = session.env
        kept = {k: v for k, v in vars(env).items() if k.startswith('_search_index_')}
        for name in kept:
            setattr(env, name, {})
        path = os.path.join(os.fspath(session.app.doctreedir), 'environment.pickle' + NEW)
        try:
            with open(path, 'wb') as file:
                pickle.dump(env, file, pickle.HIGHEST_PROTOCOL)
        finally:
            for name, value in kept.items():
                setattr(env, name, value)

    def _consistency(self) -> None:
        session = self.session
        compat.set_phase(session.app, session.builder, compat.CONSISTENCY)
        session.env.check_consistency()
        session.env.collect_relations()  # warns of toctrees that list their own document (toc.circular)

    def _extension_pages(self) -> None:
        """Write the pages of extensions; all of viewcode's when what all pages share has changed."""
        viewcode = sys.modules.get('sphinx.ext.viewcode')
        original = getattr(viewcode, 'should_generate_module_page', None)
        if self.everything and original is not None:
            viewcode.should_generate_module_page = lambda app, modname: True  # type: ignore[union-attr]
        try:
            self.session.builder.gen_pages_from_extensions()
        finally:
            if original is not None:
                viewcode.should_generate_module_page = original  # type: ignore[union-attr]

    def _search(self) -> None:
        builder = self.session.builder
        if builder.search and getattr(builder, 'indexer', None) is not None:
            self.session.searching.dump(self.session.opened.get('state', ''), NEW)
            self.session.searching.tidy()
            builder.dump_search_index()

    def _finished(self) -> None:
        self.session.extensions.finish()
        with self.session.copies.writing():
            self.session.app.events.emit('build-finished', None)

    def _record(self) -> None:
        """Write what the next session needs beside the environment and the index, and to which of them it belongs."""
        session, state = self.session, self.session.opened.get('state', '')
        environment = os.path.join(os.fspath(session.app.doctreedir), 'environment.pickle' + NEW)
        record = {'environment': stamp(environment), 'index': stamp(os.path.join(state, INDEX + NEW)), **session.record()}
        with open(os.path.join(state, 'inventory.pickle' + NEW), 'wb') as file:
            pickle.dump(record, file, pickle.HIGHEST_PROTOCOL)
