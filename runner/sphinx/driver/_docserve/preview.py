"""Provisional pages, from a process of their own that has read next to nothing.

While the worker reads the whole site, this process answers for the page that
somebody looks at. Its environment is never the truth: it is thrown away when
the worker is there, and so are its warnings, most of which are about documents
that were not read yet.
"""

from __future__ import annotations

import os
import shutil
from typing import Any

from sphinx.environment import CONFIG_OK

from . import compat
from .session import Session


class Preview:
    """Writes single pages from a mostly empty environment."""

    def __init__(self, session: Session, directory: str, static: str) -> None:
        self.session = session
        self._read: dict[str, str] = {}
        self._deps: dict[str, list[list[str]]] = {}
        self._static = static
        self._output = os.path.join(directory, 'html')
        doctrees = os.path.join(directory, 'doctrees')
        os.makedirs(self._output, exist_ok=True)
        os.makedirs(doctrees, exist_ok=True)
        compat.set_directories(session.app, session.env, session.builder, self._output, doctrees)
        session.searching.quiet = True

    def page(self, docname: str) -> dict[str, Any]:
        """Read what the page needs, and write it; its file and images are in the answer."""
        session = self.session
        self._link_static()
        if not session.env.found_docs:
            session.discover()
        root = session.app.config.root_doc
        wanted = [root] if root in session.env.found_docs and root not in self._read else []
        if self._stale(docname):
            wanted.append(docname)
        for each in dict.fromkeys(wanted):
            result = session.read(each)[-1]
            if 'error' in result:
                return {'error': result['error'], 'digest': result['digest']}
            self._read[each] = result['digest']
            self._deps[each] = result['deps']
        env = session.env
        env.config_status = CONFIG_OK
        compat.forget_doctrees(env)
        session.pages.prepare()
        result = session.write(docname, self._output, [], None)
        for source, target in [*result['images'], *result['downloads']]:
            self._copy(source, os.path.join(self._output, target))
        result['diagnostics'] = []
        result['digest'] = self._read.get(docname, '')
        result['deps'] = self._deps.get(docname, [])
        return result

    def _stale(self, docname: str) -> bool:
        source = os.fspath(self.session.env.doc2path(docname))
        # What an include holds may have changed as well: reading again is cheap and certain.
        return self._read.get(docname) != self.session.digests.of(source) or bool(self.session.env.dependencies.get(docname))

    def _link_static(self) -> None:
        """Make the checksums of style sheets those of the real files."""
        link = os.path.join(self._output, '_static')
        if os.path.lexists(link) or not os.path.isdir(self._static):
            return
        try:
            os.symlink(self._static, link, target_is_directory=True)
        except OSError:
            shutil.copytree(self._static, link, dirs_exist_ok=True)

    @staticmethod
    def _copy(source: str, target: str) -> None:
        try:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copyfile(source, target)
        except OSError:
            pass  # the worker's own reading reports a missing image
