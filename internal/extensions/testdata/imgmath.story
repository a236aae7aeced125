extension: sphinx.ext.imgmath
use: formulas as pictures
runs if present: latex dvipng

-- docs/conf.py --
project = 'kettle'
extensions = ['sphinx.ext.imgmath']
-- docs/index.rst --
Kettle
======

.. math:: E = m c^2
   :label: energy

.. toctree::

   other
-- docs/other.rst --
Other
=====

By :eq:`energy`, and :math:`a^2`.
-- edit: a formula --
-- replace docs/index.rst --
m c^2
=>
\gamma m c^2
-- edit: a formula with an error --
-- replace docs/other.rst --
a^2
=>
a^{2
-- edit: the error is gone --
-- replace docs/other.rst --
a^{2
=>
a^{2}
-- edit: a formula goes away --
-- docs/other.rst --
Other
=====

By :eq:`energy`.
