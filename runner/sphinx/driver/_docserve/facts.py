"""What docserve is told of a project when it has been opened."""

from __future__ import annotations

import glob
import os
import sys
from typing import Any

from .modules import loaded_digest
from .options import can_fork


def facts(session: Any, reason: str) -> dict[str, Any]:
    """The answer to ``open``; the reason is why the environment was emptied, '' if it was not."""
    import sphinx

    app, env, builder, config = session.app, session.env, session.builder, session.app.config
    confdir = os.fspath(app.confdir)

    def below(names: list[Any]) -> list[str]:
        return [os.path.join(confdir, os.fspath(n)) for n in names if n and '://' not in os.fspath(n)]

    static = [*config.html_static_path, *config.html_extra_path, config.html_logo, config.html_favicon]
    static += [os.path.join(each, 'static') for each in themes(app)]
    unsafe = [e.name for e in app.extensions.values() if not getattr(e, 'parallel_write_safe', True)]
    return {
        'reason': reason,
        'warm': bool(env.all_docs),
        'signature': session.signature,
        'sphinx': sphinx.__version__,
        'python': sys.version.split()[0],
        'theme': str(config.html_theme),
        'root': config.root_doc,
        'suffixes': list(config.source_suffix),
        'static': below(static),
        'templates': below([*config.templates_path, *config.html_theme_path]),
        'locales': below(list(config.locale_dirs)),
        'excludes': list(config.exclude_patterns),
        'environment': session.environment,
        'writes_in_parallel': not unsafe and bool(getattr(builder, 'allow_parallel', False)),
        'unsafe': unsafe,
        'can_fork': can_fork(),
        'modules': _loaded(session),
        'extensions': sorted(app.extensions),
        'inputs': [[path, list(endings)] for path, endings in session.extensions.inputs()],
        'generated': session.extensions.generated(),
        'generates': sorted(env.all_docs) if env.all_docs else [],
        'diagnostics': session.journal.take(),
    }


def themes(app: Any) -> list[str]:
    """Directories of themes that lie among the sources."""
    places = [os.path.join(os.fspath(app.confdir), os.fspath(each)) for each in app.config.html_theme_path]
    return [each for path in places for each in glob.glob(os.path.join(glob.escape(path), '*', ''))]


def theme_settings(app: Any) -> list[str]:
    """The files in which such themes say what they are made of."""
    paths = [os.path.join(each, name) for each in themes(app) for name in ('theme.conf', 'theme.toml')]
    return [each for each in paths if os.path.exists(each)]


def tried(session: Any, place: str) -> list[list[str]]:
    """What an opening that failed has loaded, as it was loaded: conf.py, modules, and the file in which it failed."""
    config = session.opened.get('config')
    paths = {each for each in (place, config and os.path.join(config, 'conf.py')) if each}
    return _with_modules(session, sorted(paths))


def _loaded(session: Any) -> list[list[str]]:
    """What only a new interpreter can load again, as it was loaded."""
    paths = theme_settings(session.app)
    if session.app.confdir is not None:
        paths.append(os.path.join(os.fspath(session.app.confdir), 'conf.py'))
    return _with_modules(session, [path for path in paths if os.path.exists(path)])


def _with_modules(session: Any, paths: list[str]) -> list[list[str]]:
    """Files and the modules that the interpreter has loaded, with the digests of what was loaded."""
    found = [[path, loaded_digest(path, session.digests, session.opening)] for path in paths]
    return session.modules.fresh(session.digests, session.opening) + found
