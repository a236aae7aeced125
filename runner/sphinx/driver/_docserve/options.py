"""What docserve says of a project, and what the process can do, in the terms that Sphinx and we need."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import os
import sys
import threading
from typing import Any

from .inventory import render
from .modules import own


def overrides(options: dict[str, Any]) -> dict[str, Any]:
    """Turn ``-D``, ``-A`` and ``-n`` into what Sphinx's own command line makes of them."""
    result: dict[str, Any] = {}
    for text in options.get('defines') or []:
        key, _, value = text.partition('=')
        result[key] = value
    for text in options.get('html_defines') or []:
        key, _, value = text.partition('=')
        result[f'html_context.{key}'] = int(value) if value.lstrip('-').isdigit() else value
    if options.get('nitpicky'):
        result['nitpicky'] = True
    return result


def signature(app: Any, files: list[str]) -> str:
    """Names what every page is shaped by beside templates: all settings, the project's own extensions, and files.

    Settings that are functions are in conf.py, whose text counts too.
    """
    digest = hashlib.blake2b(digest_size=12)
    values = {each.name: each.value for each in app.config}
    for name in sorted(values):
        if not callable(values[name]):
            digest.update(f'{name} {render(values[name])}\n'.encode('utf-8', 'replace'))
    modules = {getattr(each.module, '__name__', '') for each in app.extensions.values()}
    for listeners in app.events.listeners.values():
        modules.update(str(getattr(each.handler, '__module__', '')) for each in listeners)
    paths = set(files) | {getattr(sys.modules.get(each), '__file__', None) for each in modules}
    if app.confdir is not None:
        paths.add(os.path.join(os.fspath(app.confdir), 'conf.py'))
    for path in sorted(each for each in paths if each and own(each)):
        digest.update(_said(path))
    return digest.hexdigest()


def _said(path: str) -> bytes:
    """What a file says: of Python its syntax, so that comments and blank lines do not count."""
    try:
        with open(path, 'rb') as file:
            text = file.read()
    except OSError:
        return b''
    if path.endswith('.py'):
        with contextlib.suppress(SyntaxError, ValueError, RecursionError):
            return ast.dump(ast.parse(text)).encode('utf-8', 'backslashreplace')
    return text


def can_fork() -> bool:
    """Whether this process may fork: threads of extensions would not survive it."""
    return hasattr(os, 'fork') and sys.platform != 'darwin' and threading.active_count() == 1
