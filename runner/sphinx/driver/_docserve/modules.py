"""Python modules of the project that the interpreter has loaded, and which of them use which."""

from __future__ import annotations

import builtins
import contextlib
import importlib
import importlib.machinery
import importlib.util
import os
import sys
import time
from operator import is_
from types import ModuleType
from typing import Any, Iterable, Iterator

from .digests import Digests


class Modules:
    """The project's own modules. Those of the interpreter and of installed packages are not the writer's to edit."""

    def __init__(self) -> None:
        self.loaded: set[str] = set()
        self._seen: dict[str, str] = {}  # what modules say of their files → those that are the project's own, '' for others
        self._last: list[ModuleType] = []  # the modules that there were
        self._uses: dict[str, set[str]] = {}

    def fresh(self, digests: Digests, started: int) -> list[list[str]]:
        """The files of modules loaded since the last call, with the digests of what was loaded.

        A file that has changed since loading began may have been loaded before
        or after.
        """
        found = []
        modules = list(sys.modules.values())
        if len(modules) == len(self._last) and all(map(is_, modules, self._last)):
            return []
        self._last = modules
        for module in modules:
            path = getattr(module, '__file__', None)
            if not path or path in self._seen:
                continue
            self._seen[path] = os.path.realpath(path) if own(path) else ''
            if self._seen[path]:
                found.append(self._seen[path])
        if found:
            self._uses.clear()
        self.loaded.update(found)
        return [[path, loaded_digest(path, digests, started)] for path in sorted(found)]

    def files(self, names: Iterable[str]) -> set[str]:
        """The files of those of some modules that are the project's own, also of those that could not be loaded."""
        found, paths = set(), set()
        for name in names:
            if name in sys.modules:
                paths.add(getattr(sys.modules[name], '__file__', None))
            else:
                found.add(_broken(name))
        found.update(self._seen.get(path, '') for path in paths)
        return {path for path in found if path}

    def behind(self, paths: Iterable[str]) -> set[str]:
        """The other modules that some modules are made with: what they import, and so on.

        A class shows what it has inherited, a module what it has imported; so
        a document that documents it depends on those files too.
        """
        waiting = [os.path.realpath(each) for each in paths]
        first = set(waiting)
        found: set[str] = set()
        if waiting and not self._uses:
            self._uses = {os.path.realpath(m.__file__ or ''): set(_used(m)) for m in _own_modules()}
        while waiting:
            for path in self._uses.get(waiting.pop(), ()):
                if path not in found and path not in first:
                    found.add(path)
                    waiting.append(path)
        return found


@contextlib.contextmanager
def imports() -> Iterator[set[str]]:
    """Collect the names of modules that are asked for meanwhile, whether or not they are loaded already.

    autodoc tells Sphinx which files a document is made of. Directives that
    import a module to show its commands or classes do not.
    """
    asked: set[str] = set()
    by_statement = builtins.__import__
    bootstrap: Any = importlib._bootstrap  # type: ignore[attr-defined]
    by_call = bootstrap._gcd_import

    def statement(name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0) -> Any:
        if not level:
            asked.add(name)
        try:
            return by_statement(name, globals, locals, fromlist, level)
        except BaseException:
            asked.update(_wanted(name, globals, fromlist, level))
            raise

    def call(name: str, package: Any = None, level: int = 0) -> Any:
        if not level:
            asked.add(name)
        return by_call(name, package, level)

    builtins.__import__, bootstrap._gcd_import = statement, call
    summary = getattr(sys.modules.get('sphinx.ext.autosummary'), 'Autosummary', None)
    by_name = getattr(summary, 'import_by_name', None)  # 5.3 to 9.2; it looks for loaded modules itself

    def find(*args: Any, **keywords: Any) -> Any:
        found = by_name(*args, **keywords)  # type: ignore[misc]
        asked.add(str(found[3]))
        return found

    if by_name is not None:
        summary.import_by_name = find  # type: ignore[union-attr]
    try:
        yield asked
    finally:
        builtins.__import__, bootstrap._gcd_import = by_statement, by_call
        if by_name is not None:
            summary.import_by_name = by_name  # type: ignore[union-attr]


def loaded_digest(path: str, digests: Digests, started: int) -> str:
    """The digest of a file that was loaded after a moment, "unsure" if it has changed since."""
    try:
        changed = os.stat(path).st_mtime_ns
    except OSError:
        return ''
    return 'unsure' if started <= changed <= time.time_ns() else digests.of(path)


def own(path: str) -> bool:
    """Whether a file belongs to the project."""
    real = os.path.realpath(path)
    prefixes = tuple(os.path.realpath(p) + os.sep for p in {sys.prefix, sys.base_prefix, sys.exec_prefix})
    here = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    return not real.startswith(prefixes) and not real.startswith(here) and 'site-packages' not in real


def _wanted(name: str, globals: Any, fromlist: Any, level: int) -> list[str]:
    """The modules that a statement ``from name import fromlist`` may load."""
    base = name
    if level:
        try:
            base = importlib.util.resolve_name('.' * level + name, (globals or {}).get('__package__'))
        except (ImportError, TypeError):
            return []
    return [base, *(f'{base}.{each}' for each in fromlist or () if isinstance(each, str))]


def _broken(name: str) -> str:
    """The file of a module of the project that could not be loaded; '' if there is none."""
    spec = _spec(name)
    path = spec.origin if spec is not None and spec.has_location else None
    return os.path.realpath(path) if path and own(path) else ''


def _spec(name: str) -> Any:
    """Where a module is, found without running its package, which may have failed because of it."""
    package, dot, _ = name.rpartition('.')
    if not dot:
        path = None
    elif package in sys.modules:
        path = getattr(sys.modules[package], '__path__', ())
    else:
        path = getattr(_spec(package), 'submodule_search_locations', None) or ()
    try:
        return importlib.machinery.PathFinder.find_spec(name, path)
    except Exception:  # finders are anybody's code
        return None


def _own_modules() -> Iterator[ModuleType]:
    for module in list(sys.modules.values()):
        path = getattr(module, '__file__', None)
        if path and isinstance(module, ModuleType) and own(path):
            yield module


def _used(module: ModuleType) -> Iterator[str]:
    """Files of the project's modules from which a module has something."""
    for value in list(vars(module).values()):
        for each in (value, *_bases(value)):
            origin: Any = each if isinstance(each, ModuleType) else sys.modules.get(str(getattr(each, '__module__', '')))
            path = getattr(origin, '__file__', None)
            if path and origin is not module and own(path):
                yield os.path.realpath(path)


def _bases(value: Any) -> tuple[Any, ...]:
    return value.__mro__ if isinstance(value, type) else ()
