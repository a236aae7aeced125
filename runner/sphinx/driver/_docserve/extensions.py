"""What certain extensions need that Sphinx's own mechanisms do not tell.

Some read files, when the interpreter starts, that no document depends on; some
write documents then; some keep what they have learnt of all documents in a form
in which one of them cannot be replaced. All knowledge of single extensions is
here, with the versions for which it was found.
"""

from __future__ import annotations

import hashlib
import os
import sys
from typing import Any, Container, Iterator

from .inventory import render
from .modules import own

# Settings that documents are not made from, by the beginnings of their names.
_OUTPUT = (
    'html_', 'latex_', 'epub_', 'man_', 'texinfo_', 'text_', 'xml_', 'htmlhelp_', 'qthelp_', 'devhelp_', 'applehelp_', 'gettext_',
    'linkcheck_', 'singlehtml_', 'mathjax', 'graphviz_', 'ogp_', 'copybutton_', 'togglebutton_', 'sitemap_', 'notfound_',
)

# A path, and the endings that files below it have if they count; none is all.
Input = tuple[str, tuple[str, ...]]


class Extensions:
    """The extensions of one application."""

    def __init__(self, session: Any) -> None:
        self.session = session
        self.app, self.env, self.config = session.app, session.env, session.app.config
        self._outside: list[str] = []  # pages that are no documents, in the order in which they were written
        self._listening = hasattr(self.app, 'sitemap_links')
        if self._listening:
            self.app.connect('html-page-context', self._note_page)
        self._keep_generated()

    def loaded(self, name: str) -> bool:
        """Whether the project uses an extension."""
        return name in self.app.extensions

    # -- files that are read when the interpreter starts

    def inputs(self) -> list[Input]:
        """Files and directories that ask for a new interpreter when they change."""
        return [*self._shaping(), *self._generating()]

    def _shaping(self) -> Iterator[Input]:
        return shaping(self.config, os.fspath(self.app.confdir), self.app.extensions)

    def _generating(self) -> Iterator[Input]:
        return generating(self.config, os.fspath(self.app.confdir), os.fspath(self.app.srcdir), self.app.extensions)

    def signature(self) -> str:
        """Names what all documents are made from beside their sources, and what Sphinx itself looks at.

        Extensions often say of a setting that it shapes pages only, though
        their directives and roles look at it. What is in the project's own
        extensions, and in a conf.py that is one, shapes documents too.
        """
        digest = hashlib.blake2b(digest_size=12)
        for each in sorted(self.config, key=lambda each: str(each.name)):
            if each.rebuild != 'env' and not each.name.startswith(_OUTPUT) and not callable(each.value):
                digest.update(f'{each.name} {render(each.value)}\n'.encode('utf-8', 'replace'))
        paths = {getattr(each.module, '__file__', None) for each in self.app.extensions.values()}
        if getattr(self.config, 'setup', None) is not None and self.app.confdir is not None:
            paths.add(os.path.join(os.fspath(self.app.confdir), 'conf.py'))
        files = {path for path in paths if path and own(path)}
        for place, endings in self._shaping():
            files.update(_files(place, endings))
        for path in sorted(files):
            digest.update(f'{path} {self.session.digests.of(path)}\n'.encode('utf-8', 'replace'))
        return digest.hexdigest()

    # -- documents that are written when the interpreter starts

    def generated(self) -> list[str]:
        """Directories in which an extension writes documents, and removes them when the build is over."""
        if not self.loaded('autoapi.extension'):
            return []
        return [_join(os.fspath(self.app.srcdir), self.config.autoapi_root)]

    def _keep_generated(self) -> None:
        """Leave generated documents where they are: they are part of the site as long as docserve runs."""
        for listener in list(self.app.events.listeners.get('build-finished', ())):
            if getattr(listener.handler, '__module__', '') == 'autoapi.extension':
                self.app.disconnect(listener.id)

    def regenerate(self) -> None:
        """Write such documents again where somebody else has removed them, as a plain build does at its end."""
        directories = tuple(each + os.sep for each in self.generated())
        if not directories:
            return
        paths = (os.fspath(self.env.doc2path(each)) for each in self.env.all_docs)
        if any(path.startswith(directories) and not os.path.exists(path) for path in paths):
            sys.modules['autoapi.extension'].run_autoapi(self.app)

    def prepare(self, source: str) -> None:
        """Have autosummary (5.3 to 9.2) write the documents that a source asks for before it is read."""
        if not self.loaded('sphinx.ext.autosummary') or not self.config.autosummary_generate:
            return
        try:
            with open(source, encoding='utf-8', errors='replace') as file:
                if 'autosummary::' not in file.read():
                    return
        except OSError:
            return
        before = set(self.env.found_docs)
        sys.modules['sphinx.ext.autosummary'].process_generate_options(self.app)
        self.env.find_files(self.config, self.session.builder)
        self.env.project.docnames |= before  # of documents that have just gone, discovery will tell

    # -- what cannot be replaced one document at a time

    def together(self) -> set[str]:
        """Documents that must all be read again when one of them is, and are made ready for that.

        sphinx-needs (9.1) resolves the needs of all documents in place.
        """
        env = self.env
        if not self.loaded('sphinx_needs') or not getattr(env, '_needs_is_post_processed', False):
            return set()
        env._needs_is_post_processed = False
        env.__dict__.pop('_needs_view', None)
        return {each for docs in getattr(env, '_needs_all_docs', {}).values() for each in docs} & set(env.all_docs)

    def updated(self) -> None:
        """Everything was read: have sphinx-needs resolve its needs now, with the warnings of that, not for a page."""
        if self.loaded('sphinx_needs'):
            sys.modules['sphinx_needs.data'].SphinxNeedsData(self.env).get_needs_view()

    def resolved(self) -> bool:
        """Whether something was resolved in place, so that a document cannot be read for nothing."""
        return bool(getattr(self.env, '_needs_is_post_processed', False))

    # -- after the pages

    def begin(self) -> None:
        """The steps after the pages begin."""
        self._outside.clear()

    def _note_page(self, app: Any, page: str, *rest: Any) -> None:
        if page not in self.env.all_docs:
            self._outside.append(page)

    def finish(self) -> None:
        """Before build-finished: tell sphinx-sitemap (2.9) of all pages, in the order of a clean build."""
        if not self._listening:
            return
        links, module = self.app.sitemap_links, sys.modules['sphinx_sitemap']
        while not links.empty():
            links.get()
        for page in [*sorted(self.env.all_docs), *self._outside]:
            module.add_html_link(self.app, page, '', {}, None)


