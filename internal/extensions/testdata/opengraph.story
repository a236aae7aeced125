extension: sphinxext.opengraph
use: descriptions of pages, for those who link to them

-- docs/conf.py --
project = 'kettle'
extensions = ['sphinxext.opengraph']
ogp_site_url = 'https://example.org/'
ogp_social_cards = {'enable': False}
-- docs/index.rst --
Kettle
======

A kettle boils water.

.. toctree::

   other
-- docs/other.rst --
:og:title: Something else

Other
=====

Text, see :doc:`index`.
-- edit: the first paragraph --
-- replace docs/index.rst --
A kettle boils water.
=>
A kettle boils *some* water, see :doc:`other`.
-- edit: the title of a page that the first paragraph names --
-- replace docs/other.rst --
Other
=====
=>
Others
======
-- edit: a field --
-- replace docs/other.rst --
:og:title: Something else
=>
:og:title: Other things
:og:description: Described by hand.
-- edit: an address in conf.py --
-- replace docs/conf.py --
https://example.org/
=>
https://example.com/docs/
