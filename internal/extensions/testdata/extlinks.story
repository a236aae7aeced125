extension: sphinx.ext.extlinks
use: short forms of addresses

-- docs/conf.py --
project = 'kettle'
extensions = ['sphinx.ext.extlinks']
extlinks = {'issue': ('https://example.org/issues/%s', 'issue %s')}
extlinks_detect_hardcoded_links = True
-- docs/index.rst --
Kettle
======

Fixed in :issue:`1`.

.. toctree::

   other
-- docs/other.rst --
Other
=====

Text.
-- edit: another number --
-- replace docs/index.rst --
:issue:`1`
=>
:issue:`12` and :issue:`thirteen <13>`
-- edit: a full address, which it warns of --
-- replace docs/other.rst --
Text.
=>
See `this <https://example.org/issues/3>`_.
-- edit: another form in conf.py --
-- replace docs/conf.py --
'issue %s')
=>
'#%s')
-- edit: a short form that is not there --
-- replace docs/other.rst --
Other
=====
=>
Other
=====

See :bug:`1`.
