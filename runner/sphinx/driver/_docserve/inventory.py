"""What each document exports, who else defines it, and in which order.

Sphinx keeps names in plain dicts: reading a document again moves its entries to
the end, and takes over names that another document had defined. A clean build
reads documents in sorted order, so there the last definer has the value and the
first one has the place. Here the tables of the domains are dicts that remember
who defined what, so that both can be restored without reading anything again.
"""

from __future__ import annotations

import os
import re
from typing import Any, Iterable, Iterator, NamedTuple, Optional

from docutils import nodes

# Per-document data of the environment that no *other* page shows.
PRIVATE = frozenset({
    'all_docs', 'dependencies', 'included', 'images', 'dlfiles', 'original_image_uri',
    'files_to_rebuild', 'current_document', 'temp_data', 'ref_context', 'settings', 'domaindata',
    '_pickled_doctree_cache', '_write_doc_doctree_cache', '_search_index_titles',
    '_search_index_filenames', '_search_index_mapping', '_search_index_title_mapping',
    '_search_index_all_titles', '_search_index_index_entries', '_search_index_objtypes',
    '_search_index_objnames',
})
# Tables of domains that only indices or other builders show.
UNSHOWN = frozenset({('index', 'entries'), ('changeset', 'changes'), ('citation', 'citation_refs')})

_NUMBER = re.compile(r' secnumber="[^"]*"')
_ADDRESS = re.compile(r' at 0x[0-9a-f]+')


class Reader:
    """Which document is being read just now, and what it has defined so far."""

    def __init__(self) -> None:
        self.doc: Optional[str] = None
        self.defined: list[tuple['Table', Any]] = []


class Table(dict):
    """A table of a domain that remembers who defined each key.

    It pickles as a plain dict, so that an environment never needs this class.
    """

    __slots__ = ('name', 'owners', 'rivals', '_reader')

    def __init__(self, name: tuple[str, str], items: dict, reader: Reader) -> None:
        super().__init__(items)
        self.name = name
        self.owners: dict[Any, str] = {}
        self.rivals: dict[Any, dict[str, Any]] = {}
        self._reader = reader

    def __reduce__(self) -> tuple:
        return dict, (), None, None, iter(list(self.items()))

    def __reduce_ex__(self, protocol: int) -> tuple:  # type: ignore[override]
        return self.__reduce__()

    def __setitem__(self, key: Any, value: Any) -> None:
        doc = self._reader.doc
        if doc is not None:
            owner = self.owners.get(key)
            if key in self.rivals:
                self.rivals[key][doc] = value
            elif owner is not None and owner != doc and key in self:
                self.rivals[key] = {owner: self[key], doc: value}
            self.owners[key] = doc
            self._reader.defined.append((self, key))
        super().__setitem__(key, value)

    def setdefault(self, key: Any, default: Any = None) -> Any:
        if key not in self:
            self[key] = default
        return self[key]

    def update(self, *args: Any, **kwargs: Any) -> None:
        for key, value in dict(*args, **kwargs).items():
            self[key] = value

    def first(self, key: Any) -> Optional[str]:
        """The first document, in the order of a clean build, that defines key."""
        rivals = self.rivals.get(key)
        return min(rivals) if rivals else self.owners.get(key)


class Structure(NamedTuple):
    """What the numbers of one document's sections depend on."""

    numbered: tuple[bool, Any]
    nodes: dict[str, Any]
    numbers: dict[str, Any]

    def text(self) -> str:
        """A text that differs when numbers may differ; numbers themselves do not count."""
        return repr(self.numbered) + ''.join(_NUMBER.sub('', render(node)) for node in self.nodes.values())


