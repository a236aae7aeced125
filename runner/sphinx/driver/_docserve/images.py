"""Names of image files, as a clean build gives them.

Images of one base name get numbers in the order of reading, so that a name
depends on which documents were read before.
"""

from __future__ import annotations

import os
from typing import Any, Optional


class Images:
    """Which images each document asks for, in its order."""

    def __init__(self, env: Any) -> None:
        self.env = env
        self.shown: dict[str, list[str]] = {}
        self._stale = True  # a document shows other images than when they were named
        self._failed: set[str] = set()  # documents that could not be read; Sphinx may have dropped their images
        images = env.images
        add = type(images).add_file

        def add_file(docname: str, newfile: str) -> str:
            self.shown.setdefault(docname, []).append(newfile)
            return add(images, docname, newfile)

        images.add_file = add_file

    # -- around the reading of one document

    def begin(self, doc: str) -> Optional[list[str]]:
        """A document is about to be read; returns what it has shown so far."""
        return self.shown.pop(doc, None)

    def end(self, doc: str, before: Optional[list[str]]) -> None:
        """A document was read."""
        self._stale = self._stale or before != self.shown.get(doc) or doc in self._failed
        self._failed.discard(doc)

    def restore(self, doc: str, before: Optional[list[str]]) -> None:
        """A document could not be read, and is what it was."""
        self.forget(doc)
        self._failed.add(doc)
        if before is not None:
            self.shown[doc] = before

    def forget(self, doc: str) -> None:
        """Drop a document that is gone."""
        self._failed.discard(doc)
        self._stale = self.shown.pop(doc, None) is not None or self._stale

    def rename(self) -> set[str]:
        """Name all images anew; returns the documents that show one with another name now."""
        if not self._stale:
            return set()
        self._stale = False
        images = self.env.images
        names: dict[str, str] = {}
        taken: set[str] = set()
        for docname in sorted(self.shown):
            for path in self.shown[docname]:
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
