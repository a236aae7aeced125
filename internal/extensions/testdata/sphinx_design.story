extension: sphinx_design
use: cards, grids and tabs

-- docs/conf.py --
project = 'kettle'
extensions = ['sphinx_design']
-- docs/index.rst --
Kettle
======

.. grid:: 2

   .. grid-item-card:: One
      :link: one
      :link-type: doc

      The first.

   .. grid-item-card:: Elsewhere
      :link: https://example.org

.. toctree::

   one
-- docs/one.rst --
One
===

.. tab-set::

   .. tab-item:: Water

      Cold.

   .. tab-item:: Steam

      Hot.

.. dropdown:: More

   Details.
-- edit: text of a card --
-- replace docs/index.rst --
The first.
=>
The *first* of all, :octicon:`report;1em`.
-- edit: a new tab --
-- replace docs/one.rst --
   .. tab-item:: Steam
=>
   .. tab-item:: Ice

      Frozen.

   .. tab-item:: Steam
-- edit: a link of a card that leads nowhere --
-- replace docs/index.rst --
      :link: one
=>
      :link: nowhere
-- edit: a page without any of it --
-- docs/one.rst --
One
===

Text.
