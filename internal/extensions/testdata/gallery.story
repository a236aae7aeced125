extension: sphinx_gallery.gen_gallery
use: examples that are run, with their pictures

-- docs/conf.py --
project = 'kettle'
extensions = ['sphinx_gallery.gen_gallery']
sphinx_gallery_conf = {
    'examples_dirs': '../examples',
    'gallery_dirs': 'auto_examples',
    'min_reported_time': 1000,
    'show_memory': False,
}
-- docs/index.rst --
Kettle
======

.. toctree::

   auto_examples/index
-- examples/README.rst --
Examples
========

Run them.
-- examples/plot_line.py --
"""
A line
======

It goes up.
"""

import matplotlib.pyplot as plt

plt.plot([1, 2, 3])
print('drawn')
-- examples/words.py --
"""
Words
=====

No picture.
"""

# %%
# A comment.

print('not run')
-- edit: the text of an example --
-- replace examples/plot_line.py --
It goes up.
=>
It goes up, slowly.
-- edit: the code of an example --
-- replace examples/plot_line.py --
[1, 2, 3]
=>
[1, 2, 1]
-- edit: a new example --
-- examples/more.py --
"""
More
====

Another one.
"""

print('more')
-- edit: text of a page --
-- replace docs/index.rst --
.. toctree::
=>
Look at these.

.. toctree::
