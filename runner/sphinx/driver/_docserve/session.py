"""One Sphinx application, kept warm, and the steps of a build as single operations.

``Sphinx.build()`` does everything at once and everything again. Here reading
one document, updating what depends on it, and writing one page are separate, so
that docserve decides which comes next. What Sphinx would do in between is done
by the same functions of Sphinx, in the same order.
"""

from __future__ import annotations

import os
import pickle
import sys
import time
from typing import Any, Callable, Optional

from sphinx.environment import CONFIG_OK

from . import compat
from .digests import Digests
from .inventory import Inventory, Structure
from .journal import Journal, Sink, failure
from .options import can_fork, overrides
from .searching import Searching
from .undo import Undo


class Session:
    """A warm Sphinx application."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.digests = Digests()
        self.opened: dict[str, Any] = {}
        self.stage = ''
        self._environment = ''
        self._exports: dict[str, dict[str, Any]] = {}
        self._structures: dict[str, Structure] = {}
        self._known: dict[str, dict[str, Any]] = {}
        self._listeners = False  # extensions want a word before pages are written
        self._modules: set[str] = set()
        self._loaded: set[str] = set()

    # -- opening

    def open(self, options: dict[str, Any]) -> dict[str, Any]:
        """Load conf.py, the extensions and the environment that an earlier build left."""
        from sphinx.application import Sphinx
        from sphinx.util.docutils import patch_docutils

        self.opened = options
        patch_docutils(options.get('config')).__enter__()  # for the life of the process
        sink = Sink()
        keywords = compat.application_keywords(Sphinx.__init__, {
            'confoverrides': overrides(options), 'status': sink, 'warning': sink,
            'freshenv': bool(options.get('fresh')), 'tags': options.get('tags') or [],
            'verbosity': options.get('verbosity', 0), 'parallel': 0, 'keep_going': True,
        })
        self.app = Sphinx(options['source'], options.get('config'), options['output'],
                          options['doctrees'], options['builder'], **keywords)
        self.env, self.builder = self.app.env, self.app.builder
        self.inventory = Inventory(self.env)
        self.inventory.watch_images()
        self.searching = Searching(self.env, self.builder)
        self._scripts = self._asset_lists()
        self._resolve = compat.resolve_keywords(self.app, self.env)
        self._path_name = compat.output_path_method(self.builder)
        self._real_path: Callable[..., Any] = getattr(self.builder, self._path_name)
        setattr(self.builder, self._path_name, self._staged_path)
        from sphinx.util.parallel import SerialTasks
        self.builder.finish_tasks = SerialTasks()
        self.builder.parallel_ok = False
        self._listeners = compat.foreign_listeners(self.app, ('env-updated', 'env-get-updated'))
        reason = self._adopt(options.get('state', ''))
        return self._facts(reason)

    def _adopt(self, state: str) -> str:
        """Take over a loaded environment, or empty it; returns why it was emptied.

        Only an environment that docserve itself has left is worth its names:
        another one comes without the record of who defined what.
        """
        reason = (getattr(self.env, 'config_status_extra', '') or '').strip(' ()')
        loaded = bool(self.env.all_docs)
        if loaded and self.env.config_status == CONFIG_OK and state:
            try:
                with open(os.path.join(state, 'inventory.pickle'), 'rb') as file:
                    record = pickle.load(file)
                stamp = os.stat(os.path.join(os.fspath(self.app.doctreedir), 'environment.pickle'))
                if record['environment'] == (stamp.st_size, stamp.st_mtime_ns):
                    self._environment = f'{stamp.st_size}-{stamp.st_mtime_ns}'
                    self.inventory.adopt(record['inventory'])
                    self.searching.adopted = True
                    return ''
                reason = 'environment was written by another program'
            except Exception:  # a damaged record means starting over, whatever the damage
                reason = 'no usable record of the last session'
        for docname in list(self.env.all_docs):
            self.app.events.emit('env-purge-doc', self.env, docname)
            self.env.clear_doc(docname)
        self.inventory.wrap()
        return reason or ('new' if not loaded else 'configuration changed')

    def _facts(self, reason: str) -> dict[str, Any]:
        import sphinx

        app, builder, config = self.app, self.builder, self.app.config
        confdir = os.fspath(app.confdir)

        def below(names: list[Any]) -> list[str]:
            return [os.path.join(confdir, os.fspath(n)) for n in names if n and '://' not in os.fspath(n)]

        static = [*config.html_static_path, *config.html_extra_path, config.html_logo, config.html_favicon]
        templates = list(config.templates_path) + list(config.html_theme_path)
        unsafe = [e.name for e in app.extensions.values() if not getattr(e, 'parallel_write_safe', True)]
        return {
            'reason': reason,
            'warm': bool(self.env.all_docs),
            'sphinx': sphinx.__version__,
            'python': sys.version.split()[0],
            'theme': str(config.html_theme),
            'root': config.root_doc,
            'suffixes': list(config.source_suffix),
            'static': below(static),
            'templates': below(templates),
            'locales': below(list(config.locale_dirs)),
            'excludes': list(config.exclude_patterns),
            'environment': self._environment,
            'writes_in_parallel': not unsafe and bool(getattr(builder, 'allow_parallel', False)),
            'unsafe': unsafe,
            'can_fork': can_fork(),
            'index': self.searching.usable(self.opened.get('state', '')),
            'modules': self.new_modules(),
            'generates': sorted(self.env.all_docs) if self.env.all_docs else [],
            'diagnostics': self.journal.take(),
        }

    # -- what there is

    def discover(self) -> dict[str, Any]:
        """Find the documents and say which are new, gone, or must be read because of that."""
        env = self.env
        compat.set_phase(self.app, self.builder, compat.READING)
        env.find_files(self.app.config, self.builder)
        found = set(env.found_docs)
        known = set(env.all_docs)
        added, removed = found - known, known - found
        changed: set[str] = set()
        for docname in removed:
            changed |= {parent for parent in env.files_to_rebuild.get(docname, ()) if parent in found}
        if added or removed:
            changed |= (env.glob_toctrees | env.reread_always) & found
        for docname in sorted(removed):
            before = list(self.inventory.keys.get(docname, ()))
            self._exports.setdefault(docname, self.inventory.exports(docname))
            self._structures.setdefault(docname, self.inventory.structure(docname))
            self.app.events.emit('env-purge-doc', env, docname)
            env.clear_doc(docname)
            env.dependencies.pop(docname, None)
            changed |= self.inventory.forget(docname) & found if before else set()
            self.searching.remove(docname)
        for docs in self.app.events.emit('env-get-outdated', env, added, changed, removed):
            changed |= set(docs) & found
        order = sorted(added | changed)
        self.app.events.emit('env-before-read-docs', env, order)
        return {
            'docs': [[d, os.fspath(env.doc2path(d)), self.site_path(d)] for d in sorted(found)],
            'read': [d for d in order if d in found],
            'removed': sorted(removed),
            'diagnostics': self.journal.take(),
        }

    def site_path(self, page: str) -> str:
        """Path of a page's file below the output directory, with slashes."""
        path = os.fspath(self._real_path(page))
        return os.path.relpath(path, os.fspath(self.builder.outdir)).replace(os.sep, '/')

    # -- reading

    def read(self, docname: str) -> dict[str, Any]:
        """Read one document; a failure leaves the environment as it was before."""
        env = self.env
        compat.set_phase(self.app, self.builder, compat.READING)
        self.journal.take()
        self.journal.forget_once()
        compat.forget_doctrees(env)  # Sphinx would keep all of them until they are written
        started = time.time_ns()
        source = os.fspath(env.doc2path(docname))
        digest = self.digests.of(source)
        before = list(self.inventory.keys.get(docname, ()))
        known = docname in env.all_docs
        if docname not in self._exports:
            self._exports[docname] = self._exported(docname) if known else {}
        self._structures.setdefault(docname, self.inventory.structure(docname))
        undo = Undo(env, docname, before)
        error: Optional[dict[str, Any]] = None
        affected: set[str] = set()
        try:
            if os.path.exists(source) and not os.path.isfile(source):
                raise OSError('not a regular file')
            self.app.events.emit('env-purge-doc', env, docname)
            env.clear_doc(docname)
            env.dependencies.pop(docname, None)
            self.inventory.begin(docname)
            self.builder.read_doc(docname)
        except (Exception, SystemExit, RecursionError) as exc:
            error = failure(exc, self._roots(), source)
            self._after_failure()
        affected = self.inventory.end(docname, before)
        if error is not None:
            undo.restore()
            self._exports.pop(docname, None)
        else:
            compat.read_stamp(env, docname, started)
        self._known = {}
        kept = error is None and known and self.inventory.keep_numbers(docname, self._structures[docname])
        result = {
            'doc': docname,
            'kept': kept and not affected and not self._listeners,
            'digest': digest,
            'deps': self._dependencies(docname, started),
            'included': sorted(env.included.get(docname, ())),
            'affected': sorted(affected),
            'diagnostics': self.journal.take(),
            'modules': self.new_modules(),
            'seconds': (time.time_ns() - started) / 1e9,
        }
        if error is not None:
            result['error'] = error
        return result

    def _exported(self, docname: str) -> dict[str, Any]:
        """What a document exports; a document that is saved again and again is not asked twice."""
        found = self._known.get(docname)
        return self.inventory.exports(docname) if found is None else found

    def _after_failure(self) -> None:
        env = self.env
        env.ref_context.clear()
        if hasattr(env, 'current_document'):
            env.current_document = type(env.current_document)()
        else:
            env.temp_data.clear()

    def _dependencies(self, docname: str, started: int) -> list[list[str]]:
        """Files that the document was made of, with the digests of what was parsed.

        A file that changed since reading began may have been parsed before or
        after; it gets no digest, which makes docserve read the document again.
        """
        env, srcdir = self.env, os.fspath(self.app.srcdir)
        documents = {os.path.normpath(os.fspath(env.doc2path(d))) for d in env.included.get(docname, ())}
        result = []
        for each in env.dependencies.get(docname, ()):
            path = os.path.normpath(os.path.join(srcdir, os.fspath(each)))
            try:
                late = os.stat(path).st_mtime_ns >= started
            except OSError:
                late = False
            digest = 'unsure' if late else self.digests.of(path)
            result.append([path, digest, self._kind(path, os.path.relpath(path, srcdir), documents)])
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
        if os.path.realpath(path) in self._loaded:
            return 'module'
        return 'catalog' if path.endswith('.mo') else 'other'

    def _roots(self) -> list[str]:
        roots = [os.fspath(self.app.srcdir), os.fspath(self.app.confdir)]
        return [os.path.realpath(r) for r in roots] + roots

    def new_modules(self) -> list[str]:
        """Python files of the project loaded since the last call.

        Those of the interpreter and of installed packages are not the
        writer's to edit.
        """
        fresh = []
        prefixes = tuple(os.path.realpath(p) + os.sep for p in {sys.prefix, sys.base_prefix, sys.exec_prefix})
        here = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
        for module in list(sys.modules.values()):
            path = getattr(module, '__file__', None)
            if not path or path in self._modules:
                continue
            self._modules.add(path)
            real = os.path.realpath(path)
            if not real.startswith(prefixes) and not real.startswith(here) and 'site-packages' not in real:
                fresh.append(real)
        self._loaded.update(fresh)
        return sorted(fresh)

    # -- between reading and writing

    def update(self, docnames: list[str], initial: bool, shared: bool) -> dict[str, Any]:
        """Bring up to date what depends on several documents, after some were read.

        What all pages share is prepared anew at the first time, when what a
        document exports has changed, and when docserve knows of a reason.
        """
        env = self.env
        self.journal.take()
        written: set[str] = set()
        numbering = None
        error = None
        try:
            for docs in self.app.events.emit('env-updated', env):
                written |= set(docs or ())
            notes = self.journal.take()
            dependents, numbering = self._renumber(set(docnames), initial or shared)
            written |= dependents
        except Exception as exc:
            error, notes = failure(exc, self._roots()), self.journal.take()
        written |= self.inventory.name_images()
        env.config_status = CONFIG_OK
        env.toctree_includes = dict(sorted(env.toctree_includes.items()))
        self._forget_doctrees(docnames)
        changed = [] if initial else self._changed_exports()
        self._exports.clear()
        if shared:
            self._forget_templates()
        if changed or initial or shared:
            self.prepare()
        result = {
            'write': sorted(written & set(env.all_docs)), 'changed': changed,
            'diagnostics': notes + self.journal.take(), 'numbering': numbering,
        }
        if error is not None:
            result['error'] = error
        return result

    def _renumber(self, docnames: set[str], always: bool) -> tuple[set[str], Optional[list[dict[str, Any]]]]:
        """Have dependents checked, and sections numbered if their numbers may have changed.

        Returns the documents to write, and the warnings about numbering, None
        when those of last time still hold.
        """
        env, inventory = self.env, self.inventory
        structures, self._structures = self._structures, {}
        if not always and all([d in env.all_docs and inventory.keep_numbers(d, s) for d, s in structures.items()]):
            with compat.without_numbering():
                return set(env.check_dependents(self.app, docnames)), None
        inventory.strip_numbers()
        dependents = set(env.check_dependents(self.app, docnames))
        inventory.note_numbers()
        return dependents, self.journal.take()

    def _forget_doctrees(self, docnames: list[str]) -> None:
        """Drop cached doctrees, but that of a single document, whose page comes next."""
        cache = getattr(self.env, '_write_doc_doctree_cache', {})
        keep = {d: cache[d] for d in docnames if d in cache} if len(docnames) == 1 else {}
        compat.forget_doctrees(self.env)
        cache.update(keep)

    def _changed_exports(self) -> list[str]:
        """What other pages may show and is not what it was: a list of short reasons."""
        reasons = []
        for docname, before in self._exports.items():
            after = self.inventory.exports(docname) if docname in self.env.all_docs else {}
            self._known[docname] = after
            names = sorted(k for k in before.keys() | after.keys() if before.get(k) != after.get(k))
            if names:
                reasons.append(f'{docname}: {", ".join(names[:3])}')
        return reasons

    def prepare(self) -> None:
        """Recompute what all pages share: relations, indices, style sheets and scripts."""
        compat.set_phase(self.app, self.builder, compat.RESOLVING)
        for owner, kept in self._scripts:
            owner[:] = kept
        compat.forget_checksums()
        self.app._pst_sidebar_toctree_cache = {}
        self._forget_navigation()
        self.searching.prepare(lambda: self.builder.prepare_writing(set()))
        if 'write-started' in self.app.events.events and not self.__dict__.get('_announced'):
            self._announced = True
            self.app.events.emit('write-started', self.builder)

    def _asset_lists(self) -> list[tuple[list, list]]:
        lists = [self.app.registry.js_files, self.app.registry.css_files]
        for name in ('_js_files', '_css_files', 'script_files', 'css_files'):
            value = getattr(self.builder, name, None)
            if isinstance(value, list):
                lists.append(value)
        return [(each, list(each)) for each in lists]

    def _forget_templates(self) -> None:
        """Drop compiled templates: a new one may stand before the one that a name meant."""
        cache = getattr(getattr(self.builder.templates, 'environment', None), 'cache', None)
        if cache is not None:
            cache.clear()

    @staticmethod
    def _forget_navigation() -> None:
        furo = sys.modules.get('furo.navigation')
        clear = getattr(getattr(furo, 'get_navigation_tree', None), 'cache_clear', None)
        if clear is not None:
            clear()

    # -- writing

    def _staged_path(self, page: str, *rest: Any) -> Any:
        real = self._real_path(page, *rest)
        if not self.stage:
            return real
        relative = os.path.relpath(os.fspath(real), os.fspath(self.builder.outdir))
        return type(real)(os.path.join(self.stage, relative))

    def write(self, docname: str, stage: str) -> dict[str, Any]:
        """Write one page into the staging directory."""
        started = time.time_ns()
        self.journal.take()
        if not hasattr(self.builder, 'globalcontext'):
            self.prepare()
        self.builder.images.clear()
        self.stage = stage
        error = None
        try:
            self._render(docname)
        except (Exception, SystemExit, RecursionError) as exc:
            error = failure(exc, self._roots(), os.fspath(self.env.doc2path(docname)))
        path = compat.output_path(self.builder, docname)
        self.stage = ''
        result = {
            'doc': docname,
            'file': path,
            'images': self._images(),
            'downloads': self._downloads(docname),
            'diagnostics': self.journal.take(),
            'seconds': (time.time_ns() - started) / 1e9,
        }
        if error is not None:
            result['error'] = error
        return result

    def _render(self, docname: str) -> None:
        builder = self.builder
        compat.set_phase(self.app, builder, compat.RESOLVING)
        doctree = self.env.get_and_resolve_doctree(docname, builder, **self._resolve)
        getattr(self.env, '_pickled_doctree_cache', {}).pop(docname, None)
        compat.set_phase(self.app, builder, compat.WRITING)
        builder.write_doc_serialized(docname, doctree)
        builder.write_doc(docname, doctree)

    def rehearse(self, docname: str, stage: str) -> None:
        """Read and write a document once more, for nothing.

        After a fork the first work pays for the copies of memory pages that
        both processes use; a save should not have to. The doctree on disk and
        the time of reading stay as they are.
        """
        builder, env = self.builder, self.env
        stamp = env.all_docs.get(docname)
        keep = getattr(env, '_write_doc_doctree_cache', None)

        def discard(name: str, doctree: Any, **keywords: Any) -> None:
            self._pickle_for_nothing(doctree)
            if keep is not None:
                keep.pop(name, None)

        builder.write_doctree = discard
        self.searching.quiet = True
        try:
            self.read(docname)
            self.write(docname, stage)
        finally:
            del builder.write_doctree
            self.searching.quiet = False
            structure = self._structures.pop(docname, None)
            if structure is not None:
                self.inventory.keep_numbers(docname, structure)
            self._exports.pop(docname, None)
            self._known = {docname: self.inventory.exports(docname)}
            if stamp is not None:
                env.all_docs[docname] = stamp
            self.journal.take()

    @staticmethod
    def _pickle_for_nothing(doctree: Any) -> None:
        doctree.reporter = doctree.transformer = None
        doctree.settings = doctree.settings.copy()
        for name in ('warning_stream', 'env', 'record_dependencies'):
            setattr(doctree.settings, name, None)
        pickle.dumps(doctree, pickle.HIGHEST_PROTOCOL)

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

    # -- assets

    def assets(self, removed: list[str]) -> dict[str, Any]:
        """Copy static files of theme, extensions and project into the output directory.

        Copies of removed ones go first: a theme may have a file of that name too.
        """
        self.journal.take()
        self._remove_copies(removed)
        compat.forget_checksums()
        if not hasattr(self.builder, 'globalcontext'):
            self.prepare()
        error = None
        try:
            self.builder.copy_static_files()
            self.builder.copy_extra_files()
        except Exception as exc:
            error = failure(exc, self._roots())
        result: dict[str, Any] = {'diagnostics': self.journal.take()}
        if error is not None:
            result['error'] = error
        return result

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
