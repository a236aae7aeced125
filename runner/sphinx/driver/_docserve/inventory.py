"""What each document exports: all that other pages can show of it.

The tables of the domains know who defines each name (see ``tables``). The
inventory shows a document, while it is read, what a clean build would show it,
says which other documents must be read again because of it, and compares what a
document exports before and after.
"""

from __future__ import annotations

import hashlib
import pickle
import re
from typing import Any, Iterable, Iterator, Optional

from docutils import nodes

from . import compat
from .symbols import Symbols
from .tables import Reader, Table, sort_by_definer, sort_by_document

# Per-document data of the environment that no *other* page shows. The search
# index of 5.3 to 9.2 keeps parts of itself in the environment.
PRIVATE = frozenset({
    'all_docs', 'dependencies', 'included', 'images', 'dlfiles', 'original_image_uri', 'toc_num_entries',
    'files_to_rebuild', 'current_document', 'temp_data', 'ref_context', 'settings', 'domaindata',
    '_pickled_doctree_cache', '_write_doc_doctree_cache', '_search_index_titles',
    '_search_index_filenames', '_search_index_mapping', '_search_index_title_mapping',
    '_search_index_all_titles', '_search_index_index_entries', '_search_index_objtypes',
    '_search_index_objnames', 'toc_secnumbers', 'toc_fignumbers',
})
# Tables of domains that only indices or other builders show.
UNSHOWN = frozenset({('index', 'entries'), ('changeset', 'changes'), ('citation', 'citation_refs')})
# Data of the environment that navigation is made from.
NAVIGATION = frozenset({'titles', 'tocs', 'toctree_includes', 'numbered_toctrees', 'metadata'})

_ADDRESS = re.compile(r' at 0x[0-9a-f]+')

Place = tuple[str, ...]


