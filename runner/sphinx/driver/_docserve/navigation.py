"""Which pages show navigation that has changed.

Themes ask for the site's toctree with ``toctree(...)``. What they get on a page
depends on the page's place: branches that it is not in may be collapsed. Here
it is remembered with which arguments that was done and what a page outside of
the site would get; from both follows which pages may differ, without looking at
each of them.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Iterable, Optional

from sphinx.util.logging import suppress_logging

from .drawings import Drawings
from .inventory import NAVIGATION, Place
from .journal import about_missing_documents

# A name that no document has; its page is in no branch.
OUTSIDE = '_docserve_outside'


class Navigation:
    """The toctrees of templates, and the neighbours of each page."""

    def __init__(self, app: Any, journal: Any) -> None:
        self.app = app
        self.env, self.builder = app.env, app.builder
        self.journal = journal
        self.drawings = Drawings(app, journal)
        self.prints: dict[str, str] = {}  # arguments of toctree() → what a page outside of the site gets
        self.used: dict[str, str] = {}  # the same for the page being written: arguments → what it got
        self._draw = self.builder._get_local_toctree
        self.builder._get_local_toctree = self._drawing
        self._relations: dict[str, Any] = {}
        self._several: Optional[set[str]] = None  # documents that stand in toctrees with more than their title

    def _drawing(self, docname: str, collapse: bool = True, **keywords: Any) -> str:
        arguments = json.dumps({'collapse': collapse, **keywords}, sort_keys=True, default=repr)
        said = len(self.journal.entries)
        text = self.drawings.draw(docname, arguments, lambda: self._draw(docname, collapse, **keywords))
        self.used[arguments] = self._seal(text, said)
        return text

    def _seal(self, text: str, said: int) -> str:
        """The print of a toctree, with what was said of it: a page that is not written again keeps its warnings."""
        warnings = [entry for entry in self.journal.entries[said:] if not about_missing_documents(entry)]
        return digest(f'{text}{warnings}' if warnings else text)

    def again(self, docname: str, arguments: Iterable[str]) -> dict[str, str]:
        """What a page gets now for the arguments with which it was written."""
        return {each: self._print(docname, each) for each in arguments}

    def _print(self, docname: str, arguments: str) -> str:
        try:
            keywords, said = json.loads(arguments), len(self.journal.entries)
            return self._seal(self._draw(docname, keywords.pop('collapse'), **keywords), said)
        except Exception:  # arguments that only a template can give
            return ''

    def learn(self, arguments: Iterable[str]) -> None:
        """Remember what a page outside of the site gets for arguments not seen before."""
        for each in arguments:
            if each not in self.prints:
                self.prints[each] = self._print(OUTSIDE, each)

    # -- after navigation has changed

    def relate(self) -> set[str]:
        """Find out anew what comes before, after and above each page; returns the pages with other neighbours."""
        if self._several is None:
            self._several = self._with_several()
        before, now = self._relations, self._collected()
        self.builder.relations = self._relations = now
        nowhere = (None, None, None)
        moved = {doc for doc in before.keys() | now.keys() if before.get(doc) != now.get(doc)}
        reparented = {doc for doc in moved if before.get(doc, nowhere)[0] != now.get(doc, nowhere)[0]}
        return {doc for doc in self.env.all_docs if doc in moved or not reparented.isdisjoint(self._above(doc))}

    def _collected(self) -> dict[str, Any]:
        """The neighbours of each page; what Sphinx warns of meanwhile is told when the site is finished."""
        with suppress_logging():
            return self.env.collect_relations()

    def near(self, titled: set[str]) -> set[str]:
        """The pages that name one of the documents as a neighbour or as what they are part of."""
        found: set[str] = set()
        for doc in self.env.all_docs:
            _, before, after = self._relations.get(doc) or (None, None, None)
            if before in titled or after in titled or not titled.isdisjoint(self._above(doc)):
                found.add(doc)
        return found

    def _above(self, doc: str) -> list[str]:
        """What a document is part of, but for the root, which pages do not name."""
        chain: list[str] = []
        root = self.app.config.root_doc
        relation = self._relations.get(doc)
        while relation and relation[0] and relation[0] != root and relation[0] not in chain:
            chain.append(relation[0])
            relation = self._relations.get(relation[0])
        return chain

    def drawn(self, titled: set[str], headed: set[str], arguments: Iterable[str]) -> tuple[Optional[str], set[str]]:
        """Which pages may get another toctree, when titles or headings of documents have changed.

        Returns either why it is all of them, or the pages that must be looked at.
        """
        pages: set[str] = set()
        all_of_them = None
        now_several = self._with_several()
        several, self._several = (self._several or set()) | now_several, now_several
        for each in sorted(arguments):
            before, now = self.prints.get(each), self._print(OUTSIDE, each)
            self.prints[each] = now
            if before != now or not now:
                all_of_them = 'shows a toctree that has changed'
            elif self.app.config.root_doc in headed:
                pages |= set(self.env.all_docs)  # options of its toctrees hold for all branches
            elif json.loads(each).get('collapse', True):
                pages |= self._inside(headed | self._parents(titled | headed & several))
        return all_of_them, pages

    def _with_several(self) -> set[str]:
        """Documents with several sections at the top: each stands in the toctree beside the title."""
        return {doc for doc, toc in self.env.tocs.items() if len(toc.children) > 1}

    def holders(self, docs: set[str]) -> set[str]:
        """The documents whose toctrees lead to one of some documents, directly or not."""
        found: set[str] = set()
        waiting = set(docs)
        while waiting:
            waiting = self._parents(waiting) - found
            found |= waiting
        return found

    def _parents(self, docs: set[str]) -> set[str]:
        return {parent for parent, children in self.env.toctree_includes.items() if not docs.isdisjoint(children)}

    def _inside(self, docs: set[str]) -> set[str]:
        """The documents and all below them. What is directly below the root every page shows."""
        found: set[str] = set()
        waiting = [doc for doc in docs if doc != self.app.config.root_doc]
        while waiting:
            doc = waiting.pop()
            if doc not in found:
                found.add(doc)
                waiting.extend(self.env.toctree_includes.get(doc, ()))
        return found & set(self.env.all_docs)

    # -- persistence

    def adopt(self, prints: dict[str, str]) -> None:
        """Take over the prints of an earlier session."""
        self.prints = prints
        self._relations = self._collected()
        self._several = self._with_several()


class Shared:
    """What all pages have in common beside the toctree: links in headers, style sheets, settings."""

    def __init__(self, app: Any) -> None:
        self.builder = app.builder
        self.print = ''
        self._asked: set[str] = set()  # what templates have asked hasdoc() for
        app.connect('html-page-context', lambda app, page, template, context, doctree: self._listen(context), priority=1)

    def _listen(self, context: dict[str, Any]) -> None:
        given = context.get('hasdoc')
        if callable(given):
            def hasdoc(name: str) -> bool:
                self._asked.add(name)
                return given(name)

            context['hasdoc'] = hasdoc

    def changed(self) -> bool:
        """Whether it is not what it was at the last call."""
        context = getattr(self.builder, 'globalcontext', {})
        text = ''.join(f'{key} {describe(value)}\n' for key, value in sorted(context.items(), key=lambda item: str(item[0])))
        before, self.print = self.print, digest(text)
        return before != self.print

    def asked(self, docnames: set[str]) -> bool:
        """Whether a template looks whether one of the documents exists."""
        return not docnames.isdisjoint(self._asked)


def describe(value: Any) -> str:
    """A text for a value of the templates' context; functions say nothing."""
    if type(value) is str:
        return value
    if callable(value):
        return ''
    if isinstance(value, (list, tuple)):
        return '[' + ' '.join(describe(each) for each in value) + ']'
    if isinstance(value, dict):
        return '{' + ' '.join(f'{key} {describe(each)}' for key, each in value.items()) + '}'
    attributes = getattr(value, 'attributes', None)  # of style sheets and scripts
    if attributes is not None:
        # Before 7.2 they are strings. Themes give them a checksum as they write
        # the first page; the name that the builder gave them stays.
        name = str.__str__(value) if isinstance(value, str) else getattr(value, 'filename', '')
        return f'{name} {attributes}'
    return repr(value)


def digest(text: str) -> str:
    """A short name of a text."""
    return hashlib.blake2b(str(text).encode('utf-8', 'surrogatepass'), digest_size=9).hexdigest()


def titles_and_headings(changes: dict[str, set[Place]]) -> tuple[set[str], set[str]]:
    """The documents whose titles have changed, and those whose tables of contents have."""
    titled = {doc for doc, places in changes.items() if ('env', 'titles') in places}
    headed = {doc for doc, places in changes.items() if any(place[0] == 'env' and place[1] in NAVIGATION for place in places)}
    return titled, headed
