extension: sphinx.ext.inheritance_diagram
use: a diagram of the classes of a module
runs: dot

-- docs/conf.py --
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / 'src'))
project = 'kettle'
extensions = ['sphinx.ext.autodoc', 'sphinx.ext.inheritance_diagram']
graphviz_output_format = 'svg'
-- docs/index.rst --
Kettle
======

.. inheritance-diagram:: parts

.. toctree::

   api
-- docs/api.rst --
API
===

.. automodule:: parts
   :members:
-- src/parts.py --
"""Parts."""


class Part:
    """Any part."""


class Lid(Part):
    """A lid."""
-- edit: a new class --
-- replace src/parts.py --
    """A lid."""
=>
    """A lid."""


class Spout(Part):
    """A spout."""
-- edit: another base --
-- replace src/parts.py --
class Spout(Part):
=>
class Spout(Lid):
-- edit: the classes are documented no more --
-- docs/api.rst --
API
===

.. autoclass:: parts.Lid
-- edit: a second diagram --
-- replace docs/api.rst --
.. autoclass:: parts.Lid
=>
.. inheritance-diagram:: parts.Spout
   :parts: 1
