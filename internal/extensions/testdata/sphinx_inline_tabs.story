extension: sphinx_inline_tabs
use: tabs without nesting

-- docs/conf.py --
project = 'kettle'
extensions = ['sphinx_inline_tabs']
-- docs/index.rst --
Kettle
======

.. tab:: Water

   Cold.

.. tab:: Steam

   Hot.

.. toctree::

   other
-- docs/other.rst --
Other
=====

Text.
-- edit: text of a tab --
-- replace docs/index.rst --
Cold.
=>
Cold, see :doc:`other`.
-- edit: a new tab --
-- replace docs/index.rst --
.. tab:: Steam
=>
.. tab:: Ice

   Frozen.

.. tab:: Steam
-- edit: the first tabs of a page --
-- replace docs/other.rst --
Text.
=>
.. tab:: One

   Text.

.. tab:: Two
   :new-set:

   Text.
