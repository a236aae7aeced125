"""Names of directives, and which document looks one up first.

docutils (0.18 to 0.22) looks for a directive in the document's language, then in
English. If it is not in the former, it puts a message about that into the
document. The next time it finds the name in a table that lives as long as the
process. So in a clean build only the first document that uses a name has the
message. It is no part of the page, but what stands before it and behind it is
no longer next to each other, and transforms look at that.
"""

from __future__ import annotations

from typing import Any, Optional

from docutils.parsers.rst import directives, languages

from .inherited import Inherited


class Lookups(Inherited):
    """The table of docutils (``directives._directives``), with a record of who has looked for what."""

    def __init__(self, items: dict) -> None:
        super().__init__(items)
        self._spoken: Any = {}  # the names that the project's language has

    def speak(self, language: Optional[str]) -> None:
        """Set the language of the project."""
        self._spoken = getattr(languages.get_language(language or 'en'), 'directives', {})

    def __contains__(self, name: object) -> bool:
        found = dict.__contains__(self, name)
        if found and self.doc is not None and name not in self.base:
            self.give(str(name), self[name])
        return found

    def __setitem__(self, name: str, directive: Any) -> None:
        if self.doc is not None:
            self.give(name, directive)
        elif not directive.__module__.startswith(directives.__name__):  # an extension's
            self.base[name] = directive
        dict.__setitem__(self, name, directive)

    # -- around the reading of one document

    def end(self, doc: str, before: dict[str, Any]) -> set[str]:
        """Returns the documents that were the first with a name, or are so now."""
        self.doc = None
        return self._next(doc, before.keys() ^ self.given.get(doc, {}).keys())

    def forget(self, doc: str) -> set[str]:
        """Drop a document that is gone; returns those that are now the first."""
        return self._next(doc, set(self.given.pop(doc, {})))

    def _next(self, doc: str, names: set[str]) -> set[str]:
        """The documents that come next with names which none before this one has."""
        found: set[str] = set()
        for name in names:
            users = [other for other, used in self.given.items() if name in used and other != doc]
            if name not in self._spoken and users and min(users) > doc:
                found.add(min(users))
        return found


def install() -> Lookups:
    """Put the table in the place of docutils's own."""
    if not isinstance(directives._directives, Lookups):
        directives._directives = Lookups(directives._directives)
    return directives._directives
