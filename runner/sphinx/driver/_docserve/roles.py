"""Roles that documents define for those after them.

``.. role::`` puts a role into a table of docutils that lives as long as the
process. In a clean build a document therefore knows the roles of the documents
before it. Here each document is given just those, and it is remembered which
names it has asked for, so that it is read again when one of them changes.
"""

from __future__ import annotations

from typing import Any

from docutils.parsers.rst import roles

from .inherited import Inherited


class LocalRoles(Inherited):
    """The table of docutils (``roles._roles``, 0.18 to 0.22), with a record of definitions and questions."""

    def __init__(self, items: dict) -> None:
        super().__init__(items)
        self.asked: dict[str, set[str]] = {}

    def __contains__(self, name: object) -> bool:
        if self.doc is not None and name and name not in self.base:
            self.asked.setdefault(self.doc, set()).add(str(name))
        return dict.__contains__(self, name)

    def __setitem__(self, name: str, role: Any) -> None:
        # Roles that docutils has found by their names are kept here too.
        if self.doc is not None and name and all(role is not each for each in roles._role_registry.values()):
            self.give(name, role)
        dict.__setitem__(self, name, role)

    # -- around the reading of one document

    def begin(self, doc: str) -> dict[str, Any]:
        """Show a document what those before it define; returns what it has defined so far."""
        self.asked.pop(doc, None)
        return super().begin(doc)

    def end(self, doc: str, before: dict[str, Any]) -> set[str]:
        """Returns the later documents that have asked for a role which is not the same any more."""
        self.doc = None
        now = self.given.get(doc, {})
        changed = {name for name in before.keys() | now.keys() if describe(before.get(name)) != describe(now.get(name))}
        return self._asking(doc, changed)

    def forget(self, doc: str) -> set[str]:
        """Drop a document that is gone; returns those that have asked for its roles."""
        self.asked.pop(doc, None)
        return self._asking(doc, set(self.given.pop(doc, {})))

    def _asking(self, doc: str, names: set[str]) -> set[str]:
        """The documents after this one that have asked for one of some names."""
        return {other for other, asked in self.asked.items() if other > doc and not asked.isdisjoint(names)}

    # -- persistence

    def dump(self) -> dict[str, Any]:
        """What a later session needs; a role that cannot be pickled is left out."""
        return {'asked': self.asked, 'defined': self.pack()}

    def adopt(self, dumped: dict[str, Any]) -> set[str]:
        """Take over what dump has returned; returns the documents whose roles it could not keep."""
        self.asked = dumped['asked']
        return self.unpack(dumped['defined'])


def install() -> LocalRoles:
    """Put the table in the place of docutils's own."""
    if not isinstance(roles._roles, LocalRoles):
        roles._roles = LocalRoles(roles._roles)
    return roles._roles


def describe(role: Any) -> Any:
    """What tells two definitions of a role apart; the function itself is another one each time."""
    base = getattr(role, 'base_role', None)
    if base is None:
        return None if role is None else getattr(role, '__qualname__', None) or type(role).__qualname__
    # 0.18 to 0.22: what was written below the directive
    return getattr(role, 'name', ''), describe(base), repr(getattr(role, 'supplied_options', None)), repr(getattr(role, 'supplied_content', None))
