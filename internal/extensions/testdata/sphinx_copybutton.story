extension: sphinx_copybutton
use: a button on each block of code

-- docs/conf.py --
project = 'kettle'
extensions = ['sphinx_copybutton']
copybutton_prompt_text = '$ '
-- docs/index.rst --
Kettle
======

.. code-block:: console

   $ boil

.. toctree::

   other
-- docs/other.rst --
Other
=====

Text.
-- edit: a block of code --
-- replace docs/index.rst --
   $ boil
=>
   $ boil --fast
-- edit: a first block on a page --
-- replace docs/other.rst --
Text.
=>
Text::

   $ pour
-- edit: another prompt in conf.py --
-- replace docs/conf.py --
'$ '
=>
'> '
