"""Writing single pages, and finding out whether a page needs to be written at all.

A page is made of what its document resolves to and what the builder knows of
its place (the context), of the toctrees that its template asks for, and of what
all pages share. The first two have a signature, which docserve keeps with the
page. A page that may have become stale is resolved first; only if the signature
differs is its template rendered.
"""

from __future__ import annotations

import contextlib
import filecmp
import os
import shutil
import sys
import time
from typing import Any, Callable, Iterator, Optional

from . import compat, extensions
from .journal import about_missing_documents, failure
from .navigation import Navigation, Shared, describe, digest

# What a check looks at.
CONTEXT, TOCTREES = 'context', 'toctrees'


class _Same(Exception):
    """The page would be what it is."""


class Pages:
    """Writes the pages of one application."""

    def __init__(self, app: Any, journal: Any, searching: Any) -> None:
        self.app, self.env, self.builder = app, app.env, app.builder
        self.journal, self.searching = journal, searching
        self.navigation = Navigation(app, journal)
        self.shared = Shared(app)
        self.stage = ''
        self.linked: set[str] = set()  # style sheets and scripts that pages refer to
        self._scripts = self._asset_lists()
        self._first = [list(kept) for _, kept in self._scripts]
        self._resolve = compat.resolve_keywords(app, app.env)
        path_name = compat.output_path_method(app.builder)
        self._real_path: Callable[..., Any] = getattr(app.builder, path_name)
        setattr(app.builder, path_name, self._staged_path)
        self._handle = app.builder.handle_page
        app.builder.handle_page = self._handling
        app.connect('html-page-context', self._note_links, priority=999)
        self._page = ''  # the document whose page is being written
        self._known = ''  # the signature of its context that would make writing it useless
        self._context = ''  # and the one that it has

    # -- what all pages share

    def prepared(self) -> bool:
        """Whether pages can be written."""
        return hasattr(self.builder, 'globalcontext')

    def prepare(self) -> None:
        """Recompute what all pages share: relations, indices, style sheets and scripts."""
        compat.set_phase(self.app, self.builder, compat.RESOLVING)
        for owner, kept in self._scripts:
            owner[:] = kept
        compat.forget_checksums()
        self.forget_navigation()
        self.searching.prepare(lambda: self.builder.prepare_writing(set()))

    def _asset_lists(self) -> list[tuple[list, list]]:
        lists = [self.app.registry.js_files, self.app.registry.css_files]
        for name in ('_js_files', '_css_files', 'script_files', 'css_files'):
            value = getattr(self.builder, name, None)
            if isinstance(value, list) and not any(value is each for each in lists):
                lists.append(value)  # 7.2 to 8.x know one list by two names
        return [(each, list(each)) for each in lists]

    @contextlib.contextmanager
    def updating(self) -> Iterator[None]:
        """Around env-updated: what is added to all pages there is added once, however often it is emitted."""
        before = [list(owner) for owner, _ in self._scripts]
        for (owner, _), first in zip(self._scripts, self._first):
            owner[:] = first
        try:
            yield
        finally:
            for (owner, kept), was in zip(self._scripts, before):
                kept[:] = owner
                owner.extend(each for each in was if each not in kept)

    def on_every_page(self) -> set[str]:
        """Style sheets and scripts that the builder adds to every page."""
        return {str(getattr(each, 'filename', None) or each) for owner, _ in self._scripts[2:] for each in owner}

    def forget_templates(self) -> None:
        """Drop compiled templates: a new one may stand before the one that a name meant."""
        cache = getattr(getattr(self.builder.templates, 'environment', None), 'cache', None)
        if cache is not None:
            cache.clear()

    def forget_navigation(self) -> None:
        """Drop what themes remember of navigation for the life of a process."""
        self.navigation.drawings.forget()
        self.app._pst_sidebar_toctree_cache = {}  # pydata-sphinx-theme 0.24
        furo = sys.modules.get('furo.navigation')
        clear = getattr(getattr(furo, 'get_navigation_tree', None), 'cache_clear', None)
        if clear is not None:
            clear()

    # -- one page

    def path(self, page: str) -> str:
        """Path of a page's file below the output directory, with slashes."""
        path = os.fspath(self._real_path(page))
        return os.path.relpath(path, os.fspath(self.builder.outdir)).replace(os.sep, '/')

    def _staged_path(self, page: str, *rest: Any) -> Any:
        real = self._real_path(page, *rest)
        if not self.stage:
            return real
        relative = os.path.relpath(os.fspath(real), os.fspath(self.builder.outdir))
        return type(real)(os.path.join(self.stage, relative))

    def write(self, docname: str, stage: str, roots: list[str], check: list[str], known: Optional[dict[str, Any]]) -> dict[str, Any]:
        """Write one page into the staging directory; not if a check finds it to be what it is."""
        started = time.time_ns()
        self.journal.take()
        if not self.prepared():
            self.prepare()
        self.builder.images.clear()
        self.stage = stage
        result: dict[str, Any] = {'doc': docname, 'file': compat.output_path(self.builder, docname)}
        try:
            result['same'] = self._write(docname, check, known or {})
            result['signature'] = {'context': self._context, 'toctrees': dict(self.navigation.used)}
            result['resolved'] = CONTEXT in check or not result['same']
        except (Exception, SystemExit, RecursionError) as exc:
            result['error'] = failure(exc, roots, os.fspath(self.env.doc2path(docname)))
        finally:
            self.stage = ''
        result['images'], result['downloads'] = self._images(), self._downloads(docname)
        result['diagnostics'] = [each for each in self.journal.take() if not about_missing_documents(each)]
        result['seconds'] = (time.time_ns() - started) / 1e9
        return result

    def _write(self, docname: str, check: list[str], known: dict[str, Any]) -> bool:
        """Write a page, unless all that is to be checked is what it was, which is then the answer."""
        toctrees = known.get('toctrees') or {}
        if not check or not known:
            return self._render(docname, '')
        if TOCTREES in check:
            compat.set_phase(self.app, self.builder, compat.WRITING)
            now = self.navigation.again(docname, toctrees)
            self.journal.take()  # the page itself will say it again
            if now != toctrees:
                return self._render(docname, '')
        context = known.get('context', '')
        if CONTEXT in check and not self._render(docname, context):
            return False
        self._context, self.navigation.used = context, toctrees
        return True

    def _render(self, docname: str, known: str) -> bool:
        """Resolve a document and render its page; says whether it stopped since the context is the known one."""
        builder = self.builder
        self._page, self._known, self.navigation.used = docname, known, {}
        compat.set_phase(self.app, builder, compat.RESOLVING)
        extensions.renew(self.env, docname)
        try:
            doctree = self.env.get_and_resolve_doctree(docname, builder, **self._resolve)
            getattr(self.env, '_pickled_doctree_cache', {}).pop(docname, None)
            compat.set_phase(self.app, builder, compat.WRITING)
            waiting = self.searching.waiting(docname)
            builder.write_doc_serialized(docname, doctree)
            try:
                builder.write_doc(docname, doctree)
            except _Same:
                if self.searching.signatures.get(docname) == known:
                    self.searching.wait_again(docname, waiting)
                self.searching.signatures[docname] = known
                return True
            self.searching.signatures[docname] = self._context
            return False
        finally:
            self._page = ''

    def _handling(self, pagename: str, context: dict[str, Any], *args: Any, **keywords: Any) -> None:
        if pagename == self._page:
            # A document without metadata has None or {}, as somebody has looked at it or not.
            # Scripts for equations come later, and also if only pages below this one have some.
            equations = self.env.get_domain('math').has_equations(pagename)
            self._context = digest(describe({**context, 'meta': context.get('meta') or None, ' equations': equations}))
            if self._known and self._known == self._context:
                self._copy_source(pagename, context.get('sourcename'))
                raise _Same
        self._handle(pagename, context, *args, **keywords)

    def _copy_source(self, docname: str, name: Optional[str]) -> None:
        """Bring the copy of a document's source up to date, as the writing of its page would."""
        if not self.builder.copysource or not name:
            return
        copy = os.path.join(os.fspath(self.builder.outdir), '_sources', *name.split('/'))
        os.makedirs(os.path.dirname(copy), exist_ok=True)
        source = os.fspath(self.env.doc2path(docname))
        if not os.path.exists(copy) or not filecmp.cmp(source, copy, shallow=False):
            shutil.copyfile(source, copy)

    def _note_links(self, app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
        for name in ('css_files', 'script_files'):
            for each in context.get(name) or ():
                self.linked.add(str(getattr(each, 'filename', None) or each))

    def _images(self) -> list[list[str]]:
        srcdir = os.fspath(self.app.srcdir)
        directory = getattr(self.builder, 'imagedir', '_images')
        return [[os.path.join(srcdir, os.fspath(src)), f'{directory}/{dest}'] for src, dest in self.builder.images.items()]

    def _downloads(self, docname: str) -> list[list[str]]:
        srcdir = os.fspath(self.app.srcdir)
        return [
            [os.path.join(srcdir, os.fspath(src)), f'_downloads/{dest}']
            for src, (docs, dest) in self.env.dlfiles.items() if docname in docs
        ]
