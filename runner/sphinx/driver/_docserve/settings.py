"""The settings that docutils parses a document with, without asking again which there are.

For each document, Sphinx 9 has docutils describe all its command line options, to
get their defaults. These are the same for the same parts of docutils; what comes
on top of them, from Sphinx and from configuration files, is not.
"""

from __future__ import annotations

import os
import warnings
from typing import Any, Callable, Mapping, Optional

from docutils import frontend

# Parts of docutils that are known together: one reader, and the parsers of a project.
ROOM = 50


class Settings:
    """The defaults of parts of docutils: of readers, parsers and writers."""

    def __init__(self, original: Callable[..., Any]) -> None:
        self.original = original
        self.known: list[tuple[list[Any], dict[str, Any]]] = []

    def function(self) -> Callable[..., Any]:
        """A function in the place of the original."""
        def _get_settings(*components: Any, defaults: Mapping[str, Any], read_config_files: bool = False) -> Any:
            found = {**self._defaults(components), **defaults}
            if read_config_files and not found['_disable_config']:
                if _configured():
                    return self.original(*components, defaults=defaults, read_config_files=read_config_files)
                found['record_dependencies'] = None  # the settings of no file at all have a list of their own
            with warnings.catch_warnings():
                warnings.simplefilter('ignore', DeprecationWarning)
                values = frontend.Values(found)
            values._config_files = []
            return values
        return _get_settings

    def _defaults(self, components: tuple[Any, ...]) -> dict[str, Any]:
        described = [_description(each) for each in components]
        for known, defaults in self.known:
            if _same(known, described):
                return defaults
        with warnings.catch_warnings():
            warnings.simplefilter('ignore', DeprecationWarning)
            defaults = frontend.OptionParser(components=components).defaults
        self.known = [(described, defaults), *self.known[:ROOM - 1]]
        return defaults


def _description(component: Any) -> Optional[tuple[Any, Any]]:
    """All of a component that its defaults come from: its options, and what it says of those of others."""
    if component is None:
        return None
    others = (component.settings_defaults, component.settings_default_overrides)
    return component.settings_spec, [dict(each or {}) for each in others]


def _same(known: list[Any], described: list[Any]) -> bool:
    # Options are told apart by identity: what describes them is full of functions.
    return len(known) == len(described) and all(
        a is b or a is not None and b is not None and a[0] is b[0] and a[1] == b[1] for a, b in zip(known, described)
    )


def _configured() -> bool:
    """Whether there may be a configuration file."""
    return any(os.path.lexists(each) for each in frontend.OptionParser.get_standard_config_files())
