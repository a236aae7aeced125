extension: sphinx.ext.mathjax
use: formulas, drawn by the browser

-- docs/conf.py --
project = 'kettle'
extensions = ['sphinx.ext.mathjax']
mathjax_path = 'mathjax.js'
html_static_path = ['_static']
math_number_all = True
-- docs/_static/mathjax.js --
// The browser's part.
-- docs/index.rst --
Kettle
======

.. math:: E = m c^2
   :label: energy

.. toctree::

   heat
   other
-- docs/heat.rst --
Heat
====

Text.
-- docs/other.rst --
Other
=====

By :eq:`energy`.
-- edit: a formula --
-- replace docs/index.rst --
m c^2
=>
\gamma m c^2
-- edit: the first formula on a page, which needs the script now --
-- replace docs/heat.rst --
Text.
=>
Text with :math:`a^2`.
-- edit: a numbered formula before another --
-- replace docs/index.rst --
.. math:: E =
=>
.. math:: Q = m c \Delta T
   :label: heat

.. math:: E =
-- edit: a label that two formulas have --
-- replace docs/heat.rst --
:math:`a^2`
=>
:math:`a^2`

.. math:: x
   :label: energy
-- edit: the last formula of a page goes away --
-- docs/heat.rst --
Heat
====

Text.
