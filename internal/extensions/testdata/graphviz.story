extension: sphinx.ext.graphviz
use: drawings, in the page and in files of their own
runs: dot

-- docs/conf.py --
project = 'kettle'
extensions = ['sphinx.ext.graphviz']
graphviz_output_format = 'svg'
-- docs/index.rst --
Kettle
======

.. graphviz::
   :caption: How it works

   digraph works { cold -> hot }

.. toctree::

   file
-- docs/file.rst --
File
====

.. graphviz:: flow.dot
   :alt: the flow

.. digraph:: short

   "a" -> "b";
-- docs/flow.dot --
digraph flow { tap -> kettle -> cup }
-- edit: a drawing in the page --
-- replace docs/index.rst --
cold -> hot
=>
cold -> hot -> cold
-- edit: a drawing in a file --
-- docs/flow.dot --
digraph flow { tap -> kettle -> pot -> cup }
-- edit: a drawing with an error in it --
-- docs/flow.dot --
digraph flow { tap ->
-- edit: the error is gone --
-- docs/flow.dot --
digraph flow { tap -> cup }
-- edit: a drawing is removed --
-- docs/index.rst --
Kettle
======

.. toctree::

   file