class Inventory:
    """The tables of all domains of an environment."""

    def __init__(self, env: Any) -> None:
        self.env = env
        self.reader = Reader()
        self.keys: dict[str, list[tuple[Table, Any]]] = {}
        self.pictures: dict[str, list[str]] = {}
        self._numbered: set[str] = set()

    def wrap(self) -> None:
        """Replace plain dicts in the domains' data; those already replaced stay."""
        for domain, data in self.env.domaindata.items():
            for name, value in data.items():
                if type(value) is dict:
                    data[name] = Table((domain, name), value, self.reader)

    def tables(self) -> Iterator[Table]:
        """All tables, in the order in which Sphinx keeps them."""
        for data in self.env.domaindata.values():
            for value in data.values():
                if isinstance(value, Table):
                    yield value

    # -- around the reading of one document

    def begin(self, doc: str) -> None:
        """Hide from a document, already cleared, what a clean build reads after it."""
        self.wrap()
        self.pictures.pop(doc, None)
        for table, key in self.keys.pop(doc, ()):
            rivals = table.rivals.get(key)
            if rivals is None:
                if table.owners.get(key) == doc:
                    table.owners.pop(key)
                continue
            rivals.pop(doc, None)
            self._place(table, key, [d for d in rivals if d < doc])
        self.reader.doc = doc
        self.reader.defined = []

    def end(self, doc: str, before: Iterable[tuple[Table, Any]]) -> set[str]:
        """Give shared keys back to their last definers.

        Returns the other documents whose own warnings or values depend on
        whether this one defines a key, where that has changed.
        """
        self.reader.doc = None
        defined = list(dict.fromkeys((_Identity(t), k) for t, k in self.reader.defined))
        self.keys[doc] = [(t.table, k) for t, k in defined]
        had, have = {(_Identity(t), k) for t, k in before}, set(defined)
        affected: set[str] = set()
        for identity, key in had | have:
            table = identity.table
            rivals = table.rivals.get(key)
            if rivals is None:
                continue
            self._place(table, key, list(rivals))
            if ((identity, key) in had) != ((identity, key) in have):
                affected.update(rivals)
            if len(rivals) < 2:
                table.rivals.pop(key)
        return affected - {doc}

    def forget(self, doc: str) -> set[str]:
        """Drop a document that is gone; returns those that shared a key with it."""
        before = self.keys.get(doc, [])
        self.begin(doc)
        affected = self.end(doc, before)
        self.keys.pop(doc, None)
        return affected

    @staticmethod
    def _place(table: Table, key: Any, definers: list[str]) -> None:
        if definers:
            last = max(definers)
            dict.__setitem__(table, key, table.rivals[key][last])
            table.owners[key] = last
        else:
            dict.pop(table, key, None)
            table.owners.pop(key, None)

    def structure(self, doc: str) -> Structure:
        """What section numbers are made from, with the numbers that it has."""
        env = self.env
        return Structure(
            numbered=(doc in env.numbered_toctrees, env.toctree_includes.get(doc)),
            nodes={name: getattr(env, name).get(doc) for name in ('tocs', 'titles', 'longtitles')},
            numbers={name: getattr(env, name).get(doc) for name in ('toc_secnumbers', 'toc_fignumbers')},
        )

    def keep_numbers(self, doc: str, before: Structure) -> bool:
        """Give a document its numbers back if nothing that they are made from has changed.

        Figures are numbered by what is in the doctrees, which is not looked at.
        """
        env = self.env
        if env.config.numfig or self.structure(doc).text() != before.text():
            return False
        for name, value in (*before.nodes.items(), *before.numbers.items()):
            if value is not None:
                getattr(env, name)[doc] = value
        return True

    # -- names of image files

    def watch_images(self) -> None:
        """Note which images each document asks for, in its order."""
        images = self.env.images
        add = type(images).add_file

        def add_file(docname: str, newfile: str) -> str:
            self.pictures.setdefault(docname, []).append(newfile)
            return add(images, docname, newfile)

        images.add_file = add_file

    def name_images(self) -> set[str]:
        """Give images the file names of a clean build; returns the documents that show renamed ones.

        Images of one base name get numbers in the order of reading, so a name
        depends on which documents were read before.
        """
        images = self.env.images
        names: dict[str, str] = {}
        taken: set[str] = set()
        for docname in sorted(self.pictures):
            for path in self.pictures[docname]:
                if path in images and path not in names:
                    base, extension = os.path.splitext(os.path.basename(path))
                    name, number = base + extension, 0
                    while name in taken:
                        number += 1
                        name = f'{base}{number}{extension}'
                    names[path] = name
                    taken.add(name)
        renamed = {path for path, name in names.items() if images[path][1] != name}
        if not renamed:
            return set()
        images._existing.difference_update([images[path][1] for path in renamed])
        affected: set[str] = set()
        for path in renamed:
            images[path] = (images[path][0], names[path])
            images._existing.add(names[path])
            affected |= images[path][0]
        return affected

    # -- exports

    def exports(self, doc: str) -> dict[str, Any]:
        """What pages other than the document's own can show of it, by place."""
        env = self.env
        found: dict[str, Any] = {}
        for name, value in vars(env).items():
            if name in PRIVATE:
                continue
            if isinstance(value, dict):
                # defaultdicts gain empty entries by being looked at
                if value.get(doc) or isinstance(value.get(doc), (int, nodes.Element)):
                    found[name] = render(value[doc])
            elif isinstance(value, (set, frozenset)) and doc in value:
                found[name] = 'member'
        for domain, data in env.domaindata.items():
            for name, value in data.items():
                if (domain, name) not in UNSHOWN and isinstance(value, dict) and doc in value:
                    found[f'{domain}.{name}'] = render(value[doc])
        for table, key in self.keys.get(doc, ()):
            if table.name not in UNSHOWN:
                found['.'.join((*table.name, str(key)))] = render(table.get(key))
        for name in ('c', 'cpp'):
            root = env.domaindata.get(name, {}).get('root_symbol')
            if root is not None and any(symbol.docname == doc for symbol in root.get_all_symbols()):
                domain = env.domains[name]
                found[name] = sorted(repr(entry) for entry in domain.get_objects() if entry[3] == doc)
        return found

    # -- numbers

    def strip_numbers(self) -> None:
        """Remove section numbers that the last build left in titles and tables of contents.

        Sphinx overwrites them but never removes them, so that a heading that
        has lost its number would keep it.
        """
        env = self.env
        for doc in self._numbered | set(env.toc_secnumbers):
            for root in (env.tocs.get(doc), env.titles.get(doc)):
                if root is not None:
                    for node in root.findall(nodes.Element):
                        node.attributes.pop('secnumber', None)
        self._numbered = set()

    def note_numbers(self) -> None:
        """Remember which documents carry section numbers."""
        self._numbered = set(self.env.toc_secnumbers)

    # -- order

    def sort(self) -> None:
        """Put everything into the order of a clean serial read."""
        env = self.env
        rank = {doc: index for index, doc in enumerate(sorted(env.all_docs))}
        for name, value in vars(env).items():
            if isinstance(value, dict) and name not in {'settings', 'domaindata', 'original_image_uri'}:
                _sort_by_document(value, rank)
        for data in env.domaindata.values():
            for value in data.values():
                if not isinstance(value, dict) or _sort_by_document(value, rank):
                    continue
                if isinstance(value, Table):
                    places = [rank.get(value.first(key), -1) for key in value]
                    if any(a > b for a, b in zip(places, places[1:])):
                        order = sorted(range(len(places)), key=places.__getitem__)
                        items = list(value.items())
                        _refill(value, [items[index] for index in order])

    # -- persistence, beside the environment

    def dump(self) -> dict[str, Any]:
        """What the environment itself does not hold, for adopt."""
        tables = {
            table.name: {'owners': dict(table.owners), 'rivals': {k: dict(v) for k, v in table.rivals.items()}}
            for table in self.tables()
        }
        return {'tables': tables, 'pictures': self.pictures}

    def adopt(self, dumped: dict[str, Any]) -> None:
        """Take over what dump has returned for this very environment."""
        self.wrap()
        self.pictures = dumped['pictures']
        for table in self.tables():
            known = dumped['tables'].get(table.name)
            if known is None:
                continue
            table.owners = known['owners']
            table.rivals = known['rivals']
            for key, owner in table.owners.items():
                for doc in table.rivals.get(key, (owner,)):
                    self.keys.setdefault(doc, []).append((table, key))
        self.note_numbers()


