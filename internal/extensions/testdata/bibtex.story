extension: sphinxcontrib.bibtex
use: citations, and the list of literature

-- docs/conf.py --
project = 'kettle'
extensions = ['sphinxcontrib.bibtex']
bibtex_bibfiles = ['refs.bib']
-- docs/refs.bib --
@article{watt,
  author = {James Watt},
  title = {On Steam},
  journal = {Engines},
  year = {1776},
}
@book{carnot,
  author = {Sadi Carnot},
  title = {Fire},
  publisher = {Bachelier},
  year = {1824},
}
-- docs/index.rst --
Kettle
======

As :cite:t:`watt` says.

.. toctree::

   other
   refs
-- docs/other.rst --
Other
=====

Text.
-- docs/refs.rst --
Literature
==========

.. bibliography::
-- edit: another citation --
-- replace docs/other.rst --
Text.
=>
Text :cite:p:`carnot`.
-- edit: a year in the .bib file --
-- replace docs/refs.bib --
{1776}
=>
{1775}
-- edit: a new entry that is cited at once --
-- replace docs/refs.bib --
@book{carnot,
=>
@book{papin,
  author = {Denis Papin},
  title = {A New Digester},
  publisher = {Bonwicke},
  year = {1681},
}
@book{carnot,
-- replace docs/index.rst --
As :cite:t:`watt` says.
=>
As :cite:t:`watt` and :cite:t:`papin` say.
-- edit: a citation of what is not there --
-- replace docs/other.rst --
:cite:p:`carnot`
=>
:cite:p:`carnod`
-- edit: text of a page that cites --
-- replace docs/index.rst --
======

As
=>
======

First of all, as
