extension: sphinx_issues
use: links to issues, and a list of changes in a file beside

-- docs/conf.py --
project = 'kettle'
extensions = ['sphinx_issues']
issues_github_path = 'example/kettle'
-- docs/index.rst --
Kettle
======

Thanks to :user:`somebody`.

.. toctree::

   changes
-- docs/changes.rst --
.. include:: ../CHANGES.rst
-- CHANGES.rst --
Changes
=======

- Fixed :issue:`1`.
-- edit: another issue --
-- replace CHANGES.rst --
- Fixed :issue:`1`.
=>
- Fixed :issue:`1,2`, see :pr:`3` and :commit:`123abc456def`.
-- edit: another user --
-- replace docs/index.rst --
somebody
=>
another
-- edit: another project in conf.py --
-- replace docs/conf.py --
example/kettle
=>
example/pot
