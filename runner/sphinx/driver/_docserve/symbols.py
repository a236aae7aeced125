"""The symbols of C and C++, which Sphinx keeps in trees.

A tree does not say which documents have to do with each other, and removing a
document from it goes wrong where several documents declare parts of one entity.
So it is noted which names each document declares. When a document is read,
those that declare the same name, a part of it, or what it is a part of, are
read again with it, in the order of a clean build.
"""

from __future__ import annotations

import copy
import functools
import re
from typing import Any, Callable, Iterator, Optional

# Domain, and what separates the parts of its names.
DOMAINS = {'c': re.compile(r'\.'), 'cpp': re.compile(r'::')}

Name = tuple[str, str]  # domain, full name


class Symbols:
    """Who declares which symbols."""

    def __init__(self, env: Any) -> None:
        self.env = env
        self.doc: Optional[str] = None
        self.declared: dict[str, dict[Name, str]] = {}  # docname → name → what a link to it is made from
        self.spaces: dict[str, set[Name]] = {}  # docname → scopes that it only opens
        self._declarers: dict[Name, set[str]] = {}  # name → documents that declare it
        self._users: dict[Name, set[str]] = {}  # name → documents that declare or open it or a part of it
        self._touched: set[Name] = set()  # outermost scopes whose order may be wrong
        for domain in DOMAINS:
            self._listen(domain)

    def root(self, domain: str) -> Any:
        """The root of a domain's tree, None when there is no such domain."""
        return self.env.domaindata.get(domain, {}).get('root_symbol')

    def _listen(self, domain: str) -> None:
        """Note declarations and scopes as the domain's symbols are told of them (5.3 to 9.2)."""
        kind = type(self.root(domain))
        if not hasattr(kind, 'add_declaration'):
            return
        declare, add_name = _original(kind.add_declaration), _original(kind.add_name)

        @functools.wraps(declare)
        def noting(symbol: Any, declaration: Any, docname: str, line: int) -> Any:
            name = ''
            try:
                found = declare(symbol, declaration, docname, line)
                name = full_name(found)
                return found
            except Exception as exc:  # a duplicate: it has the symbol that was there before
                name = full_name(getattr(exc, 'symbol', None))
                raise
            finally:
                if name:
                    self.declared.setdefault(docname, {})[domain, name] = f'{declaration.get_newest_id()} {declaration.objectType}'

        @functools.wraps(add_name)
        def opening(symbol: Any, *args: Any, **keywords: Any) -> Any:
            found = add_name(symbol, *args, **keywords)
            if self.doc is not None:
                self.spaces.setdefault(self.doc, set()).add((domain, full_name(found)))
            return found

        kind.add_declaration, kind.add_name = noting, opening

    # -- around the reading of one document

    def begin(self, doc: str) -> frozenset[Name]:
        """Remove a document from the trees, and note from now on what it declares; returns what it had."""
        before = self.names(doc)
        self.clear(doc)
        self._index(doc, set.discard)
        self.declared.pop(doc, None)
        self.spaces.pop(doc, None)
        self.doc = doc
        return before

    def end(self) -> None:
        """Stop noting."""
        doc, self.doc = self.doc, None
        if doc is not None:
            self._index(doc, set.add)
            self._touch(doc)

    def _index(self, doc: str, change: Callable[[set[str], str], None]) -> None:
        for name in self.declared.get(doc, ()):
            change(self._declarers.setdefault(name, set()), doc)
        for name in _with_wholes(self.names(doc)):
            change(self._users.setdefault(name, set()), doc)

    def names(self, doc: str) -> frozenset[Name]:
        """The names that a document declares or opens."""
        return frozenset(self.declared.get(doc, ())) | frozenset(self.spaces.get(doc, ()))

    def related(self, doc: str, before: frozenset[Name]) -> set[str]:
        """The other documents that have to do with what a document declares, or did before.

        They declare or open the same name or a part of it, or declare the
        whole; and those that have to do with these.
        """
        found = {doc}
        waiting = [(frozenset(self.declared.get(doc, ())) | before, self.names(doc) | before)]
        while waiting:
            declared, names = waiting.pop()
            others: set[str] = set()
            for name in declared:
                others |= self._users.get(name, set())
            for name in _with_wholes(names):
                others |= self._declarers.get(name, set())
            for other in others - found:
                found.add(other)
                waiting.append((frozenset(self.declared.get(other, ())), self.names(other)))
        return found - {doc}

    def _touch(self, doc: str) -> set[str]:
        tops = {(name[0], top(name)) for name in self.names(doc)}
        self._touched |= tops
        return {each[1] for each in tops}

    def clear(self, doc: str) -> None:
        """Remove all that a document declares; Sphinx's own way misses some, or takes too much."""
        tops = self._touch(doc)
        for domain in DOMAINS:
            root = self.root(domain)
            if root is None or not tops:
                continue
            for child in list(root._children):
                if str(ident(child)) in tops:
                    _clear(root, child, doc)

    def empty(self) -> None:
        """Begin with empty trees: where Sphinx removes a document, the names stay, and hide others."""
        for domain in DOMAINS:
            if self.root(domain) is not None:
                data = type(self.env.get_domain(domain)).initial_data
                self.env.domaindata[domain]['root_symbol'] = copy.deepcopy(data['root_symbol'])

    def forget(self, doc: str) -> set[str]:
        """Drop a document that is gone; returns those that have to do with what it declared."""
        before = self.begin(doc)
        self.end()
        return self.related(doc, before)

    # -- exports, order, persistence

    def exports(self, doc: str) -> Iterator[tuple[tuple[str, ...], str]]:
        """What links of other pages to the symbols of a document are made from, by place."""
        for (domain, name), text in self.declared.get(doc, {}).items():
            yield ('symbol', domain, name), f'{doc} {text}'

    def sort(self, rank: dict[str, int]) -> None:
        """Put children into the order in which a clean build would have met them."""
        touched, self._touched = self._touched, set()
        for domain in {each[0] for each in touched}:
            root = self.root(domain)
            if root is None:
                continue
            tops = {each[1] for each in touched if each[0] == domain}
            for child in root._children:
                if str(ident(child)) in tops:
                    _sort(child, rank)
            _order(root, {id(child): _first(child, rank) for child in root._children})

    def dump(self) -> dict[str, Any]:
        """What a later session needs."""
        return {'declared': self.declared, 'spaces': self.spaces}

    def adopt(self, dumped: dict[str, Any]) -> None:
        """Take over what dump has returned."""
        self.declared, self.spaces = dumped['declared'], dumped['spaces']
        for doc in self.declared.keys() | self.spaces.keys():
            self._index(doc, set.add)


