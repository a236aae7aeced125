"""Where Sphinx's versions differ, in one place.

Every function chooses by signature or by attribute, never by version number.
The names of versions say where a difference was seen, so that a reader can
tell when a branch is no longer needed.
"""

from __future__ import annotations

import builtins
import contextlib
import dis
import inspect
import os
from pathlib import Path
from typing import Any, Callable, Iterator

from docutils import nodes
from sphinx.util.build_phase import BuildPhase

READING = BuildPhase.READING
RESOLVING = BuildPhase.RESOLVING
WRITING = BuildPhase.WRITING
CONSISTENCY = BuildPhase.CONSISTENCY_CHECK


def set_phase(app: Any, builder: Any, phase: BuildPhase) -> None:
    """Tell extensions which phase this is (``app.phase`` up to 8, ``builder.phase`` from 9)."""
    try:
        app.phase = phase
    except AttributeError:
        builder.phase = phase


def resolve_keywords(app: Any, env: Any) -> dict[str, Any]:
    """Keywords for ``get_and_resolve_doctree`` (``tags`` is new in 9.0)."""
    if 'tags' in inspect.signature(env.get_and_resolve_doctree).parameters:
        return {'tags': app.tags}
    return {}


def output_path_method(builder: Any) -> str:
    """Name of the method that maps a page to its file (8.2: ``get_output_path``)."""
    return 'get_output_path' if hasattr(builder, 'get_output_path') else 'get_outfilename'


def output_path(builder: Any, page: str) -> str:
    """Absolute path of the file of a page."""
    return os.fspath(getattr(builder, output_path_method(builder))(page))


