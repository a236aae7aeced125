extension: sphinx.ext.todo
use: notes of what is to be done, and their list

-- docs/conf.py --
project = 'kettle'
extensions = ['sphinx.ext.todo']
todo_include_todos = True
todo_emit_warnings = True
-- docs/index.rst --
Kettle
======

.. toctree::

   one
   two
   list
-- docs/one.rst --
One
===

.. todo:: Describe the lid.
-- docs/two.rst --
Two
===

Text.
-- docs/list.rst --
To do
=====

.. todolist::
-- edit: text of a note --
-- replace docs/one.rst --
Describe the lid.
=>
Describe the *lid*, see :doc:`two`.
-- edit: a note in another document --
-- replace docs/two.rst --
Text.
=>
Text.

.. todo::

   Write more.
-- edit: a new title of what a note refers to --
-- replace docs/two.rst --
Two
===
=>
Second
======
-- edit: a note is done --
-- docs/one.rst --
One
===

The lid is round.
-- edit: a document with notes goes away --
-- remove docs/two.rst --
