extension: sphinx_tabs.tabs
use: tabs, also of code

-- docs/conf.py --
project = 'kettle'
extensions = ['sphinx_tabs.tabs']
-- docs/index.rst --
Kettle
======

.. tabs::

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
-- edit: the first tabs of a page, which needs the scripts now --
-- replace docs/other.rst --
Text.
=>
.. tabs::

   .. code-tab:: python

      boil()

   .. code-tab:: console

      $ boil
-- edit: a tab is removed --
-- replace docs/index.rst --
   .. tab:: Steam

      Hot.
=>
-- edit: no tabs on the page any more --
-- docs/other.rst --
Other
=====

Text.
