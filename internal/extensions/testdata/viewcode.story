extension: sphinx.ext.viewcode
use: pages with the source of what is documented

-- docs/conf.py --
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / 'src'))
project = 'kettle'
extensions = ['sphinx.ext.autodoc', 'sphinx.ext.viewcode']
-- docs/index.rst --
Kettle
======

.. toctree::

   api
   lid
-- docs/api.rst --
API
===

.. autofunction:: kettle.boil
-- docs/lid.rst --
Lid
===

.. autoclass:: lid.Lid
   :members:
-- src/kettle.py --
"""Boils water."""


def boil(litres):
    """Boil some water."""
    return litres
-- src/lid.py --
"""Lids."""


class Lid:
    """Keeps the steam in."""

    def open(self):
        """Open the lid."""
-- edit: code below a docstring --
-- replace src/kettle.py --
    return litres
=>
    return 120 * litres
-- edit: a new method --
-- replace src/lid.py --
        """Open the lid."""
=>
        """Open the lid."""

    def shut(self):
        """Shut the lid."""
-- edit: a page no longer documents the module --
-- docs/lid.rst --
Lid
===

There is none.
-- edit: it does again --
-- docs/lid.rst --
Lid
===

.. autoclass:: lid.Lid
