"""The way back when a document cannot be read."""

from __future__ import annotations

from typing import Any


class Undo:
    """What the environment knew of a document before it was cleared.

    A document that cannot be read would otherwise vanish from navigation and
    indices of all the others, whose pages are still right without it.
    """

    def __init__(self, env: Any, docname: str) -> None:
        self._env = env
        self._doc = docname
        self._dicts: list[tuple[dict, Any]] = []
        self._sets: list[set] = []
        self._parents = [(child, set(parents)) for child, parents in env.files_to_rebuild.items() if docname in parents]
        owners = list(vars(env).values())
        for data in env.domaindata.values():
            owners.extend(data.values())
        for value in owners:
            if isinstance(value, dict) and docname in value:
                self._dicts.append((value, value[docname]))
            elif isinstance(value, set) and docname in value:
                self._sets.append(value)

    def restore(self) -> None:
        """Put back what was there."""
        for owner, value in self._dicts:
            dict.__setitem__(owner, self._doc, value)
        for owner in self._sets:
            owner.add(self._doc)
        for child, parents in self._parents:
            self._env.files_to_rebuild.setdefault(child, set()).update(parents)
