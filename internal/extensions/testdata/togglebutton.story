extension: sphinx_togglebutton
use: parts that can be folded away

-- docs/conf.py --
project = 'kettle'
extensions = ['sphinx_togglebutton']
-- docs/index.rst --
Kettle
======

.. toggle::

   Hidden.

.. toctree::

   other
-- docs/other.rst --
Other
=====

.. note::
   :class: dropdown

   Text.
-- edit: hidden text --
-- replace docs/index.rst --
Hidden.
=>
Hidden, see :doc:`other`.
-- edit: shown at first --
-- replace docs/index.rst --
.. toggle::
=>
.. toggle::
   :show:
-- edit: a setting in conf.py --
-- replace docs/conf.py --
project = 'kettle'
=>
project = 'kettle'
togglebutton_hint = 'Open'
