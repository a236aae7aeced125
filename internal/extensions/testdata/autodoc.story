extension: sphinx.ext.autodoc
use: the documentation of a package, from its docstrings

-- docs/conf.py --
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / 'src'))
project = 'kettle'
extensions = ['sphinx.ext.autodoc']
autodoc_member_order = 'bysource'
-- docs/index.rst --
Kettle
======

See :func:`kettle.boil` and :class:`kettle.parts.Lid`.

.. toctree::

   api
   parts
-- docs/api.rst --
API
===

.. automodule:: kettle
   :members:
-- docs/parts.rst --
Parts
=====

.. autoclass:: kettle.parts.Lid
   :members:
   :show-inheritance:
-- src/kettle/__init__.py --
"""Boils water."""


def boil(litres: float = 1.0) -> float:
    """Boil some water.

    :param litres: how much
    :returns: the seconds it takes
    """
    return 120 * litres
-- src/kettle/parts.py --
"""What a kettle is made of."""


class Part:
    """Any part."""

    def fits(self, other):
        """Whether two parts fit."""
        return True


class Lid(Part):
    """Keeps the steam in."""

    def open(self):
        """Open the lid."""
-- edit: a docstring --
-- replace src/kettle/__init__.py --
Boil some water.
=>
Boil *some* water, see :class:`kettle.parts.Lid`.
-- edit: a new method --
-- replace src/kettle/parts.py --
        """Open the lid."""
=>
        """Open the lid."""

    def shut(self):
        """Shut the lid."""
-- edit: a renamed function --
-- replace src/kettle/__init__.py --
def boil(litres: float = 1.0)
=>
def heat(litres: float = 1.0)
-- edit: a page that documents one thing more --
-- replace docs/parts.rst --
   :show-inheritance:
=>
   :show-inheritance:

.. autofunction:: kettle.heat
   :no-index:
-- edit: a docstring with an error in it --
-- replace src/kettle/parts.py --
Shut the lid.
=>
Shut the lid, see `
-- edit: text of the page --
-- replace docs/parts.rst --
=====
=>
=====

All of them.