def application_keywords(factory: Callable[..., Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """Those of the wanted keywords that this version of ``Sphinx()`` knows."""
    known = inspect.signature(factory).parameters
    return {key: value for key, value in wanted.items() if key in known}


def forget_checksums() -> None:
    """Forget checksums of static files (7.1 to 8.x compute them each time, 9.0 caches)."""
    try:
        from sphinx.builders.html import _assets
    except ImportError:
        return
    for name in ('_file_checksum_inner', '_file_checksum'):
        clear = getattr(getattr(_assets, name, None), 'cache_clear', None)
        if clear is not None:
            clear()


class Checksums:
    """The checksums of style sheets and scripts that pages hold (7.1 and later), as of a certain moment."""

    def __init__(self) -> None:
        from sphinx.builders import html

        self.kept: dict[str, str] = {}
        self._copied: set[str] = set()  # files below _static that have been copied
        self._original = getattr(html, '_file_checksum', None)
        self.used = self._original is not None
        if self.used:
            html._file_checksum = self._checksum  # type: ignore[attr-defined]

    def keep(self, outdir: str, paths: set[str], copied: set[str]) -> None:
        """Remember the checksums that files have now; others below _static count as not there."""
        forget_checksums()
        self.kept, self._copied = {}, copied
        if self.used:
            for path in paths:
                self._checksum(outdir, path)

    def add(self, copied: set[str]) -> None:
        """These files have been copied as well."""
        self._copied = self._copied | copied

    def _checksum(self, outdir: Any, filename: Any) -> str:
        name = os.fspath(filename)
        checksum = self.kept.get(name)
        if name.startswith('_static/') and name not in self._copied:
            return ''
        if checksum is None:
            checksum = self._original(Path(outdir), filename)  # type: ignore[misc]
            if checksum:  # the file is there
                self.kept[name] = checksum
        return checksum


def collect_words(indexer: Any, doctree: Any) -> Any:
    """What a page's doctree gives to the search index (6.2: ``_word_collector``; 5.3: a visitor)."""
    if hasattr(indexer, '_word_collector'):
        return indexer._word_collector(doctree)
    from sphinx.search import WordCollector

    visitor = WordCollector(doctree, indexer.lang)
    doctree.walk(visitor)
    return visitor


@contextlib.contextmanager
def collected_words(indexer: Any, doctree: Any, words: Any) -> Iterator[None]:
    """Have the search index take what was collected, instead of collecting it from the doctree."""
    from sphinx import search

    if hasattr(indexer, '_word_collector'):
        owner, name, original = indexer, '_word_collector', indexer._word_collector

        def collector(tree: Any, *rest: Any) -> Any:
            return words if tree is doctree else original(tree, *rest)
    else:
        owner, name, original = search, 'WordCollector', search.WordCollector

        def collector(tree: Any, *rest: Any) -> Any:
            if tree is not doctree:
                return original(tree, *rest)
            words.dispatch_visit = _stop
            return words

    setattr(owner, name, collector)
    try:
        yield
    finally:
        setattr(owner, name, original)


def _stop(node: Any) -> None:
    raise nodes.SkipNode


def forget_doctrees(env: Any) -> None:
    """Drop cached doctrees, which a re-read would leave behind (6.0 and later)."""
    env.__dict__.pop('master_doctree', None)
    for name in ('_pickled_doctree_cache', '_write_doc_doctree_cache'):
        cache = getattr(env, name, None)
        if cache:
            cache.clear()


def foreign_listeners(app: Any, events: tuple[str, ...]) -> bool:
    """Whether anybody but Sphinx itself listens to one of the events."""
    for event in events:
        for listener in app.events.listeners.get(event, ()):
            if not _module(listener.handler).startswith(('sphinx.', '_docserve.')):
                return True
    return False


def environment_attributes() -> frozenset[str]:
    """Names of the attributes that Sphinx itself gives to an environment."""
    from sphinx.environment import BuildEnvironment

    names: set[str] = {'master_doctree'}
    for function in (BuildEnvironment.__init__, BuildEnvironment.setup):
        names.update(function.__code__.co_names)
    return frozenset(names)


# What handlers of html-page-context make a page depend on, beside the page itself.
NOTHING, NAVIGATION, ANYTHING = 'nothing', 'navigation', 'anything'

# Packages whose handlers look at the page itself and at toctree(), which is watched.
_MODEST = (
    'sphinx.', '_docserve.', 'alabaster', 'furo', 'sphinx_rtd_theme', 'python_docs_theme', 'sphinx_copybutton', 'sphinx_design',
    'sphinx_tabs', 'sphinx_inline_tabs', 'sphinx_togglebutton', 'sphinxcontrib.mermaid', 'sphinxext.opengraph',
    'notfound', 'myst_parser', 'myst_nb',
)
# Themes that draw navigation by their own means.
_NAVIGATING = ('pydata_sphinx_theme', 'sphinx_book_theme')


def page_handlers(app: Any) -> str:
    """What the handlers of html-page-context may show on a page: NOTHING, NAVIGATION or ANYTHING."""
    found = NOTHING
    for listener in app.events.listeners.get('html-page-context', ()):
        module = _module(listener.handler)
        if module.startswith(_MODEST) or _looks_at_the_page_only(listener.handler):
            continue
        if not module.startswith(_NAVIGATING):
            return ANYTHING
        found = NAVIGATION
    return found


def _looks_at_the_page_only(handler: Any) -> bool:
    """Whether a handler never touches the application, nor anything but built-in functions and constants."""
    code = getattr(handler, '__code__', None)
    if not inspect.isfunction(handler) or handler.__closure__ or not code.co_argcount:
        return False
    application = code.co_varnames[0]
    for step in dis.get_instructions(code):
        if step.opname.startswith('LOAD_FAST') and application in str(step.argrepr).replace(',', ' ').split():
            return False
        if inspect.iscode(step.argval) or step.opname.startswith(('LOAD_DEREF', 'LOAD_CLOSURE', 'IMPORT')):
            return False
        if step.opname == 'LOAD_GLOBAL':
            value = handler.__globals__.get(step.argval, getattr(builtins, str(step.argval), handler))
            if not (inspect.isbuiltin(value) or isinstance(value, (str, int, float, tuple, type))):
                return False
    return True


def _module(handler: Any) -> str:
    """The module that a handler of an event comes from."""
    owner = getattr(handler, '__self__', None)
    return str(type(owner).__module__ if owner is not None else getattr(handler, '__module__', ''))


@contextlib.contextmanager
def without_numbering() -> Iterator[None]:
    """Let ``env-get-updated`` reach everybody but Sphinx's numbering of sections and figures."""
    from sphinx.environment.collectors.toctree import TocTreeCollector

    names = ('assign_section_numbers', 'assign_figure_numbers')
    originals = {name: getattr(TocTreeCollector, name) for name in names}
    for name in names:
        setattr(TocTreeCollector, name, lambda self, env: [])
    try:
        yield
    finally:
        for name, original in originals.items():
            setattr(TocTreeCollector, name, original)


def read_stamp(env: Any, docname: str, started_ns: int) -> None:
    """Stamp a document with the time at which its reading *started*.

    Sphinx stamps it when reading has ended, and so loses a save that came in
    between. The unit is seconds in 5.3 and 6.x, microseconds from 7.0 on.
    """
    stamp = env.all_docs.get(docname)
    if stamp is not None:
        env.all_docs[docname] = started_ns // 1000 if isinstance(stamp, int) else started_ns / 1e9


def set_directories(app: Any, env: Any, builder: Any, outdir: str, doctreedir: str) -> None:
    """Point an application at other directories for output and doctrees."""
    previous = os.fspath(app.outdir)
    for owner in (app, builder, env):
        for name, value in (('outdir', outdir), ('doctreedir', doctreedir)):
            if hasattr(owner, name):
                setattr(owner, name, type(getattr(owner, name))(value))
    # 8.0 and later keep paths below the output directory in attributes
    for name in ('_static_dir', '_sources_dir', '_downloads_dir', '_images_dir'):
        path = getattr(builder, name, None)
        if path is not None:
            relative = os.path.relpath(os.fspath(path), previous)
            setattr(builder, name, type(path)(os.path.join(outdir, relative)))
