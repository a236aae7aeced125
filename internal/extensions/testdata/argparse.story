extension: sphinxarg.ext
use: the options of a program made with argparse

-- docs/conf.py --
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / 'src'))
project = 'kettle'
extensions = ['sphinxarg.ext']
-- docs/index.rst --
Kettle
======

.. toctree::

   commands
-- docs/commands.rst --
Commands
========

.. argparse::
   :module: kettle
   :func: parser
   :prog: kettle
-- src/kettle.py --
"""Boils water."""

import argparse


def parser():
    """The parser."""
    p = argparse.ArgumentParser(description='Boils water.')
    p.add_argument('--litres', type=float, default=1, help='How much.')
    return p
-- edit: the help of an option --
-- replace src/kettle.py --
How much.
=>
How much water.
-- edit: a new option --
-- replace src/kettle.py --
    return p
=>
    p.add_argument('--fast', action='store_true', help='In a hurry.')
    return p
-- edit: text of the page --
-- replace docs/commands.rst --
========
=>
========

All of them.
-- edit: the page shows it no more --
-- docs/commands.rst --
Commands
========

None.