def shaping(config: Any, confdir: str, extensions: Container[str]) -> Iterator[Input]:
    """Files from which documents are made without depending on them: they must be read again."""
    if 'sphinxcontrib.bibtex' in extensions:  # 2.7
        yield from ((_join(confdir, each), ()) for each in config.bibtex_bibfiles or ())
    if 'breathe' in extensions:  # 5.1
        yield from ((_join(confdir, each), ('.xml',)) for each in config.breathe_projects.values())


def generating(config: Any, confdir: str, srcdir: str, extensions: Container[str]) -> Iterator[Input]:
    """Files from which extensions write documents."""
    if 'autoapi.extension' in extensions:  # 3.9
        endings = tuple(str(each).lstrip('*') for each in config.autoapi_file_patterns or ('.py', '.pyi'))
        yield from ((_join(srcdir, each), endings) for each in _several(config.autoapi_dirs))
    if 'sphinx_gallery.gen_gallery' in extensions:  # 0.22
        galleries = config.sphinx_gallery_conf.get('examples_dirs', ())
        yield from ((_join(srcdir, each), ('.py', '.rst', '.txt')) for each in _several(galleries))
    if 'sphinx.ext.apidoc' in extensions:  # 8.2 and later
        yield from ((_join(confdir, each['path']), ('.py', '.pyi')) for each in config.apidoc_modules)
    if 'sphinx.ext.autosummary' in extensions and config.autosummary_generate:
        yield from ((os.path.join(_join(confdir, each), 'autosummary'), ()) for each in config.templates_path)


def renew(env: Any, docname: str) -> None:
    """Before a document is resolved: empty the citations of sphinxcontrib-bibtex (2.7), which is filled in place."""
    for key, value in env.domaindata.get('cite', {}).get('bibliographies', {}).items():
        if key.docname == docname:
            for node in value.citation_nodes.values():
                node.clear()


def _several(value: Any) -> list[str]:
    return [os.fspath(value)] if isinstance(value, (str, os.PathLike)) else [os.fspath(each) for each in value or ()]


def _join(directory: str, path: Any) -> str:
    return os.path.normpath(os.path.join(directory, os.fspath(path)))


def _files(place: str, endings: tuple[str, ...]) -> Iterator[str]:
    """The files that an input consists of."""
    if os.path.isfile(place):
        yield place
    for directory, _, names in os.walk(place):
        yield from (os.path.join(directory, name) for name in names if not endings or name.endswith(endings))
