"""Adds to pages what structured documents append and prepend to them.

docserve writes, beside the fragments that it makes, files NAME.pages.json: by
docname, which fragments belong at the beginning and at the end of a page. This
extension puts an include directive for each into the page's text when it is
read. No file is changed, and any Sphinx from 5.3 on does the same with it.

It is a part of docserve. Have it written by "docserve generate --extension DIR",
put DIR on sys.path in conf.py, and add 'docserve_pages' to extensions.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

logger = logging.getLogger(__name__)

Additions = dict[str, list[str]]


class Table:
    """What the files say, read again when one of them has changed."""

    def __init__(self) -> None:
        self._seen: list[tuple[str, int, int]] = []
        self._pages: dict[str, Additions] = {}

    def pages(self, app: Sphinx) -> dict[str, Additions]:
        """The additions of each page that has some."""
        paths = sorted({path for pattern in app.config.docserve_pages for path in Path(app.srcdir).glob(pattern)})
        seen = [(str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in paths]
        if seen != self._seen:
            self._seen, self._pages = seen, read(paths)
        return self._pages


def read(paths: list[Path]) -> dict[str, Additions]:
    """Merges the files."""
    merged: dict[str, Additions] = {}
    for path in paths:
        try:
            pages = json.loads(path.read_text(encoding='utf-8'))
        except (OSError, ValueError) as error:
            logger.warning('cannot read what is added to pages: %s', error, location=str(path))
            continue
        for page, additions in pages.items():
            for where, includes in additions.items():
                merged.setdefault(page, {}).setdefault(where, []).extend(includes)
    return merged


def known(env: BuildEnvironment) -> dict[str, Additions]:
    """What each page had when it was read; it is pickled with the environment."""
    if not hasattr(env, 'docserve_pages'):
        env.docserve_pages = {}  # type: ignore[attr-defined]
    return env.docserve_pages  # type: ignore[attr-defined,no-any-return]


def outdated(table: Table, app: Sphinx, env: BuildEnvironment) -> list[str]:
    """The pages that have not what they should have."""
    pages, had = table.pages(app), known(env)
    for page in sorted(set(pages) - env.found_docs):
        fragments = ', '.join(include for includes in pages[page].values() for include in includes)
        logger.warning('there is no page %r to which to add %s', page, fragments)
    return sorted(page for page in (set(pages) | set(had)) & env.found_docs if pages.get(page) != had.get(page))


def add(table: Table, app: Sphinx, docname: str, source: list[str]) -> None:
    """Adds include directives to the text of a page."""
    additions = table.pages(app).get(docname)
    if not additions:
        known(app.env).pop(docname, None)
        return
    known(app.env)[docname] = additions
    if str(app.env.doc2path(docname)).endswith('.md'):
        logger.warning('nothing can be added to a page in Markdown', location=docname)
        return
    head, rest = divide(source[0])
    before = ''.join(f'.. include:: {include}\n\n' for include in additions.get('prepend', []))
    after = ''.join(f'\n\n.. include:: {include}\n' for include in additions.get('append', []))
    source[0] = head + before + rest + after


def divide(text: str) -> tuple[str, str]:
    """Parts the fields at the beginning of a page, which must stay there, from the rest."""
    lines = text.splitlines(keepends=True)
    end = at = 0
    while at < len(lines) and (not lines[at].strip() or lines[at][0] == ':' or (end and lines[at][0] in ' \t')):
        at += 1
        if lines[at - 1].strip():
            end = at
    if not end:
        return '', text
    return ''.join(lines[:end]) + '\n', ''.join(lines[end:])


def purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forgets a page that is gone or will be read again."""
    known(env).pop(docname, None)


def merge(app: Sphinx, env: BuildEnvironment, docnames: list[str], other: BuildEnvironment) -> None:
    """Takes over pages that another process has read."""
    for docname in docnames:
        if docname in known(other):
            known(env)[docname] = known(other)[docname]


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx calls this."""
    table = Table()
    app.add_config_value('docserve_pages', ['includes/extracts/*.pages.json'], 'env')
    app.connect('env-get-outdated', lambda app, env, added, changed, removed: outdated(table, app, env))
    app.connect('source-read', lambda app, docname, source: add(table, app, docname, source))
    app.connect('env-purge-doc', purge)
    app.connect('env-merge-info', merge)
    return {'version': '1', 'env_version': 1, 'parallel_read_safe': True, 'parallel_write_safe': True}
