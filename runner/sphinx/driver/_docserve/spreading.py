"""From what was read to the pages of others: what must be written, and what must be checked.

Two steps. ``update`` is what stands between a document that was read and its
page, and is short. ``spread`` finds out which pages of other documents can show
what has changed; it comes when the page is on the screen.
"""

from __future__ import annotations

from typing import Any, Iterable, Optional, Tuple

from sphinx.environment import CONFIG_OK

from . import compat
from .inventory import Place, changed_places
from .journal import failure
from .navigation import titles_and_headings
from .pages import CONTEXT, TOCTREES
from .queries import tokens_of


Why = Tuple[str, str]  # a cause, and words with the page as subject


class Stale:
    """The pages that are stale or may be: of each, what to check (nothing: it must be written), and why.

    A reason is a cause, which docserve's Reason knows, and words for it.
    """

    def __init__(self) -> None:
        self.all: Why = ('', '')  # why every page must be written
        self.pages: dict[str, tuple[set[str], Why]] = {}

    def write(self, docs: Iterable[str], why: Why) -> None:
        """These pages must be written."""
        for doc in docs:
            self.pages[doc] = set(), why

    def check(self, docs: Iterable[str], what: str, why: Why) -> None:
        """These pages must be written if what is to be checked differs."""
        for doc in docs:
            checks, first = self.pages.get(doc, ({what}, why))
            if checks:
                self.pages[doc] = checks | {what}, first

    def everything(self, why: Why) -> None:
        """All pages must be written."""
        if not self.all[0]:
            self.all = why

    def result(self, docs: set[str], origins: Iterable[str]) -> dict[str, Any]:
        """The answer to docserve; origins are the documents that have caused it."""
        pages = [[doc, sorted(checks), *why] for doc, (checks, why) in sorted(self.pages.items()) if doc in docs]
        cause, words = self.all
        return {'all': words, 'cause': cause, 'pages': [] if words else pages, 'origins': sorted(origins)}


