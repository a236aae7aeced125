"""Tables of docutils that documents leave something in for those after them.

They live as long as the process, so in a clean build a document finds in them what
the documents before it have put there. Here each document is shown just that.
"""

from __future__ import annotations

import pickle
from typing import Any, Optional


class Inherited(dict):
    """Such a table, with a record of what each document gives to it."""

    def __init__(self, items: dict) -> None:
        super().__init__(items)
        self.base = dict(items)
        self.doc: Optional[str] = None  # that is being read
        self.given: dict[str, dict[str, Any]] = {}  # document → name → what it is

    def give(self, name: str, value: Any) -> None:
        """Note what the document that is being read gives."""
        assert self.doc is not None
        self.given.setdefault(self.doc, {})[name] = value

    def begin(self, doc: str) -> dict[str, Any]:
        """Show a document what those before it give; returns what it has given so far."""
        before = self.given.pop(doc, {})
        dict.clear(self)
        dict.update(self, self.base)
        for other in sorted(self.given):
            if other < doc:
                dict.update(self, self.given[other])
        self.doc = doc
        return before

    def restore(self, doc: str, before: dict[str, Any]) -> None:
        """Give a document that could not be read back what it had given."""
        if before:
            self.given[doc] = before
        else:
            self.given.pop(doc, None)

    # -- persistence

    def pack(self) -> dict[str, bytes]:
        """What each document gives, for a later session; what cannot be pickled is left out."""
        return {doc: _pickled(each) for doc, each in self.given.items() if each}

    def unpack(self, packed: dict[str, bytes]) -> set[str]:
        """Take over what pack has returned; returns the documents of which it could not be kept."""
        lost: set[str] = set()
        for doc, data in packed.items():
            try:
                self.given[doc] = pickle.loads(data)
            except Exception:  # whatever the classes of roles and directives may raise
                lost.add(doc)
        return lost


def _pickled(given: dict[str, Any]) -> bytes:
    try:
        return pickle.dumps(given)
    except Exception:  # likewise
        return b''
