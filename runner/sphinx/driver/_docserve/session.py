"""One Sphinx application, kept warm, and the steps of a build as single operations.

``Sphinx.build()`` does everything at once and everything again. Here reading
one document, updating what depends on it, and writing one page are separate, so
that docserve decides which comes next. What Sphinx would do in between is done
by the same functions of Sphinx, in the same order.
"""

from __future__ import annotations

import os
import pickle
import time
from typing import Any, Callable, Optional

from sphinx.environment import CONFIG_OK

from . import compat, lookups, roles
from .annotations import Annotations
from .assets import Assets
from .catalogs import Catalogs
from .digests import Digests, stamp
from .extensions import Extensions
from .facts import facts, theme_settings
from .images import Images
from .including import Including
from .inventory import Inventory
from .journal import Journal, Sink, failure, unwritten
from .modules import Modules, imports
from .numbers import Numbers
from .options import overrides, signature
from .pages import Pages
from .queries import Queries
from .searching import FILE as INDEX, Searching
from .sources import Sources
from .spreading import Spreading
from .undo import Undo

# Of the record beside the environment; another one is not taken over.
FORMAT = 10


class Session:
    """A warm Sphinx application."""

    def __init__(self, journal: Journal, progress: Callable[[], None]) -> None:
        self.journal = journal
        self.progress = progress  # to be called when a step of something long is done
        self.digests = Digests()
        self.modules = Modules()
        self._inputs: dict[str, tuple[str, list[list[str]]]] = {}  # docname → digest of what was read last, dependencies
        self.opened: dict[str, Any] = {}
        self.environment = ''  # names the environment on disk that was taken over
        self._lost: set[str] = set()  # documents of the environment taken over that must be read again
        self._listed: set[str] = set()  # documents that there were when they were looked for last

    # -- opening

    def open(self, options: dict[str, Any]) -> dict[str, Any]:
        """Load conf.py, the extensions and the environment that an earlier build left."""
        from sphinx.application import Sphinx
        from sphinx.util.docutils import patch_docutils

        self.opened = options
        self.opening = time.time_ns()
        patch_docutils(options.get('config')).__enter__()  # for the life of the process
        sink = Sink(self.progress)
        keywords = compat.application_keywords(Sphinx.__init__, {
            'confoverrides': overrides(options), 'status': sink, 'warning': sink,
            'freshenv': bool(options.get('fresh')), 'tags': options.get('tags') or [],
            'verbosity': options.get('verbosity', 0), 'parallel': 0, 'keep_going': True,
        })
        self.app = Sphinx(options['source'], options.get('config'), options['output'],
                          options['doctrees'], options['builder'], **keywords)
        self.env, self.builder = self.app.env, self.app.builder
        self.inventory = Inventory(self.env)
        self.images = Images(self.env)
        self.numbers = Numbers(self.app)
        self.queries = Queries(self.app)
        self.sources = Sources(self.app)
        self.catalogs = Catalogs(self.app)
        self.roles, self.lookups = roles.install(), lookups.install()
        self.lookups.speak(self.app.config.language)
        self.including = Including().install()
        self.annotations = Annotations()
        self.searching = Searching(self.env, self.builder)
        self.pages = Pages(self.app, self.journal, self.searching)
        self.spreading = Spreading(self)
        self.signature = signature(self.app, theme_settings(self.app))
        self.copies = Assets(self)
        self.extensions = Extensions(self)
        self._shaped = self.extensions.signature()
        from sphinx.util.parallel import SerialTasks
        self.builder.finish_tasks = SerialTasks()
        self.builder.parallel_ok = False
        reason = self._adopt(options.get('state', ''))
        return facts(self, reason)

    def _adopt(self, state: str) -> str:
        """Take over a loaded environment, or empty it; returns why it was emptied.

        Only an environment that docserve itself has left is worth its names:
        another one comes without the record of who defined what.
        """
        record = self._load(state)
        if record is not None:
            self.copies.remember(record['copies'])
        reason = (getattr(self.env, 'config_status_extra', '') or '').strip(' ()')
        loaded = bool(self.env.all_docs)
        if loaded and self.env.config_status == CONFIG_OK and record is not None:
            try:
                found = stamp(os.path.join(os.fspath(self.app.doctreedir), 'environment.pickle'))
                index = stamp(os.path.join(state, INDEX)) if self.builder.search else None
                self.copies.adopt(record['copies'])
                if not found or (record['environment'], record['index']) != (found, index):
                    reason = 'environment was written by another program'
                elif record['shaped'] != self._shaped:
                    reason = 'what extensions look at has changed'
                else:
                    self._take_over(record)
                    self.environment = '-'.join(map(str, found))
                    return ''
            except Exception:  # a damaged record means starting over, whatever the damage
                reason = 'no usable record of the last session'
        self.extensions.together()
        for docname in list(self.env.all_docs):
            self.app.events.emit('env-purge-doc', self.env, docname)
            self.env.clear_doc(docname)
        self.inventory.symbols.empty()
        self.inventory.wrap()
        return reason or ('new' if not loaded else 'configuration changed')

    @staticmethod
    def _load(state: str) -> Optional[dict[str, Any]]:
        """The record of an earlier session, None if there is none that can be used."""
        try:
            with open(os.path.join(state, 'inventory.pickle'), 'rb') as file:
                record = pickle.load(file)
            return record if record['format'] == FORMAT else None
        except Exception:  # a damaged record means starting over, whatever the damage
            return None

    def record(self) -> dict[str, Any]:
        """What the next session needs beside the environment."""
        return {
            'format': FORMAT, 'inventory': self.inventory.dump(), 'images': self.images.shown,
            'numbers': self.numbers.dump(), 'queries': {doc: tuple(each) for doc, each in self.queries.known.items()},
            'roles': self.roles.dump(), 'lookups': self.lookups.pack(), 'spreading': self.spreading.dump(), 'copies': self.copies.dump(),
            'sources': self.sources.shown, 'catalogs': self.catalogs.known(), 'indexed': self.searching.signatures,
            'shaped': self._shaped,
        }

    def _take_over(self, record: dict[str, Any]) -> None:
        self.inventory.adopt(record['inventory'])
        self.images.shown = record['images']
        self.numbers.adopt(record['numbers'])
        self.queries.adopt(record['queries'])
        self.sources.adopt(record['sources'])
        self.catalogs.adopt(record['catalogs'])
        self._lost = self.roles.adopt(record['roles']) | self.lookups.unpack(record['lookups'])
        # The doctree of a document that went since goes at once; the document may be back.
        doctrees = os.fspath(self.app.doctreedir)
        self._lost |= {doc for doc in self.env.all_docs if not os.path.exists(os.path.join(doctrees, doc + '.doctree'))}
        self.spreading.adopt(record['spreading'])
        self.searching.adopted, self.searching.signatures = True, record['indexed']

    def roots(self) -> list[str]:
        """Directories of the user's own files, for failures."""
        roots = [os.fspath(self.app.srcdir), os.fspath(self.app.confdir)]
        return [os.path.realpath(r) for r in roots] + roots

    # -- what there is

    def discover(self) -> dict[str, Any]:
        """Find the documents and say which are new, gone, or must be read because of that."""
        env = self.env
        compat.set_phase(self.app, self.builder, compat.READING)
        self.extensions.regenerate()
        known = set(env.all_docs)
        translated = self.catalogs.compile(self.builder, lambda: env.find_files(self.app.config, self.builder))
        found = set(env.found_docs)
        added, removed = found - known, known - found
        # Some may have come and gone before they were read, when others already listed them.
        gone, self._listed = removed | self._listed - found, found
        changed, self._lost = self._lost & found, set()
        changed |= translated & known & found
        for docname in gone:
            changed |= {parent for parent in env.files_to_rebuild.get(docname, ()) if parent in found}
        if added or gone:
            changed |= (env.glob_toctrees | env.reread_always) & found
        if removed:
            changed |= self.extensions.together() & found
        for docname in sorted(removed):
            changed |= self._forget(docname) & found
        changed |= self.queries.looking(added | gone) & found
        self.spreading.listed(added, gone)
        for docs in self.app.events.emit('env-get-outdated', env, added, changed, removed):
            changed |= set(docs) & found
        order = sorted(added | changed)
        self.app.events.emit('env-before-read-docs', env, order)
        return {
            'docs': [[d, os.fspath(env.doc2path(d)), self.pages.path(d)] for d in sorted(found)],
            'read': [d for d in order if d in found],
            'removed': sorted(removed),
            'diagnostics': self.journal.take(),
        }

    def _forget(self, docname: str) -> set[str]:
        """Drop a document that is gone; returns those that must be read again without it."""
        env = self.env
        self.spreading.before(docname)
        self.numbers.before(docname)
        affected = self.inventory.symbols.forget(docname)
        self.app.events.emit('env-purge-doc', env, docname)
        env.clear_doc(docname)
        env.dependencies.pop(docname, None)
        affected |= self.inventory.forget(docname) | self.roles.forget(docname) | self.lookups.forget(docname) | self.annotations.forget(docname)
        self.images.forget(docname)
        self.numbers.forget(docname)
        self.sources.forget(docname)
        self.queries.known.pop(docname, None)
        self._inputs.pop(docname, None)
        self.searching.remove(docname)
        return affected

    # -- reading

    def read(self, docname: str) -> list[dict[str, Any]]:
        """Read a document, and with it those whose symbols are mixed with its own."""
        symbols = self.inventory.symbols
        first = sorted(self.extensions.together() | {docname})
        before = {each: symbols.names(each) for each in first}
        if len(first) > 1:
            for each in first:
                symbols.clear(each)
        results = [self._read(each) for each in first]
        related = {other for each in first for other in symbols.related(each, before[each])} - {*first}
        if not related or any('error' in each for each in results):
            return results
        group = [each for each in sorted(related.union(first)) if each in self.env.all_docs]
        for each in group:
            symbols.clear(each)
        # Those who were told another name the first time are not told it again.
        told = {each['doc']: {*each['affected']}.difference(group) for each in results}
        results = [self._read(each) for each in group]
        for result in results:
            missing = told.get(result['doc'], set()).difference(result['affected'])
            if missing:
                result['kept'], result['affected'] = False, sorted(missing.union(result['affected']))
        return results

    def _read(self, docname: str) -> dict[str, Any]:
        """Read one document; a failure leaves the environment as it was before."""
        env = self.env
        compat.set_phase(self.app, self.builder, compat.READING)
        self.journal.take()
        self.journal.forget_once()
        compat.forget_doctrees(env)  # Sphinx would keep all of them until they are written
        started = time.time_ns()
        source = os.fspath(env.doc2path(docname))
        digest = self.digests.of(source)
        known = docname in env.all_docs
        self.extensions.prepare(source)
        self.spreading.before(docname)
        self.numbers.before(docname)
        self.pages.navigation.drawings.before(docname)
        with imports() as asked:
            error, affected = self._parse(docname, source)
        modules = self.modules.fresh(self.digests, started)
        self.spreading.after(known)
        if error is None:
            compat.read_stamp(env, docname, started)
            self.searching.signatures[docname] = ''  # index entries are no part of the page
        kept = error is None and known and not affected and not self.spreading.listeners
        result = {
            'doc': docname,
            'kept': kept and self.numbers.kept(docname) and not self.queries.ordered([docname]),
            'digest': digest,
            'deps': self._dependencies(docname, started, self.modules.files(asked)),
            'links': sorted(self.including.links),
            'affected': sorted(affected),
            'diagnostics': self.journal.take(),
            'modules': modules,
            'seconds': (time.time_ns() - started) / 1e9,
        }
        self.pages.navigation.drawings.after(docname)
        self._inputs[docname] = digest, result['deps']
        if error is not None:
            result['error'] = error
        return result

    def _parse(self, docname: str, source: str) -> tuple[Optional[dict[str, Any]], set[str]]:
        """Have Sphinx read a document as a clean build would; returns its failure, and who must be read again."""
        env, inventory = self.env, self.inventory
        undo, names = Undo(env, docname), inventory.saved(docname)
        self.including.begin()
        pictures = self.images.begin(docname)
        inventory.symbols.begin(docname)
        local, looked = self.roles.begin(docname), self.lookups.begin(docname)
        annotated = self.annotations.begin(docname)
        error: Optional[dict[str, Any]] = None
        begun = False
        try:
            if os.path.exists(source) and not os.path.isfile(source):
                raise OSError('not a regular file')
            inventory.clear()
            begun = True
            self.app.events.emit('env-purge-doc', env, docname)
            env.clear_doc(docname)
            env.dependencies.pop(docname, None)
            inventory.begin(docname)
            self.catalogs.refresh()
            self.builder.read_doc(docname)
            self.catalogs.depend(docname)
        except BaseException as exc:  # whatever extensions raise
            error = failure(exc, self.roots(), source)
            self._after_failure()
        self.catalogs.note()
        inventory.symbols.end()
        affected = self.roles.end(docname, local) | self.lookups.end(docname, looked) | self.annotations.end(annotated)
        affected |= inventory.end(docname, names) if begun else set()
        if error is None:
            self.images.end(docname, pictures)
            return None, {each for each in affected if each in env.all_docs}
        undo.restore()
        inventory.restore(docname, names)
        self.roles.restore(docname, local)
        self.lookups.restore(docname, looked)
        self.images.restore(docname, pictures)
        return error, set()

    def _after_failure(self) -> None:
        env = self.env
        env.ref_context.clear()
        if hasattr(env, 'current_document'):
            env.current_document = type(env.current_document)()
        else:
            env.temp_data.clear()

    def _dependencies(self, docname: str, started: int, imported: set[str]) -> list[list[str]]:
        """Files that the document was made of, the imported ones too, with the digests of what was parsed.

        A file that changed since reading began may have been parsed before or
        after; it gets no digest, which makes docserve read the document again.
        """
        env, srcdir = self.env, os.fspath(self.app.srcdir)
        documents = {os.path.normpath(os.fspath(env.doc2path(d))) for d in env.included.get(docname, ())}
        paths = [os.path.normpath(os.path.join(srcdir, os.fspath(each))) for each in env.dependencies.get(docname, ())]
        kinds = {path: self._kind(path, os.path.relpath(path, srcdir), documents) for path in paths}
        for path in imported:
            kinds.setdefault(path, 'module')
        for path in self.modules.behind(path for path, kind in kinds.items() if kind == 'module'):
            kinds.setdefault(path, 'module')
        result = []
        for path, kind in kinds.items():
            try:
                late = os.stat(path).st_mtime_ns >= started
            except OSError:
                late = False
            result.append([path, 'unsure' if late else self.digests.of(path), kind])
        return sorted(result)

    def _kind(self, path: str, relative: str, documents: set[str]) -> str:
        """What a dependency is to its document, as far as Sphinx can tell."""
        relative = relative.replace(os.sep, '/')
        if path in documents:
            return 'include'
        if relative in self.env.images:
            return 'image'
        if relative in self.env.dlfiles:
            return 'download'
        if os.path.realpath(path) in self.modules.loaded:
            return 'module'
        if path in self.including.kinds:
            return self.including.kinds[path]
        return 'catalog' if path.endswith('.mo') else 'other'

    # -- writing

    def write(self, docname: str, stage: str, check: list[str], known: Optional[dict[str, Any]]) -> dict[str, Any]:
        """Write one page into the staging directory, or find that it is what it was."""
        result = self.pages.write(docname, stage, self.roots(), check, known)
        failed = unwritten(result['diagnostics'], stage)
        if failed is not None:
            result['error'] = failed
        return result

    # -- for nothing

    def rehearse(self, docname: str, stage: str, known: str) -> list[dict[str, Any]]:
        """Read and write a document once more, for nothing.

        After a fork the first work pays for the copies of memory pages that
        both processes use; a save should not have to. The doctree on disk and
        the time of reading stay as they are.

        Somebody may save just now. If it was made of other files than the last
        time (of those of an earlier session only the digest of its own text is
        known), the answer is that of a reading, and what others may have to
        follow is kept until the document itself is read again, as the save asks.
        """
        if self.extensions.resolved() or self.inventory.symbols.related(docname, frozenset()):
            return []
        builder, env = self.builder, self.env
        stamp = env.all_docs.get(docname)
        keep = getattr(env, '_write_doc_doctree_cache', None)

        def discard(name: str, doctree: Any, **keywords: Any) -> None:
            self._pickle_for_nothing(doctree)
            if keep is not None:
                keep.pop(name, None)

        builder.write_doctree = discard
        self.searching.quiet = True
        before = self._inputs.get(docname)
        try:
            result = self._read(docname)
            self.write(docname, stage, [], None)
        finally:
            del builder.write_doctree
            self.searching.quiet = False
            if stamp is not None:
                env.all_docs[docname] = stamp
            self.journal.take()
        now = self._inputs[docname]
        late = self.digests.of(os.fspath(env.doc2path(docname))) != now[0]  # saved after the digest, before the reading
        if late or (before != now if before else known != now[0]):
            return [result]
        self.numbers.forget_reading(docname)
        self.spreading.forget_reading(docname)
        return []

    @staticmethod
    def _pickle_for_nothing(doctree: Any) -> None:
        doctree.reporter = doctree.transformer = None
        doctree.settings = doctree.settings.copy()
        for name in ('warning_stream', 'env', 'record_dependencies'):
            setattr(doctree.settings, name, None)
        pickle.dumps(doctree, pickle.HIGHEST_PROTOCOL)
