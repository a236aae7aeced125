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

from .roles import pack, unpack


class Lookups(dict):
    """The table of docutils (``directives._directives``), with a record of who has looked for what."""

    def __init__(self, items: dict) -> None:
        super().__init__(items)
        self.base = dict(items)
        self.doc: Optional[str] = None
        self.used: dict[str, dict[str, Any]] = {}
        self._spoken: Any = {}  # the names that the project's language has

    def speak(self, language: Optional[str]) -> None:
        """Set the language of the project."""
        self._spoken = getattr(languages.get_language(language or 'en'), 'directives', {})

    def __contains__(self, name: object) -> bool:
        found = dict.__contains__(self, name)
        if found and self.doc is not None and name not in self.base:
            self.used.setdefault(self.doc, {})[str(name)] = self[name]
        return found

    def __setitem__(self, name: str, directive: Any) -> None:
        if self.doc is None:
            if not directive.__module__.startswith(directives.__name__):  # an extension's
                self.base[name] = directive
        else:
            self.used.setdefault(self.doc, {})[name] = directive
        dict.__setitem__(self, name, directive)

    # -- around the reading of one document

    def begin(self, doc: str) -> dict[str, Any]:
        """Show a document what those before it have found; returns what it has used so far."""
        before = self.used.pop(doc, {})
        dict.clear(self)
        dict.update(self, self.base)
        for other in sorted(self.used):
            if other < doc:
                dict.update(self, self.used[other])
        self.doc = doc
        return before

    def end(self, doc: str, before: dict[str, Any]) -> set[str]:
        """Returns the documents that were the first with a name, or are so now."""
        self.doc = None
        return self._next(doc, before.keys() ^ self.used.get(doc, {}).keys())

    def restore(self, doc: str, before: dict[str, Any]) -> None:
        """A document that could not be read is what it was."""
        if before:
            self.used[doc] = before
        else:
            self.used.pop(doc, None)

    def forget(self, doc: str) -> set[str]:
        """Drop a document that is gone; returns those that are now the first."""
        return self._next(doc, self.used.pop(doc, {}).keys())

    def _next(self, doc: str, names: Any) -> set[str]:
        """The documents that come next with names which none before this one has."""
        found: set[str] = set()
        for name in names:
            users = [other for other, used in self.used.items() if name in used and other != doc]
            if name not in self._spoken and users and min(users) > doc:
                found.add(min(users))
        return found

    # -- persistence

    def dump(self) -> dict[str, bytes]:
        """What a later session needs."""
        return {doc: pack(each) for doc, each in self.used.items() if each}

    def adopt(self, dumped: dict[str, bytes]) -> set[str]:
        """Take over what dump has returned; returns the documents of which it could not be kept."""
        self.used, lost = unpack(dumped)
        return lost


def install() -> Lookups:
    """Put the table in the place of docutils's own."""
    if not isinstance(directives._directives, Lookups):
        directives._directives = Lookups(directives._directives)
    return directives._directives
