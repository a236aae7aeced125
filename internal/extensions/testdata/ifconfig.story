extension: sphinx.ext.ifconfig
use: parts that depend on the configuration

-- docs/conf.py --
project = 'kettle'
extensions = ['sphinx.ext.ifconfig']
release = '1.0'


def setup(app):
    app.add_config_value('stage', 'alpha', 'env')
-- docs/index.rst --
Kettle
======

.. ifconfig:: stage == 'alpha'

   Handle with care.

.. toctree::

   other
-- docs/other.rst --
Other
=====

.. ifconfig:: release.startswith('2')

   Chapter
   -------

   For those who have the second one.
-- edit: text in a part --
-- replace docs/index.rst --
Handle with care.
=>
Handle with *great* care.
-- edit: another value in conf.py --
-- replace docs/conf.py --
release = '1.0'
=>
release = '2.0'
-- edit: a condition --
-- replace docs/index.rst --
stage == 'alpha'
=>
stage != 'alpha'
-- edit: a condition that fails --
-- replace docs/other.rst --
release.startswith('2')
=>
relase == '2'
