extension: sphinx.ext.napoleon
use: docstrings in the style of Google and of NumPy

-- docs/conf.py --
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / 'src'))
project = 'kettle'
extensions = ['sphinx.ext.autodoc', 'sphinx.ext.napoleon']
-- docs/index.rst --
Kettle
======

.. automodule:: kettle
   :members:
-- src/kettle.py --
"""Boils water."""


def boil(litres, degrees=100):
    """Boil some water.

    Args:
        litres (float): How much.
        degrees (int): How hot.

    Returns:
        float: The seconds it takes.
    """


class Lid:
    """Keeps the steam in.

    Attributes
    ----------
    closed : bool
        Whether it is.
    """
-- edit: the description of an argument --
-- replace src/kettle.py --
How hot.
=>
How hot; more than 100 needs pressure.
-- edit: a new section --
-- replace src/kettle.py --
    Returns:
        float: The seconds it takes.
=>
    Returns:
        float: The seconds it takes.

    Raises:
        ValueError: If there is none.
-- edit: a setting in conf.py --
-- replace docs/conf.py --
project = 'kettle'
=>
project = 'kettle'
napoleon_use_param = False
-- edit: text of the page --
-- replace docs/index.rst --
======
=>
======

Read this.
