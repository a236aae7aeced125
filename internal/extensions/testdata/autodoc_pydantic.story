extension: sphinxcontrib.autodoc_pydantic
use: models and settings of pydantic

-- docs/conf.py --
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / 'src'))
project = 'kettle'
extensions = ['sphinx.ext.autodoc', 'sphinxcontrib.autodoc_pydantic']
-- docs/index.rst --
Kettle
======

.. autopydantic_model:: kettle.Kettle

.. toctree::

   other
-- docs/other.rst --
Other
=====

See :class:`kettle.Kettle`.
-- src/kettle.py --
"""Boils water."""

from pydantic import BaseModel, Field, field_validator


class Kettle(BaseModel):
    """A kettle."""

    litres: float = Field(1.0, gt=0, description='How much goes in.')

    @field_validator('litres')
    @classmethod
    def fits(cls, value):
        """Must fit on the stove."""
        return value
-- edit: the description of a field --
-- replace src/kettle.py --
How much goes in.
=>
How much water goes in.
-- edit: a new field --
-- replace src/kettle.py --
    @field_validator('litres')
=>
    colour: str = 'red'
    """What it looks like."""

    @field_validator('litres')
-- edit: a constraint --
-- replace src/kettle.py --
gt=0,
=>
gt=0, lt=5,
-- edit: a setting in conf.py --
-- replace docs/conf.py --
project = 'kettle'
=>
project = 'kettle'
autodoc_pydantic_model_show_json = False
