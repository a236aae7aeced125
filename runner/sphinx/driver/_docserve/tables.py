"""Tables of names that remember who defined each entry, and in which order.

Sphinx keeps names in plain dicts: reading a document again moves its entries to
the end, and takes over names that another document had defined. A clean build
reads documents in sorted order: each sees what the documents before it have
defined, and nothing of those after it. So while a document is read, a table
shows it just that; afterwards the last definer has the value, the first one has
the place. Whoever was told about another document's entry is remembered too,
since a warning, or the choice not to define the name again, came of it.

A document that is read again usually defines the same names in the same order.
So the entries that are removed before only become ghosts: nobody sees them, but
they keep their places, and no table needs to be sorted.
"""

from __future__ import annotations

from typing import Any, Iterable, Optional


class Reader:
    """Which document is being read just now, what it has defined so far, and what it was told."""

    def __init__(self) -> None:
        self.doc: Optional[str] = None
        self.clearing = False  # its old entries are being removed
        self.defined: list[tuple['Table', Any]] = []
        self.asked: list[tuple['Table', Any]] = []


class Table(dict):
    """A table of a domain that remembers who defined each key.

    It pickles as a plain dict, so that an environment never needs this class.
    """

    __slots__ = ('name', 'owners', 'rivals', 'askers', 'ghosts', 'unsorted', 'mixed', '_reader')

    def __init__(self, name: tuple[str, str], items: dict, reader: Reader) -> None:
        super().__init__(items)
        self.name = name
        self.owners: dict[Any, str] = {}
        self.rivals: dict[Any, dict[str, Any]] = {}
        self.askers: dict[Any, set[str]] = {}
        self.ghosts: set[Any] = set()
        self.unsorted = False  # keys may not be in the order of a clean build
        self.mixed: set[str] = set()  # documents whose keys may not be in the order in which they define them
        self._reader = reader

    def __reduce__(self) -> tuple:
        return dict, (), None, None, iter(list(self.items()))

    def __reduce_ex__(self, protocol: int) -> tuple:  # type: ignore[override]
        return self.__reduce__()

    def __setitem__(self, key: Any, value: Any) -> None:
        doc = self._reader.doc
        known = dict.__contains__(self, key)
        if doc is not None:
            owner = self.owners.get(key)
            if key in self.rivals:
                self.rivals[key][doc] = value
            elif owner is not None and owner != doc and known:
                self.rivals[key] = {owner: dict.__getitem__(self, key), doc: value}
            self.owners[key] = doc
            self._reader.defined.append((self, key))
        self.unsorted = self.unsorted or not known or key in self.rivals
        if doc is not None and not known and self.ghosts:
            self.mixed.add(doc)  # those that come back later have their places already
        self.ghosts.discard(key)
        dict.__setitem__(self, key, value)

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

    def place(self, key: Any) -> None:
        """Give a key to the last of its rivals; drop it when there is none left."""
        rivals = self.rivals[key]
        self.ghosts.discard(key)
        self.unsorted = True
        if rivals:
            last = max(rivals)
            dict.__setitem__(self, key, rivals[last])
            self.owners[key] = last
        else:
            dict.pop(self, key, None)
            self.owners.pop(key, None)
        if len(rivals) < 2:
            del self.rivals[key]

    def concerned(self, key: Any) -> set[str]:
        """The documents whose own reading depends on who defines key."""
        return self.askers.get(key, set()) | set(self.rivals.get(key, ())) | {self.owners.get(key, '')} - {''}

    def begin(self) -> None:
        """From now on, show what the document being read would see in a clean build."""
        self.__class__ = ReadingTable

    def end(self) -> None:
        """From now on, show everything, but for entries that have not come back."""
        self.__class__ = Table
        for key in self.ghosts:
            dict.pop(self, key, None)
        self.ghosts.clear()


class ReadingTable(Table):
    """A table as the document that is being read would find it in a clean build."""

    __slots__ = ()

    def _seen(self, key: Any) -> Optional[str]:
        """Who defines key for the document being read: '' for nobody in particular, None if it is not there yet."""
        if not dict.__contains__(self, key) or key in self.ghosts:
            return None
        owner = self.owners.get(key)
        if owner is None:
            return ''
        doc = self._reader.doc
        if doc is not None and owner > doc:
            owner = max((each for each in self.rivals.get(key, ()) if each <= doc), default=None)
        if owner is not None and owner != doc:
            self._reader.asked.append((self, key))
        return owner

    def __contains__(self, key: Any) -> bool:
        return self._seen(key) is not None

    def __getitem__(self, key: Any) -> Any:
        definer = self._seen(key)
        if definer is None:
            raise KeyError(key)
        rivals = self.rivals.get(key)
        return rivals[definer] if rivals and definer in rivals else dict.__getitem__(self, key)

    def get(self, key: Any, default: Any = None) -> Any:
        return self[key] if key in self else default

    def __delitem__(self, key: Any) -> None:
        if self._reader.clearing and dict.__contains__(self, key):
            self.ghosts.add(key)
        else:
            dict.__delitem__(self, key)

    def pop(self, key: Any, *default: Any) -> Any:
        if key not in self:
            if default:
                return default[0]
            raise KeyError(key)
        value = self[key]
        del self[key]
        return value


def sort_by_document(table: dict, rank: dict[str, int]) -> bool:
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
        refill(table, sorted(table.items(), key=lambda item: rank.get(item[0], -1)))
    return True


def sort_by_definer(table: Table, rank: dict[str, int], defined: dict[str, list[tuple[Table, Any]]]) -> None:
    """Put a table's keys into the order in which a clean build would have met them.

    That is the order of the first definers, and for each of them the order in
    which it defines its keys.
    """
    definers = [table.first(key) for key in table]
    places = [rank.get(each, -1) if each is not None else -1 for each in definers]
    shared = {table.first(key) for key in table.rivals} | table.mixed
    table.mixed = set()
    if not shared and not any(a > b for a, b in zip(places, places[1:])):
        return
    within: dict[tuple[str, Any], int] = {}
    for doc in shared:
        for index, (owner, key) in enumerate(defined.get(doc or '', ())):
            if owner is table:
                within[doc or '', key] = index
    items = list(table.items())
    order = sorted(range(len(items)), key=lambda i: (places[i], within.get((definers[i] or '', items[i][0]), i)))
    if any(a > b for a, b in zip(order, order[1:])):
        refill(table, [items[i] for i in order])


def refill(table: dict, items: Iterable[tuple[Any, Any]]) -> None:
    """Give a dict these items, in this order."""
    dict.clear(table)
    for key, value in items:
        dict.__setitem__(table, key, value)
