extension: sphinx_sitemap
use: sitemap.xml

-- docs/conf.py --
project = 'kettle'
extensions = ['sphinx_sitemap']
html_baseurl = 'https://example.org/'
-- docs/index.rst --
Kettle
======

.. toctree::
   :glob:

   *
-- docs/other.rst --
Other
=====

Text.
-- edit: text --
-- replace docs/other.rst --
Text.
=>
Other text.
-- edit: a new page --
-- docs/third.rst --
Third
=====

Text.
-- edit: a page is removed --
-- remove docs/other.rst --
-- edit: an address in conf.py --
-- replace docs/conf.py --
https://example.org/
=>
https://example.com/docs/
