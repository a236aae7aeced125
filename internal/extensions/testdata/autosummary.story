extension: sphinx.ext.autosummary
use: tables of functions and classes, with pages that it generates

-- docs/conf.py --
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / 'src'))
project = 'kettle'
extensions = ['sphinx.ext.autodoc', 'sphinx.ext.autosummary']
autosummary_generate = True
-- docs/index.rst --
Kettle
======

.. autosummary::
   :toctree: generated

   kettle.boil
   kettle.Lid
-- src/kettle.py --
"""Boils water."""


def boil(litres):
    """Boil some water."""


def pour(cups):
    """Pour the water."""


class Lid:
    """Keeps the steam in."""

    def open(self):
        """Open the lid."""
-- edit: a docstring --
-- replace src/kettle.py --
Boil some water.
=>
Boil a little water. It takes a while.
-- edit: a new entry --
-- replace docs/index.rst --
   kettle.Lid
=>
   kettle.Lid
   kettle.pour
-- edit: a page with a table of its own --
-- docs/more.rst --
:orphan:

More
====

.. autosummary::
   :toctree: generated

   kettle
-- edit: a removed entry --
-- replace docs/index.rst --
   kettle.boil
=>
-- edit: a new method, which the template lists --
-- replace src/kettle.py --
        """Open the lid."""
=>
        """Open the lid."""

    def shut(self):
        """Shut the lid."""
