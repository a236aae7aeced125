"""Annotations that autodoc writes into classes and modules, for ``sphinx.ext.autodoc`` (5.3 to 9.2).

To read comments of types, autodoc replaces the ``__annotations__`` of a class
or module whose attributes it documents, by a copy that also has what it has
found, or what the class only inherits. That lasts for the life of the process,
and decides what is shown of the class from then on. Here each document finds
what those before it have left there, as in a clean build.
"""

from __future__ import annotations

import contextlib
import sys
from types import ModuleType
from typing import Any, Callable

_NONE = object()  # no annotations of its own


class Annotations:
    """Who has replaced which annotations, and who has looked at them.

    Between readings every object has what the last document has left, as after
    a clean build. So a document that is read in the order of a clean build finds
    what it should find as it is; only when it is read again, what it and those
    after it have left is taken away for the time of its reading.
    """

    def __init__(self) -> None:
        self._doc = ''
        self._objects: dict[int, tuple[Any, Any]] = {}  # by identity: the object, and what it had at first
        self._found: dict[int, Any] = {}  # what the document that is being read has looked at, as it found it
        self._asked: dict[str, set[int]] = {}  # docname → what the document has looked at
        self._left: dict[int, dict[str, Any]] = {}  # by identity: docname → what the document has left
        self._leavers: dict[str, set[int]] = {}  # docname → where it has left something
        self._ensured: dict[str, set[Any]] = {}  # docname → what autodoc would not look at again
        self._done: set[Any] = set()  # of that, what the document that is being read has found
        asking = [m for name, m in list(sys.modules.items()) if name == 'sphinx.util.inspect' or name.startswith('sphinx.ext.autodoc')]
        known = getattr(sys.modules.get('sphinx.util.inspect'), 'getannotations', None)
        for module in asking:
            if known is not None and vars(module).get('getannotations') is known:
                module.getannotations = self._listening(known)  # type: ignore[attr-defined]

    def _listening(self, ask: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def getannotations(obj: Any) -> Any:
            if self._doc and isinstance(obj, (type, ModuleType)) and id(obj) not in self._found:
                self._found[id(obj)] = _own(obj)
                self._objects.setdefault(id(obj), (obj, _own(obj)))
            return ask(obj)

        return getannotations

    def begin(self, doc: str) -> dict[int, Any]:
        """Show a document what those before it have left; returns what it has left itself so far."""
        left = {key: self._left[key][doc] for key in self._leavers.get(doc, ())}
        changed = self._after(doc) | set(left)
        self.forget(doc)
        self._doc, self._found = doc, {}
        self._show(changed, doc)
        ensured = _ensured()
        for other, objects in self._ensured.items():
            if other > doc:
                ensured.difference_update(objects)
        self._done = set(ensured)
        return left

    def end(self, before: dict[int, Any]) -> set[str]:
        """Returns the later documents that have looked at what is not left as before."""
        doc, self._doc = self._doc, ''
        now = {key: _own(self._objects[key][0]) for key in self._found}
        left = {key: value for key, value in now.items() if value is not self._found[key]}
        if self._found:
            self._asked[doc] = set(self._found)
        if left:
            self._leavers[doc] = set(left)
            for key, value in left.items():
                self._left.setdefault(key, {})[doc] = value
        ensured = _ensured()
        fresh = {*ensured} - self._done
        if fresh:
            self._ensured[doc] = fresh
        for other, objects in self._ensured.items():
            if other > doc:
                ensured.update(objects)
        self._show(self._after(doc))
        return self._askers(doc, {key for key in before.keys() | left.keys() if before.get(key, _NONE) != left.get(key, _NONE)})

    def forget(self, doc: str) -> set[str]:
        """Drop a document that is gone; returns those that have looked at what it has left."""
        _ensured().difference_update(self._ensured.pop(doc, ()))
        self._asked.pop(doc, None)
        keys = self._leavers.pop(doc, set())
        for key in keys:
            del self._left[key][doc]
        self._show(keys)
        return self._askers(doc, keys)

    def _after(self, doc: str) -> set[int]:
        """Where documents after this one have left something."""
        return {key for other, keys in self._leavers.items() if other > doc for key in keys}

    def _show(self, keys: set[int], doc: str = '') -> None:
        """Give objects what the documents before this one have left, or all of them."""
        for key in keys:
            obj, original = self._objects[key]
            last = max((each for each in self._left.get(key, ()) if not doc or each < doc), default=None)
            _set(obj, original if last is None else self._left[key][last])

    def _askers(self, doc: str, keys: set[int]) -> set[str]:
        return {other for other, asked in self._asked.items() if other > doc and not asked.isdisjoint(keys)} if keys else set()


def _own(obj: Any) -> Any:
    return vars(obj).get('__annotations__', _NONE)


def _set(obj: Any, value: Any) -> None:
    if _own(obj) is not value:
        with contextlib.suppress(AttributeError, TypeError):  # those of built-in classes cannot be set
            if value is _NONE:
                del obj.__annotations__
            else:
                obj.__annotations__ = value


def _ensured() -> set[Any]:
    """What autodoc has looked at, once for the life of the process (9.0 and later)."""
    comments = sys.modules.get('sphinx.ext.autodoc._dynamic._type_comments')
    return getattr(comments, '_objects_with_type_comment_annotations', set())