class _Identity:
    """A table as a key: dicts have no hash."""

    __slots__ = ('table',)

    def __init__(self, table: Table) -> None:
        self.table = table

    def __hash__(self) -> int:
        return id(self.table)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identity) and other.table is self.table


def render(value: Any) -> str:
    """A text that differs when what a page could show of value differs."""
    if isinstance(value, nodes.Element):
        return value.pformat()
    if isinstance(value, (list, tuple)) and any(isinstance(each, nodes.Node) for each in value):
        return '\n'.join(f'{getattr(each, "line", "")} {render(each)}' for each in value)
    if isinstance(value, (set, frozenset)):
        return repr(sorted(map(repr, value)))
    return _ADDRESS.sub('', repr(value))


def _sort_by_document(table: dict, rank: dict[str, int]) -> bool:
    """Sort a dict whose keys are docnames; says whether it is one."""
    if not table:
        return True
    try:
        places = [rank.get(key, -1) for key in table]
    except TypeError:
        return False
    if min(places) < 0:
        if max(places) < 0 or places.count(-1) > len(places) // 2:
            return False
    if any(a > b for a, b in zip(places, places[1:])):
        _refill(table, sorted(table.items(), key=lambda item: rank.get(item[0], -1)))
    return True


def _refill(table: dict, items: list[tuple[Any, Any]]) -> None:
    dict.clear(table)
    for key, value in items:
        dict.__setitem__(table, key, value)
