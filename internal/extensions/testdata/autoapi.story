extension: autoapi.extension
use: pages for a package that is parsed, not imported

-- docs/conf.py --
project = 'kettle'
extensions = ['autoapi.extension']
autoapi_dirs = ['../src']
-- docs/index.rst --
Kettle
======

See :py:func:`kettle.boil`.
-- src/kettle/__init__.py --
"""Boils water."""


def boil(litres):
    """Boil some water."""
-- src/kettle/lid.py --
"""Lids."""


class Lid:
    """Keeps the steam in."""
-- edit: a docstring --
-- replace src/kettle/__init__.py --
Boil some water.
=>
Boil *some* water.
-- edit: a new class --
-- replace src/kettle/lid.py --
    """Keeps the steam in."""
=>
    """Keeps the steam in."""


class Knob:
    """What one lifts it by."""
-- edit: a new module --
-- src/kettle/spout.py --
"""Spouts."""


def pour(cups):
    """Pour the water."""
-- edit: a module is removed --
-- remove src/kettle/lid.py --
-- edit: text of a page --
-- replace docs/index.rst --
See :py:func:`kettle.boil`.
=>
See :py:func:`kettle.spout.pour`.