def _original(function: Callable[..., Any]) -> Callable[..., Any]:
    """The domain's own function, should it have been replaced before in this process."""
    return getattr(function, '__wrapped__', function)


def ident(symbol: Any) -> Any:
    """The last part of a symbol's name (C: ``ident``, C++: ``identOrOp``)."""
    return getattr(symbol, 'identOrOp', None) or getattr(symbol, 'ident', None)


def full_name(symbol: Any) -> str:
    """The whole name of a symbol, '' for the root."""
    if symbol is None or symbol.parent is None:
        return ''
    return str(symbol.get_full_nested_name())


def top(name: Name) -> str:
    """The outermost part of a name, without template arguments."""
    return DOMAINS[name[0]].split(name[1].lstrip(':'))[0].split('<')[0].split('(')[0].strip()


def _with_wholes(names: frozenset[Name]) -> set[Name]:
    found: set[Name] = set()
    for domain, name in names:
        found.add((domain, name))
        for match in DOMAINS[domain].finditer(name):
            found.add((domain, name[:match.start()]))
    return found


def _clear(parent: Any, symbol: Any, doc: str) -> None:
    for child in list(symbol._children):
        _clear(symbol, child, doc)
    if symbol.docname != doc:
        return
    above, below = symbol.siblingAbove, symbol.siblingBelow
    if above is not None:
        above.siblingBelow = below
    if below is not None:
        below.siblingAbove = above
    symbol.siblingAbove = symbol.siblingBelow = None
    if not list(symbol._children):
        _remove(parent, symbol)
    else:
        by_doc = getattr(parent, '_children_by_docname', None)
        if by_doc is not None:
            by_doc.get(doc, {}).pop(symbol.ident.name, None)
            by_doc.setdefault(None, {})[symbol.ident.name] = symbol
        symbol.declaration = None
        symbol.docname = None
        symbol.line = None


def _remove(parent: Any, symbol: Any) -> None:
    if hasattr(parent, '_remove_child'):  # C, 8.2 and later
        parent._remove_child(symbol)
    else:
        parent._children.remove(symbol)
        anonymous = getattr(parent, '_anonChildren', None) or getattr(parent, '_anon_children', None) or []
        if symbol in anonymous:
            anonymous.remove(symbol)
    symbol.parent = None


def _sort(symbol: Any, rank: dict[str, int]) -> tuple[int, int]:
    """Sort below a symbol; returns where it was first met."""
    firsts = {id(child): _sort(child, rank) for child in symbol._children}
    _order(symbol, firsts)
    return min([_place(symbol, rank), *firsts.values()])


def _first(symbol: Any, rank: dict[str, int]) -> tuple[int, int]:
    """Where a symbol, or a part of it, was first met."""
    return min([_place(symbol, rank), *(_first(child, rank) for child in symbol._children)])


def _place(symbol: Any, rank: dict[str, int]) -> tuple[int, int]:
    if symbol.docname is None:
        return len(rank), 0
    return rank.get(symbol.docname, -1), symbol.line or 0


def _order(symbol: Any, firsts: dict[int, tuple[int, int]]) -> None:
    children = list(symbol._children)
    ordered = sorted(children, key=lambda child: firsts[id(child)])
    if ordered == children:
        return
    if isinstance(symbol._children, list):
        symbol._children[:] = ordered
        return
    # C, 8.2 and later: the same children under their names, and by document
    symbol._children_by_name = {child.ident.name: child for child in ordered}
    by_doc: dict[Any, dict[str, Any]] = {}
    for child in ordered:
        by_doc.setdefault(child.docname, {})[child.ident.name] = child
    symbol._children_by_docname = by_doc
