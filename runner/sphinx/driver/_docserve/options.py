"""What docserve says of a project, and what the process can do, in the terms that Sphinx and we need."""

from __future__ import annotations

import os
import sys
import threading
from typing import Any


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


def can_fork() -> bool:
    """Whether this process may fork: threads of extensions would not survive it."""
    return hasattr(os, 'fork') and sys.platform != 'darwin' and threading.active_count() == 1
