extension: sphinx_click
use: the commands of a program made with click

-- docs/conf.py --
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / 'src'))
project = 'kettle'
extensions = ['sphinx_click']
-- docs/index.rst --
Kettle
======

.. toctree::

   commands
-- docs/commands.rst --
Commands
========

.. click:: kettle:main
   :prog: kettle
   :nested: full
-- src/kettle.py --
"""Boils water."""

import click


@click.group()
def main():
    """Boils water."""


@main.command()
@click.option('--litres', default=1, help='How much.')
def boil(litres):
    """Boil some water."""
-- edit: the help of an option --
-- replace src/kettle.py --
How much.
=>
How much water.
-- edit: a new command --
-- replace src/kettle.py --
    """Boil some water."""
=>
    """Boil some water."""


@main.command()
@click.argument('cups')
def pour(cups):
    """Pour the water."""
-- edit: how the page shows it --
-- replace docs/commands.rst --
   :nested: full
=>
   :nested: short
-- edit: a text beside it --
-- replace docs/index.rst --
.. toctree::
=>
See :option:`kettle-boil --litres`.

.. toctree::
