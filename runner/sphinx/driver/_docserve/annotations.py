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
    """Who has replaced which annotations, and who has looked at them."""

    def __init__(self) -> None:
        self._doc = ''
        self._original: dict[int, tuple[Any, Any]] = {}  # by identity: the object, and what it had at first
        self._asked: dict[str, set[int]] = {}  # docname → what the document has looked at
        self._left: dict[str, dict[int, Any]] = {}  # docname → what it has left there
        self._ensured: dict[str, set[Any]] = {}  # docname → what autodoc would not look at again
        self._before: tuple[set[Any], dict[int, Any]] = set(), {}  # what the document has found, of both
        asking = [m for name, m in list(sys.modules.items()) if name == 'sphinx.util.inspect' or name.startswith('sphinx.ext.autodoc')]
        known = getattr(sys.modules.get('sphinx.util.inspect'), 'getannotations', None)
        for module in asking:
            if known is not None and vars(module).get('getannotations') is known:
                module.getannotations = self._listening(known)  # type: ignore[attr-defined]

    def _listening(self, ask: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def getannotations(obj: Any) -> Any:
            if self._doc and isinstance(obj, (type, ModuleType)):
                self._original.setdefault(id(obj), (obj, _own(obj)))
                self._asked.setdefault(self._doc, set()).add(id(obj))
            return ask(obj)

        return getannotations

    def begin(self, doc: str) -> dict[int, Any]:
        """Show a document what those before it have left; returns what it has left itself so far."""
        self._doc = doc
        left = self._left.get(doc, {})
        self.forget(doc)
        earlier = [other for other in sorted(self._left) if other < doc]
        for key, (obj, original) in self._original.items():
            values = [self._left[other][key] for other in earlier if key in self._left[other]]
            _set(obj, values[-1] if values else original)
        done = _ensured()
        done.intersection_update(set().union(*(self._ensured[other] for other in self._ensured if other < doc)))
        self._before = set(done), {key: _own(obj) for key, (obj, _) in self._original.items()}
        return left

    def end(self, before: dict[int, Any]) -> set[str]:
        """Returns the later documents that have looked at what is not left as before."""
        doc, self._doc = self._doc, ''
        done, found = self._before
        left = {}
        for key, (obj, original) in self._original.items():
            value = _own(obj)
            if value is not found.get(key, original):
                left[key] = value
        if left:
            self._left[doc] = left
        if _ensured() - done:
            self._ensured[doc] = _ensured() - done
        return self._askers(doc, {key for key in before.keys() | left.keys() if before.get(key, _NONE) != left.get(key, _NONE)})

    def forget(self, doc: str) -> set[str]:
        """Drop a document that is gone; returns those that have looked at what it has left."""
        self._ensured.pop(doc, None)
        self._asked.pop(doc, None)
        return self._askers(doc, set(self._left.pop(doc, {})))

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
