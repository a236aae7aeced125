"""Load a project as Sphinx does, up to its extensions and its theme, and say what docserve doctor asks.

No environment is loaded and no builder is set up, so nothing is read or written,
and no handler of ``builder-inited`` runs: some of them write sources. For that
one private method of Sphinx is replaced, ``Sphinx._init_env`` (5.3 to 9.x), which
comes right after all extensions have been loaded.

Each fact is a line of JSON, appended to a file of its own as soon as it is known:
the project's code may do what it likes to standard output, and may never come
back. Of an exception only its kind and its place are told, never its message,
which may quote anything. Parses as Python 3.9.
"""

from __future__ import annotations

import faulthandler
import importlib.metadata as metadata
import inspect
import json
import os
import re
import sys
import threading
from importlib.util import find_spec
from typing import Any, Iterator, Optional

sys.dont_write_bytecode = True  # nothing is to be left behind

# What a step may end with. SystemExit is not unusual in a conf.py.
FAILURES = (Exception, SystemExit)


class Told:
    """Where facts go; each is also the start of a new step, which has its own patience."""

    def __init__(self, path: str, stacks: str, patience: float) -> None:
        self.path, self.stacks, self.patience = path, open(stacks, 'w'), patience

    def __call__(self, **fact: Any) -> None:
        # Opened anew each time: a conf.py may have closed all files.
        with open(self.path, 'a', encoding='utf-8') as file:
            file.write(json.dumps(fact) + '\n')
        faulthandler.dump_traceback_later(self.patience, exit=True, file=self.stacks)


def causes(exc: BaseException) -> Iterator[BaseException]:
    """An exception and what caused it, the first cause last."""
    current: Optional[BaseException] = exc
    while current is not None:
        yield current
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)


def failure(exc: BaseException) -> dict[str, Any]:
    """Kind and place of the first cause of an exception."""
    chain = list(causes(exc))
    first = chain[-1]
    # What was caught on the way, a KeyError before a fallback say, is no cause of a missing module.
    first = next((each for each in chain if isinstance(each, ModuleNotFoundError)), first)
    found: dict[str, Any] = {'kind': type(first).__name__, 'places': []}
    if isinstance(first, ImportError):
        found['module'] = first.name or ''
    version = re.search(r'\d+(\.\d+)+', str(exc)) if type(exc).__name__ == 'VersionRequirementError' else None
    if version:
        found['kind'], found['needs'] = 'VersionRequirementError', version[0]
    step = first.__traceback__
    while step is not None:
        found['places'].append([os.path.abspath(step.tb_frame.f_code.co_filename), step.tb_lineno])
        step = step.tb_next
    if isinstance(first, SyntaxError) and first.filename:
        found['places'].append([os.path.abspath(first.filename), first.lineno or 0])
    found['places'] = [each for each in found['places'] if '<' not in os.path.basename(each[0])]
    return found


def own(path: Optional[str]) -> bool:
    """Whether a module is the project's: it is neither Python's, nor installed."""
    import sysconfig

    if not path:
        return False
    real = os.path.realpath(path)
    places = {os.path.realpath(each) for each in sysconfig.get_paths().values()}
    installed = ('site-packages', 'dist-packages')
    return not any(real.startswith(each + os.sep) for each in places) and not any(each in real for each in installed)


def origin(name: str) -> tuple[str, bool]:
    """The version of the package that a module was installed with, '' if it was not; whether it is the project's own."""
    module = sys.modules.get(name)
    path = getattr(module, '__file__', None)
    if not path or own(path):
        return '', own(path)
    path = os.path.realpath(path)
    for package in metadata.distributions():
        # Locating is cheap, comparing all files of all packages is not.
        root = os.path.realpath(os.fspath(package.locate_file('')))
        if not path.startswith(root + os.sep):
            continue
        inside = os.path.relpath(path, root).replace(os.sep, '/')
        if any(str(file) == inside for file in package.files or ()):
            return package.version or '', False
    return '', False


def versions(tell: Told) -> None:
    import docutils
    import sphinx

    wants = [each for each in metadata.requires('sphinx') or () if re.match(r'docutils\b', each)]
    tell(
        sphinx=sphinx.__version__, docutils=docutils.__version__,
        wants=re.sub(r'^docutils|[()\s]|;.*', '', wants[0]) if wants else '',
    )


