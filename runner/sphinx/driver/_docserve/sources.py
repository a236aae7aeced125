"""Which documents show which parts of a module's source, for ``sphinx.ext.viewcode`` (5.3 to 9.2).

viewcode keeps one document for each function and class, the last that it has
seen, and drops a module when that document is read again without it, even if
others describe it too. Here each document's part is known, and put together as a
clean build would.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes


class Sources:
    """The parts of modules that documents describe."""

    def __init__(self, app: Any) -> None:
        self.env = app.env
        self.shown: dict[str, list[tuple[str, str]]] = {}  # docname → module, full name
        self._modules: dict[str, Any] = {}  # what viewcode knows of a module
        if 'sphinx.ext.viewcode' in app.extensions:
            app.connect('doctree-read', self._note, priority=990)  # after viewcode

    def _note(self, app: Any, doctree: Any) -> None:
        known = getattr(app.env, '_viewcode_modules', {})
        found = []
        for node in doctree.findall(nodes.Element):
            if type(node).__name__ == 'viewcode_anchor':
                module = node['reftarget'].partition('/')[2].replace('/', '.')
                found.append((module, node['refid']))
                self._modules[module] = known.get(module)
        self.forget(app.env.docname)
        if found:
            self.shown[app.env.docname] = found

    def forget(self, doc: str) -> None:
        """Drop a document that is gone."""
        self.shown.pop(doc, None)

    def restore(self) -> None:
        """Put together what viewcode would know after a clean build."""
        if not self.shown and not self._modules:
            return
        known = getattr(self.env, '_viewcode_modules', {})
        modules: dict[str, Any] = {}
        for doc in sorted(self.shown):
            for module, name in self.shown[doc]:
                entry = known.get(module) or self._modules.get(module)
                if entry and module not in modules:
                    modules[module] = (entry[0], entry[1], {}, entry[3])
                if entry and name in entry[1]:
                    modules[module][2][name] = doc
        self._modules.update(modules)
        self.env._viewcode_modules = {**modules, **{name: False for name, entry in known.items() if entry is False}}

    def adopt(self, shown: dict[str, list[tuple[str, str]]]) -> None:
        """Take over what an earlier session has noted."""
        self.shown = shown
        self._modules = dict(getattr(self.env, '_viewcode_modules', {}))

    def modules(self) -> dict[str, str]:
        """What the page of each module says of documents."""
        known = getattr(self.env, '_viewcode_modules', {})
        return {name: repr(sorted(entry[2].items())) for name, entry in known.items() if entry}

    def pages(self) -> list[str]:
        """The pages of modules. viewcode writes one again only if the module's file is newer."""
        names = self.modules()
        return ['_modules/index', *('_modules/' + name.replace('.', '/') for name in names)] if names else []