class Spreading:
    """Follows changes from the documents that were read to the pages that show them."""

    def __init__(self, session: Any) -> None:
        self.session = session
        self.app, self.env = session.app, session.env
        self.inventory, self.pages = session.inventory, session.pages
        self._exports: dict[str, dict[Place, str]] = {}  # of documents read since the last spread: before that
        self._known: dict[str, dict[Place, str]] = {}  # of documents as they are
        self._foreign: Optional[str] = None
        self._modules: dict[str, str] = {}
        self._removed: set[str] = set()
        self._added: set[str] = set()
        self.listeners = compat.foreign_listeners(self.app, ('env-updated', 'env-get-updated'))
        self.handlers = compat.page_handlers(self.app)

    # -- around the reading of one document

    def before(self, doc: str) -> None:
        """Note what a document exports, before it is read or removed."""
        if doc in self._exports:
            return
        if doc not in self.env.all_docs:
            self._exports[doc] = {}
            return
        found = self._known.get(doc)
        self._exports[doc] = self.inventory.exports(doc) if found is None else found

    def after(self, again: bool) -> None:
        """A document was read: what was known is no longer so. If it was read again, its toctrees go back to their place."""
        self._known = {}
        if again:
            # Reading puts them last. A page may be written before the update, and nothing follows a rehearsal.
            self._sort_toctrees()

    def _sort_toctrees(self) -> None:
        self.env.toctree_includes = dict(sorted(self.env.toctree_includes.items()))

    def forget_reading(self, doc: str) -> None:
        """A document was read for nothing, and is what it was."""
        self._exports.pop(doc, None)
        self._known = {doc: self.inventory.exports(doc)}

    def listed(self, added: set[str], removed: set[str]) -> None:
        """The list of documents is another one."""
        self._added |= added
        self._removed |= removed
        if added or removed:
            self.pages.navigation.drawings.listed()

    # -- before the page

    def update(self, docnames: list[str], initial: bool) -> dict[str, Any]:
        """Bring up to date what a document's own page may show of others."""
        session, env = self.session, self.env
        session.journal.take()
        stale = Stale()
        numbering = error = None
        differs = True
        try:
            with self.pages.updating(), session.copies.watching(self.listeners):
                for docs in self.app.events.emit('env-updated', env):
                    stale.write(docs or (), ('extension', 'is asked for by an extension'))
            session.extensions.updated()
            if 'write-started' in self.app.events.events:  # 8.0 and later
                self.app.events.emit('write-started', session.builder)
            notes = session.journal.take()
            always = initial or bool(self._added or self._removed)
            dependents, assigned = session.numbers.assign(set(docnames), always)
            differs = assigned or always or self.listeners
            numbering = session.journal.take() if assigned else None
            stale.check(dependents, CONTEXT, ('numbers', 'shows numbers of sections or figures'))
            stale.check(session.images.rename(), CONTEXT, ('names', 'shows an image that has another name'))
        except Exception as exc:
            error, notes = failure(exc, session.roots()), session.journal.take()
        env.config_status = CONFIG_OK
        self._sort_toctrees()
        self.pages.navigation.drawings.updated(differs)
        self._forget_doctrees(docnames)
        if initial or session.queries.ordered(docnames):
            self.inventory.sort_names()
        if initial:
            self._begin()
        result = stale.result(set(env.all_docs), docnames)
        result['diagnostics'], result['numbering'] = notes + session.journal.take(), numbering
        if error is not None:
            result['error'] = error
        return result

    def _begin(self) -> None:
        """Everything was read: from now on, changes count."""
        self._exports.clear()
        self.inventory.moved.clear()
        self._added, self._removed = set(), set()
        self.session.numbers.renumbered.clear()
        self.pages.navigation.relate()
        self.pages.prepare()
        self.pages.shared.changed()
        self._foreign = self.inventory.foreign()
        self.session.sources.restore()
        self._modules = self.session.sources.modules()

    def _forget_doctrees(self, docnames: list[str]) -> None:
        """Drop cached doctrees, but that of a single document, whose page comes next."""
        cache = getattr(self.env, '_write_doc_doctree_cache', {})
        keep = {d: cache[d] for d in docnames if d in cache} if len(docnames) == 1 else {}
        compat.forget_doctrees(self.env)
        cache.update(keep)

    # -- after it

    def spread(self, everything: bool, templates: list[str], arguments: list[str]) -> dict[str, Any]:
        """Find out which pages may show what has changed since the last time.

        Arguments are those of toctree() in the pages that were written.
        """
        session, env = self.session, self.env
        session.journal.take()
        self.inventory.sort_names()
        changes = self._changes()
        stale = Stale()
        drawn = self._navigate(changes, set(arguments), stale)
        self._ask(changes, stale)
        self._share(changes, everything or bool(templates), stale)
        session.sources.restore()
        modules = session.sources.modules()
        result = stale.result(set(env.all_docs), set(changes) | self._added | self._removed)
        result['modules'] = bool(stale.all[0]) or drawn or modules != self._modules
        session.journal.take()  # of toctrees: the pages that show them say it as well
        self._modules = modules
        self._added, self._removed = set(), set()
        session.numbers.renumbered.clear()
        return result

    def _changes(self) -> dict[str, set[Place]]:
        changes: dict[str, set[Place]] = {}
        for doc, before in self._exports.items():
            after = self.inventory.exports(doc) if doc in self.env.all_docs else {}
            self._known[doc] = after
            places = changed_places(before, after)
            if places:
                changes[doc] = places
        for doc, places in self.inventory.moved.items():
            changes.setdefault(doc, set()).update(places)
        self.inventory.moved.clear()
        self._exports.clear()
        return changes

    def _navigate(self, changes: dict[str, set[Place]], arguments: set[str], stale: Stale) -> bool:
        """Follow titles, headings, numbers and order; says whether pages outside of the site differ."""
        navigation, listed = self.pages.navigation, self._added | self._removed
        titled, headed = titles_and_headings(changes)
        renumbered = self.session.numbers.renumbered
        if not (titled or headed or renumbered or listed):
            return False
        self.pages.forget_navigation()
        stale.write(navigation.relate(), ('navigation', 'has other neighbours'))
        stale.check(navigation.near(titled | renumbered), CONTEXT, ('navigation', 'shows the title of a neighbour'))
        stale.check(renumbered, CONTEXT, ('numbers', 'has other numbers'))
        why, pages = navigation.drawn(titled | renumbered | listed, headed | renumbered | listed, arguments)
        if why or self.handlers == compat.ANYTHING or self.handlers == compat.NAVIGATION:
            stale.everything(('navigation', why or 'shows navigation, which the theme draws itself'))
        stale.check(pages, TOCTREES, ('navigation', 'shows a toctree that has changed'))
        if self.pages.shared.asked(listed):
            stale.everything(('documents', 'has a template that looks for a document which is new or gone'))
        return bool(why)

    def _ask(self, changes: dict[str, set[Place]], stale: Stale) -> None:
        """Follow names to the pages that ask for them."""
        renumbered, listed = self.session.numbers.renumbered, self._added | self._removed
        foreign = self.inventory.foreign()
        strange, self._foreign = foreign != self._foreign, foreign
        if not (changes or renumbered or listed or strange):
            return
        tokens: set[str] = set()
        for doc, places in changes.items():
            for kind, *rest in places:
                if kind != 'data':  # what an extension keeps for a document only its own nodes can show
                    tokens |= tokens_of(doc if kind == 'env' else str(rest[-1]))
        for doc in renumbered | listed:
            tokens |= tokens_of(doc)
            for _, key in self.inventory.keys.get(doc, ()):
                tokens |= tokens_of(str(key))
        navigation = bool(renumbered or listed) or any(titles_and_headings(changes))
        stale.check(self.session.queries.asking(tokens, navigation), CONTEXT, ('names', 'refers to names that have changed'))
        equations = {doc for doc, places in changes.items() if any('has_equations' in place for place in places)}
        stale.check(self.pages.navigation.holders(equations), CONTEXT, ('numbers', 'stands above equations that have changed'))
        if self.handlers == compat.ANYTHING and (changes or strange):
            stale.everything(('extension', 'is changed by an extension, which may show anything'))

    def _share(self, changes: dict[str, set[Place]], everything: bool, stale: Stale) -> None:
        """Prepare anew what all pages share, if it may differ."""
        indexed = {domain.name for domain in self.env.domains.values() if domain.indices}
        named = any(place[0] in ('name', 'data') and place[1] in indexed for places in changes.values() for place in places)
        if everything:
            self.pages.forget_templates()
        if everything or named or self._added or self._removed:
            self.pages.prepare()
            if self.pages.shared.changed() or everything:
                cause = 'template' if everything else 'navigation'
                stale.everything((cause, 'shows what all pages share'))

    # -- persistence

    def dump(self) -> dict[str, Any]:
        """What a later session needs."""
        return {
            'foreign': self._foreign, 'modules': self._modules,
            'shared': self.pages.shared.print, 'toctrees': self.pages.navigation.prints, 'linked': self.pages.linked,
        }

    def adopt(self, dumped: dict[str, Any]) -> None:
        """Take over what dump has returned."""
        self._foreign, self._modules = dumped['foreign'], dumped['modules']
        self.pages.shared.print, self.pages.linked = dumped['shared'], dumped['linked']
        self.pages.navigation.adopt(dumped['toctrees'])