class Loaded(BaseException):
    """Everything that was asked for has been loaded."""


def load(tell: Told, options: dict[str, Any]) -> Any:
    """Load conf.py and extensions; returns the application as far as it came."""
    from sphinx.application import Sphinx, builtin_extensions

    loading: list[str] = []

    class Examined(Sphinx):
        def setup_extension(self, extname: str) -> None:
            if not isinstance(extname, str) or extname in self.extensions:
                return
            tell(at='extension', name=extname)
            loading.append(extname)
            before, problem = threading.active_count(), None
            try:
                super().setup_extension(extname)
            except FAILURES as exc:
                problem = failure(exc)
            loading.pop()
            self.describe(extname, problem, threading.active_count() - before)
            tell(**({'at': 'extension', 'name': loading[-1]} if loading else {'at': 'conf.py'}))

        def describe(self, extname: str, problem: Optional[dict[str, Any]], threads: int) -> None:
            told = self.extensions.get(extname)
            if problem is None and told is None:  # Sphinx itself left it out, with a warning
                return
            version, project = ('', False) if extname.startswith('sphinx.') else origin(extname)
            listed = extname in self.config.extensions
            if listed or extname not in builtin_extensions or problem is not None:
                declared = getattr(told, 'version', '')
                tell(
                    extension=extname, listed=listed, own=project, error=problem, sphinx=extname.startswith('sphinx.'),
                    version=version or ('' if declared in ('unknown version', 'builtin') else str(declared)),
                    reads=getattr(told, 'parallel_read_safe', None), writes=getattr(told, 'parallel_write_safe', True),
                    threads=threads,
                )

        def _init_i18n(self) -> None:
            """It would write the catalogs of messages that the project overrides."""

        def _init_env(self, *args: Any) -> Any:
            raise Loaded

    app = Examined.__new__(Examined)
    try:
        app.__init__(  # type: ignore[misc]
            options['source'], options['config'] or None, options['scratch'], options['scratch'], options['builder'],
            confoverrides=options['overrides'] or {}, status=None, warning=None, tags=options['tags'] or [],
        )
    except Loaded:
        pass
    return app


def theme(tell: Told, app: Any) -> None:
    from sphinx.theming import HTMLThemeFactory

    name = str(app.config.html_theme)
    tell(at='theme', name=name)
    wanted = {'app': app, 'confdir': app.confdir, 'config': app.config, 'registry': app.registry}
    known = inspect.signature(HTMLThemeFactory.__init__).parameters
    # 5.3 to 8.x take the application, 9.0 and later its parts, by their names.
    HTMLThemeFactory(**{key: value for key, value in wanted.items() if key in known}).create(name)
    points = metadata.entry_points()
    group = points.select(group='sphinx.html_themes') if hasattr(points, 'select') else points.get('sphinx.html_themes', ())
    module = next((point.value.partition(':')[0] for point in group if point.name == name), '')
    version, project = origin(module)
    spec = find_spec('sphinx')
    inside = [os.path.join(each, 'themes', name) for each in spec.submodule_search_locations or ()] if spec else []
    tell(theme=name, version=version, own=project or not module and not any(map(os.path.isdir, inside)))


def excluded(app: Any, path: str) -> bool:
    """Whether exclude_patterns keep a directory, given relative to the sources, from being searched for documents."""
    from sphinx.util.matching import Matcher

    matches = Matcher(list(app.config.exclude_patterns))
    parts = path.split('/')
    return any(matches('/'.join(parts[:end])) for end in range(1, len(parts) + 1)) or matches(path + '/x')


def main(facts: str, stacks: str, text: str) -> None:
    options = json.loads(text)
    tell = Told(facts, stacks, options['patience'])
    where = {'at': 'Sphinx'}
    try:
        tell(at='Sphinx')
        versions(tell)
        where['at'] = 'conf.py'
        tell(at='conf.py')
        app = load(tell, options)
        tell(
            extensions=list(app.config.extensions), threads=threading.active_count(), fork=hasattr(os, 'fork'),
            excluded=bool(options['inside']) and excluded(app, options['inside']),
        )
        where['at'] = 'theme'
        theme(tell, app)
        where['at'] = 'end'
    except FAILURES as exc:
        tell(failed=where['at'], error=failure(exc))
    tell(done=True)
    # Threads of extensions and handlers of exit are not waited for.
    os._exit(0)


main(*sys.argv[1:])
