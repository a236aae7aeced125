extension: sphinxcontrib.mermaid
use: diagrams, in the page and in files of their own

-- docs/conf.py --
project = 'kettle'
extensions = ['sphinxcontrib.mermaid']
-- docs/index.rst --
Kettle
======

.. mermaid::

   graph TD;
      Cold-->Hot;

.. toctree::

   file
   other
-- docs/file.rst --
File
====

.. mermaid:: flow.mmd
-- docs/other.rst --
Other
=====

Text.
-- docs/flow.mmd --
graph LR;
   Tap-->Kettle;
-- edit: a diagram --
-- replace docs/index.rst --
      Cold-->Hot;
=>
      Cold-->Hot;
      Hot-->Cold;
-- edit: a diagram in a file --
-- docs/flow.mmd --
graph LR;
   Tap-->Kettle-->Cup;
-- edit: the first diagram of a page, which needs the scripts now --
-- replace docs/other.rst --
Text.
=>
.. mermaid::

   graph TD;
      A-->B;
-- edit: the file is not there any more --
-- remove docs/flow.mmd --
-- edit: no diagram on the page any more --
-- docs/index.rst --
Kettle
======

.. toctree::

   file
   other
