extension: sphinx.ext.doctest
use: examples that the doctest builder tries; for HTML they are shown

-- docs/conf.py --
project = 'kettle'
extensions = ['sphinx.ext.doctest']
-- docs/index.rst --
Kettle
======

.. testsetup::

   import math

.. doctest::

   >>> math.floor(1.5)
   1

.. testcode::

   print(2)

.. testoutput::

   2

.. toctree::

   other
-- docs/other.rst --
Other
=====

>>> 1 + 1
2
-- edit: an example --
-- replace docs/index.rst --
   >>> math.floor(1.5)
   1
=>
   >>> math.floor(2.5)  # doctest: +SKIP
   2
-- edit: hidden code --
-- replace docs/index.rst --
.. testcode::
=>
.. testcode::
   :hide:
-- edit: an option that does not exist --
-- replace docs/index.rst --
.. doctest::
=>
.. doctest::
   :options: +NOTHING
-- edit: an example in plain text --
-- replace docs/other.rst --
>>> 1 + 1
2
=>
>>> 1 + 2
3
