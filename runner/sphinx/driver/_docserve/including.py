"""In which way a document is made from a file, and which of its files includes which.

Sphinx notes all files that a text was made from in one set. The directives
know more, so they are asked when they run. What they say is for people who ask;
nothing is decided by it.
"""

from __future__ import annotations

import contextlib
import functools
import os
from typing import Any, Callable, Optional

from sphinx.directives.code import LiteralInclude
from sphinx.directives.other import Include
from sphinx.directives.patches import CSVTable


class Including:
    """What the directives of the document that is being read have said."""

    def __init__(self) -> None:
        self.kinds: dict[str, str] = {}  # file → how it is used
        self.links: set[tuple[str, str]] = set()  # from a file to one that it includes

    def begin(self) -> None:
        """Another document is read."""
        self.kinds, self.links = {}, set()

    def install(self) -> Including:
        """Have the directives say what they use, once in a process. So do those of extensions that inherit from them."""
        for directive, kind, name in ((Include, 'include', _argument), (LiteralInclude, 'literalinclude', _argument),
                                      (CSVTable, 'table', _file)):
            directive.run = self._asked(directive.run, kind, name)  # type: ignore[method-assign]
        return self

    def _asked(self, run: Callable[[Any], Any], kind: str, name: Callable[[Any], Optional[str]]) -> Callable[[Any], Any]:
        @functools.wraps(run)
        def asked(directive: Any) -> Any:
            with contextlib.suppress(Exception):  # Sphinx says what is wrong with it
                self._note(directive, kind, name(directive))
            return run(directive)
        return asked

    def _note(self, directive: Any, kind: str, name: Optional[str]) -> None:
        if not name or name.startswith('<'):  # of docutils itself
            return
        env = directive.state.document.settings.env
        path = os.path.normpath(os.fspath(env.relfn2path(name)[1]))
        self.kinds.setdefault(path, kind)
        if kind == 'include':
            source = directive.state_machine.get_source_and_line(directive.lineno)[0]
            self.links.add((os.path.abspath(os.fspath(source)), path))


def _argument(directive: Any) -> Optional[str]:
    return directive.arguments[0]


def _file(directive: Any) -> Optional[str]:
    return directive.options.get('file')
