extension: myst_nb
use: a notebook with its outputs, and one that is run

-- docs/conf.py --
project = 'kettle'
extensions = ['myst_nb']
nb_execution_mode = 'auto'
nb_execution_raise_on_error = True
-- docs/index.md --
# Kettle

```{toctree}
stored
run
```
-- docs/stored.ipynb --
{
 "cells": [
  {"cell_type": "markdown", "id": "a1", "metadata": {}, "source": ["# Stored\n", "\n", "Some *text*."]},
  {"cell_type": "code", "execution_count": 1, "id": "a2", "metadata": {}, "source": ["print(6 * 7)"],
   "outputs": [{"name": "stdout", "output_type": "stream", "text": ["42\n"]}]}
 ],
 "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}, "language_info": {"name": "python"}},
 "nbformat": 4,
 "nbformat_minor": 5
}
-- docs/run.md --
---
file_format: mystnb
kernelspec:
  name: python3
---
# Run

```{code-cell} ipython3
print("hot" * 2)
```
-- edit: a cell with text --
-- replace docs/stored.ipynb --
Some *text*.
=>
Other *text*, see [](index.md).
-- edit: an output --
-- replace docs/stored.ipynb --
"text": ["42\n"]
=>
"text": ["forty-two\n"]
-- edit: a cell that is run --
-- replace docs/run.md --
print("hot" * 2)
=>
print("cold" * 2)
-- edit: the notebook goes away --
-- remove docs/stored.ipynb --
