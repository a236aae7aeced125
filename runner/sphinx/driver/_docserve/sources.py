"""Which documents show which parts of a module's source, for ``sphinx.ext.viewcode`` (5.3 to 9.2).

viewcode keeps one document for each function and class, the last that it has
seen, and for each module the name by which the first has called it; and it drops
a module when the last of its documents is read again without it. Here each
document's part is known, and put together as a clean build would.
"""

from __future__ import annotations

from typing import Any, Optional, Union

# What a document says of a module: the name by which it calls it, and what it
# shows of it; None if viewcode has found no source.
Part = Optional[tuple[str, list[str]]]


class Sources:
    """The parts of modules that documents describe."""

    def __init__(self, app: Any) -> None:
        self.env = app.env
        self.shown: dict[str, dict[str, Part]] = {}  # docname → module → its part
        self._code: dict[str, tuple[Any, Any]] = {}  # module → its source, and where what is in it
        self._apart = False  # viewcode knows just one document's part
        if 'sphinx.ext.viewcode' in app.extensions:
            app.connect('doctree-read', self._begin, priority=-1000)  # before viewcode
            app.connect('doctree-read', self._note, priority=990)  # after viewcode

    def _begin(self, app: Any, doctree: Any) -> None:
        """Let viewcode note what this document shows, and nothing of the others."""
        self.env._viewcode_modules = {}
        self._apart = True

    def _note(self, app: Any, doctree: Any) -> None:
        self.forget(app.env.docname)
        parts: dict[str, Part] = {}
        for module, entry in self.env._viewcode_modules.items():
            parts[module] = (entry[3], list(entry[2])) if entry else None
            if entry:
                self._code[module] = entry[:2]
        if parts:
            self.shown[app.env.docname] = parts

    def forget(self, doc: str) -> None:
        """Drop a document that is gone."""
        self.shown.pop(doc, None)
        self._apart = True

    def restore(self) -> None:
        """Put together what viewcode would know after a clean build."""
        if not self._apart:
            return
        self._apart = False
        modules: dict[str, Union[bool, tuple[Any, Any, dict[str, str], str]]] = {}
        for doc in sorted({*self.shown, max(self.env.all_docs, default='')}):
            # Before it reads a document, Sphinx has viewcode drop modules of which nothing was shown.
            modules = {module: entry for module, entry in modules.items() if isinstance(entry, bool) or entry[2]}
            for module, part in self.shown.get(doc, {}).items():
                if part is None or module not in self._code:
                    modules.setdefault(module, False)
                    continue
                name, shown = part
                entry = modules.setdefault(module, (*self._code[module], {}, name))
                if not isinstance(entry, bool):
                    entry[2].update((each, doc) for each in shown if each in entry[1])
        self.env._viewcode_modules = modules

    def adopt(self, shown: dict[str, dict[str, Part]]) -> None:
        """Take over what an earlier session has noted."""
        known = getattr(self.env, '_viewcode_modules', {})
        self.shown, self._code = shown, {name: entry[:2] for name, entry in known.items() if entry}

    def modules(self) -> dict[str, str]:
        """What the page of each module says of documents."""
        known = getattr(self.env, '_viewcode_modules', {})
        return {name: entry[3] + repr(sorted(entry[2].items())) for name, entry in known.items() if entry}

    def pages(self) -> list[str]:
        """The pages of modules. viewcode writes one again only if the module's file is newer."""
        names = self.modules()
        return ['_modules/index', *('_modules/' + name.replace('.', '/') for name in names)] if names else []
