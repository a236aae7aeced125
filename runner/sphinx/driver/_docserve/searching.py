"""The search index, out of the way of the page.

Stemming a page's words takes as long as writing the page. So they are only
collected when the page is written, which the writing would spoil (it puts titles
into admonitions), and fed to the index when nobody waits. The index stays in memory, and in a file of ours from one session to the
next, since Sphinx's own file does not hold all of it.
"""

from __future__ import annotations

import os
import pickle
from typing import Any, Callable, Optional

from . import compat

# Parts of IndexBuilder, docname → value (5.3 has no _index_entries)
_BY_DOC = ('_titles', '_filenames', '_all_titles', '_index_entries')
# stemmed word → set of docnames
_BY_WORD = ('_mapping', '_title_mapping')

FILE = 'index.pickle'
FORMAT = 1

# Pages whose words are dealt with at a time, some 5 ms each.
PORTION = 20


class Searching:
    """Keeps the builder's IndexBuilder up to date."""

    def __init__(self, env: Any, builder: Any) -> None:
        self.env = env
        self.builder = builder
        self.indexer: Optional[Any] = None
        self._waiting: dict[str, tuple[str, Any, Any]] = {}
        self._fed: dict[str, dict[str, Any]] = {}
        self._gone: set[str] = set()
        self._pruned: set[str] = set()  # no longer in the index, and not in it again yet
        self._loaded = False
        self.adopted = False  # the environment is one that docserve left, and its index with it
        self._index_page = builder.index_page
        builder.index_page = self._put_aside
        builder.load_indexer = lambda docnames: None
        self.quiet = False
        # Of the pages whose words the index has, or will have.
        self.signatures: dict[str, str] = {}

    def _put_aside(self, pagename: str, doctree: Any, title: str) -> None:
        if not self.quiet and self.indexer is not None:
            self._waiting[pagename] = (title, doctree, compat.collect_words(self.indexer, doctree) if title else None)

    def waiting(self, docname: str) -> Any:
        """What was put aside for a page, for wait_again."""
        return self._waiting.get(docname)

    def wait_again(self, docname: str, waiting: Any) -> None:
        """Take back what was put aside since: the page is what it was, and so are its words."""
        if waiting is None:
            self._waiting.pop(docname, None)
        else:
            self._waiting[docname] = waiting

    def prepare(self, prepare_writing: Callable[[], None]) -> None:
        """Let the builder prepare, and give it back the index that it would lose."""
        prepare_writing()
        fresh = getattr(self.builder, 'indexer', None)
        if self.indexer is None and fresh is not None:
            self.indexer = fresh
            for name in (*_BY_DOC, *_BY_WORD):
                if hasattr(fresh, name):
                    setattr(fresh, name, {})
        self.builder.indexer = self.indexer

    def remove(self, docname: str) -> None:
        """Forget a document that is gone."""
        for each in (self._waiting, self._fed, self.signatures):
            each.pop(docname, None)
        self._gone.add(docname)

    def feed(self, docnames: list[str]) -> None:
        """Stem the words of pages that were written."""
        for docname in docnames:
            if docname not in self._waiting:
                continue
            title, doctree, words = self._waiting.pop(docname)
            self._fed[docname] = self._words(docname, title, doctree, words)
            self._gone.discard(docname)

    def _words(self, docname: str, title: str, doctree: Any, words: Any) -> dict[str, Any]:
        """Feed one page to an empty index and return what it then holds."""
        indexer = self.indexer
        if indexer is None:
            return {}
        names = [n for n in (*_BY_DOC, *_BY_WORD) if hasattr(indexer, n)]
        kept = {name: getattr(indexer, name) for name in names}
        for name in names:
            setattr(indexer, name, {})
        self.builder.indexer = indexer
        try:
            with compat.collected_words(indexer, doctree, words):
                self._index_page(docname, doctree, title)
            result = {n: getattr(indexer, n).get(docname) for n in names if n in _BY_DOC}
            result.update({n: list(getattr(indexer, n)) for n in names if n in _BY_WORD})
            result['present'] = docname in indexer._titles
            return result
        finally:
            for name, value in kept.items():
                setattr(indexer, name, value)

    def take(self, docname: str, path: str) -> None:
        """In a writer: stem a page's words and leave them in a file for ingest."""
        self.feed([docname])
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'wb') as file:
            pickle.dump((self.signatures.get(docname, ''), self._fed.pop(docname, {})), file, pickle.HIGHEST_PROTOCOL)

    def ingest(self, words: list[list[str]]) -> None:
        """Take over what writers have left."""
        for docname, path in words:
            with open(path, 'rb') as file:
                self.signatures[docname], self._fed[docname] = pickle.load(file)
            os.unlink(path)
            self._waiting.pop(docname, None)
            self._gone.discard(docname)

    def merge(self, state: str) -> bool:
        """Bring the index up to date with some of what was fed; says whether more is left.

        It works in portions, so that a save never waits for all of them.
        """
        if self.indexer is None:
            return False
        self._load(state)
        self.feed(list(self._waiting)[:PORTION])
        stale = (self._gone | set(self._fed)) - self._pruned
        if stale:
            self._prune(stale)
            self._pruned |= stale
            self._gone.clear()
        for docname in list(self._fed)[:PORTION]:
            self._add(docname, self._fed.pop(docname))
            self._pruned.discard(docname)
        return bool(self._fed or self._waiting)

    def _prune(self, stale: set[str]) -> None:
        """Remove documents from the index."""
        indexer = self.indexer
        everything = stale >= set(indexer._titles)
        for name in _BY_WORD:
            mapping = getattr(indexer, name)
            if everything:
                mapping.clear()
                continue
            for docs in mapping.values():
                docs -= stale
        for name in _BY_DOC:
            for docname in stale:
                getattr(indexer, name, {}).pop(docname, None)

    def _add(self, docname: str, words: dict[str, Any]) -> None:
        """Put what a page's feeding has given into the index."""
        if not words.get('present'):
            return
        indexer = self.indexer
        for name in _BY_DOC:
            if name in words:
                getattr(indexer, name)[docname] = words[name]
        for name in _BY_WORD:
            mapping = getattr(indexer, name)
            for word in words[name]:
                mapping.setdefault(word, set()).add(docname)

    def tidy(self) -> None:
        """Remove what an index built from nothing would not hold; just before dumping it."""
        indexer = self.indexer
        if indexer is None:
            return
        for name in ('_objtypes', '_objnames'):
            if hasattr(indexer, name):
                getattr(indexer, name).clear()
        for name in _BY_WORD:
            mapping = getattr(indexer, name)
            for word in [word for word, docs in mapping.items() if not docs]:
                del mapping[word]
        for name in _BY_DOC:
            if hasattr(indexer, name):
                setattr(indexer, name, dict(sorted(getattr(indexer, name).items())))

    # -- from one session to the next

    def dump(self, state: str, suffix: str) -> None:
        """Write the index beside the environment, under a name with a suffix."""
        if self.indexer is None:
            return
        names = [n for n in (*_BY_DOC, *_BY_WORD) if hasattr(self.indexer, n)]
        with open(os.path.join(state, FILE + suffix), 'wb') as file:
            pickle.dump({'format': FORMAT, **{n: getattr(self.indexer, n) for n in names}}, file, pickle.HIGHEST_PROTOCOL)

    def _load(self, state: str) -> None:
        if self._loaded:
            return
        self._loaded = True
        if not self.adopted or not self.builder.search:
            return
        try:
            with open(os.path.join(state, FILE), 'rb') as file:
                data = pickle.load(file)
        except Exception as exc:
            raise RuntimeError(f'the search index of the last session is damaged: {exc}') from exc
        if data.pop('format', None) == FORMAT:
            for name, value in data.items():
                setattr(self.indexer, name, value)
