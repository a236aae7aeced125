extension: sphinx.ext.intersphinx
use: references to a site elsewhere, which cannot be reached at first

-- docs/conf.py --
project = 'kettle'
extensions = ['sphinx.ext.intersphinx']
intersphinx_mapping = {'stove': ('ORIGIN/', None)}
intersphinx_timeout = 5
-- docs/index.rst --
Kettle
======

Put it on :py:func:`stove.burn`, see :doc:`stove:guide`.

.. toctree::

   other
-- docs/other.rst --
Other
=====

Text.
-- edit: text, while the site cannot be reached --
-- replace docs/other.rst --
Text.
=>
Other text, and :py:func:`stove.light`.
-- edit: the site is there when conf.py changes --
-- served/objects.inv --
stove.burn py:function 1 api.html#$ -
stove.light py:function 1 api.html#$ -
guide std:doc -1 guide.html The Guide
-- replace docs/conf.py --
project = 'kettle'
=>
project = 'The kettle'
-- edit: another reference --
-- replace docs/other.rst --
Other text
=>
Other text, :external+stove:doc:`guide`
-- edit: a reference to what is not there --
-- replace docs/other.rst --
external+stove:doc:`guide`
=>
external+stove:doc:`nothing`
-- edit: a function of the same name in this project --
-- replace docs/index.rst --
.. toctree::
=>
.. py:function:: stove.burn

   Ours.

.. toctree::
