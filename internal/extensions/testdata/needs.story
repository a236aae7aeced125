extension: sphinx_needs
use: requirements, links between them, and tables

-- docs/conf.py --
project = 'kettle'
extensions = ['sphinx_needs']
needs_id_regex = '^[A-Z0-9_]{3,}'
needs_schema_validation_enabled = False  # its report says how long it took
-- docs/index.rst --
Kettle
======

.. needtable::
   :style: table
   :columns: id;title;status;links

.. toctree::

   reqs
   specs
-- docs/reqs.rst --
Requirements
============

.. req:: It boils
   :id: REQ_1
   :status: open

   Water becomes hot.
-- docs/specs.rst --
Specifications
==============

.. spec:: A heater
   :id: SPEC_1
   :links: REQ_1

Implements :need:`REQ_1`.
-- edit: a title --
-- replace docs/reqs.rst --
.. req:: It boils
=>
.. req:: It boils water
-- edit: a status --
-- replace docs/reqs.rst --
:status: open
=>
:status: done
-- edit: a new need --
-- replace docs/specs.rst --
Implements
=>
.. spec:: A switch
   :id: SPEC_2
   :links: REQ_1; REQ_9

Implements
-- edit: a document with needs goes away --
-- remove docs/specs.rst --
-- edit: it comes back without them --
-- docs/specs.rst --
Specifications
==============

Implements :need:`REQ_1`.
-- edit: a filter --
-- replace docs/index.rst --
   :style: table
=>
   :style: table
   :filter: status == "open"
