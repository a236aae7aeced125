extension: notfound.extension
use: 404.html, with absolute addresses

-- docs/conf.py --
project = 'kettle'
extensions = ['notfound.extension']
notfound_urls_prefix = '/docs/'
html_sidebars = {'**': ['navigation.html']}
-- docs/index.rst --
Kettle
======

.. toctree::

   other
-- docs/other.rst --
Other
=====

Text.
-- edit: text --
-- replace docs/other.rst --
Text.
=>
Other text.
-- edit: a title, which 404.html has in its navigation --
-- replace docs/other.rst --
Other
=====
=>
Others
======
-- edit: a page of one's own --
-- docs/404.rst --
:orphan:

Not found
=========

See :doc:`other`.
-- edit: that page is removed --
-- remove docs/404.rst --
