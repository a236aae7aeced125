extension: sphinx_autodoc_typehints
use: types of arguments, from annotations

-- docs/conf.py --
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / 'src'))
project = 'kettle'
extensions = ['sphinx.ext.autodoc', 'sphinx_autodoc_typehints']
-- docs/index.rst --
Kettle
======

.. autofunction:: kettle.boil

.. toctree::

   lid
-- docs/lid.rst --
Lid
===

.. autoclass:: kettle.Lid
   :members:
-- src/kettle.py --
"""Boils water."""

from __future__ import annotations


class Lid:
    """Keeps the steam in."""

    def lift(self, height: float) -> bool:
        """Lift it."""


def boil(litres: float, lid: Lid | None = None) -> int:
    """Boil some water.

    :param litres: how much
    :param lid: what is on top
    """
-- edit: another type --
-- replace src/kettle.py --
def boil(litres: float,
=>
def boil(litres: list[float],
-- edit: a docstring --
-- replace src/kettle.py --
Lift it.
=>
Lift it a little.
-- edit: a setting in conf.py --
-- replace docs/conf.py --
project = 'kettle'
=>
project = 'kettle'
typehints_defaults = 'comma'
-- edit: a type that cannot be found --
-- replace src/kettle.py --
height: float
=>
height: Height
