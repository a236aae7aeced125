extension: numpydoc
use: docstrings in the style of NumPy, with tables of members

-- docs/conf.py --
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / 'src'))
project = 'kettle'
extensions = ['sphinx.ext.autodoc', 'sphinx.ext.autosummary', 'numpydoc']
numpydoc_show_class_members = True
numpydoc_class_members_toctree = False
numpydoc_validation_checks = {'PR01'}
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
-- src/kettle.py --
"""Boils water."""


def boil(litres):
    """Boil some water.

    Parameters
    ----------
    litres : float
        How much.

    Notes
    -----
    As in [1]_.

    References
    ----------
    .. [1] J. Watt, On Steam.
    """


class Lid:
    """Keeps the steam in.

    Attributes
    ----------
    closed : bool
        Whether it is.

    Methods
    -------
    open
    """

    def open(self):
        """Open it."""
-- edit: the description of a parameter --
-- replace src/kettle.py --
        How much.
=>
        How much, in litres.
-- edit: a new method --
-- replace src/kettle.py --
        """Open it."""
=>
        """Open it."""

    def shut(self):
        """Shut it."""
-- edit: a parameter that is not described, which it warns of --
-- replace src/kettle.py --
def boil(litres):
=>
def boil(litres, degrees):
-- edit: text of the page --
-- replace docs/lid.rst --
Lid
===
=>
Lid
===

Round.
