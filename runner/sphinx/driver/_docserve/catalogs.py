"""Message catalogs, which a process loads once.

gettext keeps every catalog that it has loaded (``gettext._translations``), and
Sphinx (5.3 to 9.2) keeps what it has put together of them
(``sphinx.locale.translators``). Both are dropped when a file differs.
"""

from __future__ import annotations

import gettext
import os
from typing import Any, Callable, Optional

from sphinx import locale

from .digests import stamp


class Catalogs:
    """The compiled catalogs of a project."""

    def __init__(self, app: Any) -> None:
        self.env = app.env
        self._root = os.path.join(os.fspath(app.srcdir), '')
        self._messages = frozenset(locale.translators)  # of Sphinx, themes and extensions
        self._of: dict[str, set[Any]] = {}  # docname → its catalogs
        self._loaded: dict[str, Optional[tuple[int, int]]] = {}

    def refresh(self) -> None:
        """Forget what was loaded from files that are not what they were."""
        if all(stamp(path) == before for path, before in self._loaded.items()):
            return
        self._loaded.clear()
        for key in list(gettext._translations):  # type: ignore[attr-defined]
            if key[1].startswith(self._root):
                del gettext._translations[key]  # type: ignore[attr-defined]
        for name in list(locale.translators):
            if name not in self._messages:
                del locale.translators[name]

    def note(self) -> None:
        """Remember which files have been loaded by now."""
        for _, path in gettext._translations:  # type: ignore[attr-defined]
            if path.startswith(self._root) and path not in self._loaded:
                self._loaded[path] = stamp(path)

    def compile(self, builder: Any, find: Callable[[], None]) -> set[str]:
        """Compile catalogs and find documents; returns those that have other catalogs now.

        Sphinx notes catalogs as dependencies when it finds documents, and
        forgets them when it reads one: so they are remembered here.
        """
        before = self._of
        builder.compile_update_catalogs()
        for doc in before:
            self.env.dependencies.get(doc, set()).difference_update(before[doc])
        find()
        self._of = {}
        for doc, paths in self.env.dependencies.items():
            names = {each for each in paths if str(each).endswith('.mo')}
            if names:
                self._of[doc] = names
        return {doc for doc in before.keys() | self._of.keys() if before.get(doc) != self._of.get(doc)}

    def known(self) -> dict[str, set[Any]]:
        """What a later session needs."""
        return self._of

    def adopt(self, known: dict[str, set[Any]]) -> None:
        """Take over what an earlier session has known."""
        self._of = known

    def depend(self, doc: str) -> None:
        """Note again which catalogs a document depends on."""
        for name in self._of.get(doc, ()):
            self.env.dependencies.setdefault(doc, set()).add(name)