class Inventory:
    """The tables of all domains of an environment."""

    def __init__(self, env: Any) -> None:
        self.env = env
        self.reader = Reader()
        self.symbols = Symbols(env)
        self.keys: dict[str, list[tuple[Table, Any]]] = {}
        self._asked: dict[str, list[tuple[Table, Any]]] = {}
        self.moved: dict[str, set[Place]] = {}  # docname → names that it defines in another order than before
        self._own = compat.environment_attributes()

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

    def saved(self, doc: str) -> list[tuple[Table, Any, Any]]:
        """The names that a document defines, with its own values, for restore."""
        result = []
        for table, key in self.keys.get(doc, ()):
            rivals = table.rivals.get(key)
            if rivals and doc in rivals:
                result.append((table, key, rivals[doc]))
            elif table.owners.get(key) == doc and dict.__contains__(table, key):
                result.append((table, key, dict.__getitem__(table, key)))
        return result

    def clear(self) -> None:
        """Let a document be removed from the tables, since it is about to be read again."""
        self.wrap()
        self.reader.doc, self.reader.clearing = None, True
        for table in self.tables():
            table.begin()

    def begin(self, doc: str) -> None:
        """Show a document, already cleared, only what a clean build reads before it."""
        self.reader.clearing = False
        self.wrap()
        self._release(doc)
        for table, key in self._asked.pop(doc, ()):
            table.askers.get(key, set()).discard(doc)
        self.reader.doc, self.reader.defined, self.reader.asked = doc, [], []
        for table in self.tables():
            table.begin()

    def _release(self, doc: str) -> None:
        for table, key in self.keys.pop(doc, ()):
            if key in table.rivals:
                table.rivals[key].pop(doc, None)
                table.place(key)
            elif table.owners.get(key) == doc:
                table.owners.pop(key)

    def end(self, doc: str, before: Iterable[tuple[Table, Any, Any]]) -> set[str]:
        """Give shared keys back to their last definers.

        Returns the documents after this one that have asked whether somebody
        defines a key, where this one has begun or ceased to.
        """
        reader = self.reader
        reader.doc, reader.clearing = None, False
        for table in self.tables():
            table.end()
        defined = list(dict.fromkeys((_Identity(t), k) for t, k in reader.defined))
        self.keys[doc] = [(t.table, k) for t, k in defined]
        for identity, key in defined:
            if key in identity.table.rivals:
                identity.table.place(key)
        self._compare_order(doc, [(t, k) for t, k, _ in before])
        asked = list(dict.fromkeys((_Identity(t), k) for t, k in reader.asked))
        self._asked[doc] = [(t.table, k) for t, k in asked]
        for identity, key in asked:
            identity.table.askers.setdefault(key, set()).add(doc)
        return self._concerned(doc, {(_Identity(t), k) for t, k, _ in before} ^ set(defined))

    def _compare_order(self, doc: str, before: list[tuple[Table, Any]]) -> None:
        """Note the names that a document defines in another order than before: the first that fits a reference counts."""
        for table in {id(t): t for t, _ in before}.values():
            old = [k for t, k in before if t is table]
            new = [k for t, k in self.keys[doc] if t is table]
            both = set(old) & set(new)
            moved = [a for a, b in zip([k for k in old if k in both], [k for k in new if k in both]) if a != b]
            if moved:
                table.unsorted = True
                table.mixed.add(doc)
                if table.name not in UNSHOWN:
                    self.moved.setdefault(doc, set()).update(('name', *table.name, key) for key in moved)

    def _concerned(self, doc: str, keys: Iterable[tuple['_Identity', Any]]) -> set[str]:
        found: set[str] = set()
        for identity, key in keys:
            found |= identity.table.concerned(key)
        return {each for each in found if each > doc}

    def restore(self, doc: str, before: list[tuple[Table, Any, Any]]) -> None:
        """Take back what a document has defined that could not be read to its end."""
        for table, key in self.keys.pop(doc, ()):
            if key in table.rivals:
                table.rivals[key].pop(doc, None)
                table.place(key)
            elif table.owners.get(key) == doc:
                table.owners.pop(key)
                dict.pop(table, key, None)
        for table, key, value in before:
            table.unsorted = True
            table.mixed.add(doc)
            owner = table.owners.get(key)
            if key in table.rivals:
                table.rivals[key][doc] = value
                table.place(key)
            elif owner is not None and owner != doc and dict.__contains__(table, key):
                table.rivals[key] = {owner: dict.__getitem__(table, key), doc: value}
                table.place(key)
            else:
                dict.__setitem__(table, key, value)
                table.owners[key] = doc
        if before:
            self.keys[doc] = [(table, key) for table, key, _ in before]

    def forget(self, doc: str) -> set[str]:
        """Drop a document that is gone, and cleared; returns those that were told of its names."""
        before = [(_Identity(t), k) for t, k in self.keys.get(doc, ())]
        self._release(doc)
        self._asked.pop(doc, None)
        return self._concerned(doc, before)

    # -- exports

    def exports(self, doc: str) -> dict[Place, str]:
        """What pages other than the document's own can show of it, by place."""
        env = self.env
        found: dict[Place, str] = {}
        for name, value in vars(env).items():
            if name in PRIVATE:
                continue
            if isinstance(value, dict):
                # defaultdicts gain empty entries by being looked at
                if value.get(doc) or isinstance(value.get(doc), (int, nodes.Element)):
                    found['env', name] = render(value[doc])
            elif isinstance(value, (set, frozenset)) and doc in value:
                found['env', name] = 'member'
        for domain, data in env.domaindata.items():
            for name, value in data.items():
                if (domain, name) not in UNSHOWN and isinstance(value, dict) and doc in value:
                    found['data', domain, name] = render(value[doc])
        for table, key in self.keys.get(doc, ()):
            if table.name not in UNSHOWN:
                found[('name', *table.name, key)] = render(table.get(key))
        for place, text in self.symbols.exports(doc):
            found[place] = text
        return found

    def foreign(self) -> str:
        """A text that differs when data of extensions differ that are not kept by document or by name."""
        env = self.env
        parts = []
        for name, value in vars(env).items():
            if name not in self._own and not (isinstance(value, dict) and set(value) <= set(env.all_docs)):
                parts.append((name, value))
        for domain, data in env.domaindata.items():
            for name, value in data.items():
                if not isinstance(value, (dict, int)) and name != 'root_symbol':
                    parts.append((f'{domain}.{name}', value))
        digest = hashlib.blake2b(digest_size=12)
        for name, value in parts:
            if value:
                digest.update(name.encode())
                digest.update(_frozen(value))
        return digest.hexdigest()

    # -- order

    def sort(self) -> None:
        """Put everything into the order of a clean serial read."""
        rank = self.sort_names()
        for name, value in vars(self.env).items():
            if isinstance(value, dict) and name not in {'settings', 'domaindata', 'original_image_uri'}:
                sort_by_document(value, rank)

    def sort_names(self) -> dict[str, int]:
        """The same, for what references are resolved with; returns the places of documents."""
        env = self.env
        rank = {doc: index for index, doc in enumerate(sorted(env.all_docs))}
        for table in self.tables():
            if table.unsorted:
                table.unsorted = False
                if not sort_by_document(table, rank):
                    sort_by_definer(table, rank, self.keys)
        self.symbols.sort(rank)
        return rank

    # -- persistence, beside the environment

    def dump(self) -> dict[str, Any]:
        """What the environment itself does not hold, for adopt."""
        tables = {
            table.name: {
                'owners': dict(table.owners), 'rivals': {k: dict(v) for k, v in table.rivals.items()},
                'askers': {k: set(v) for k, v in table.askers.items() if v},
            }
            for table in self.tables()
        }
        keys = {doc: [(table.name, key) for table, key in each] for doc, each in self.keys.items()}
        return {'tables': tables, 'keys': keys, 'symbols': self.symbols.dump()}

    def adopt(self, dumped: dict[str, Any]) -> None:
        """Take over what dump has returned for this very environment."""
        self.wrap()
        found = {}
        for table in self.tables():
            known = dumped['tables'].get(table.name)
            if known is None:
                continue
            found[table.name] = table
            table.owners, table.rivals, table.askers = known['owners'], known['rivals'], known['askers']
            for key, docs in table.askers.items():
                for doc in docs:
                    self._asked.setdefault(doc, []).append((table, key))
        for doc, keys in dumped['keys'].items():
            self.keys[doc] = [(found[name], key) for name, key in keys if name in found]
        self.symbols.adopt(dumped['symbols'])


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


def _frozen(value: Any) -> bytes:
    try:
        return pickle.dumps(value)
    except Exception:  # whatever an extension keeps there
        return _ADDRESS.sub('', repr(value)).encode()


def changed_places(before: Optional[dict[Place, str]], after: dict[Place, str]) -> set[Place]:
    """The places where two states of a document's exports differ."""
    before = before or {}
    return {place for place in before.keys() | after.keys() if before.get(place) != after.get(place)}
