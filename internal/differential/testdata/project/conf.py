"""Configuration of the project that random edits are made in.

Lines that begin with a name and an equals sign in the first column are what
the edits replace.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, '_ext'))

project = 'Differential'
author = 'The authors'
version = '1'
release = '1.0'
language = 'en'
html_theme = 'alabaster'
extensions = [
    'sphinx.ext.autodoc', 'sphinx.ext.autosectionlabel', 'sphinx.ext.extlinks', 'sphinx.ext.ifconfig',
    'sphinx.ext.mathjax', 'sphinx.ext.todo', 'sphinx.ext.viewcode', 'myst_parser', 'marks',
]
source_suffix = {'.rst': 'restructuredtext', '.md': 'markdown'}
exclude_patterns = ['_build', 'inc', '_ext', 'data']
templates_path = ['_templates']
html_static_path = ['_static']
html_css_files = ['linked.css']
html_show_sphinx = True
html_title = 'Differential tests'
html_domain_indices = True
html_sidebars = {'**': ['globaltoc.html', 'localtoc.html', 'relations.html', 'searchbox.html']}
if html_theme != 'alabaster':
    html_sidebars = {}
if html_theme == 'python_docs_theme':
    html_sidebars = {'**': ['globaltoc.html', 'localtoc.html', 'searchbox.html']}
locale_dirs = ['locale']
gettext_compact = False
nitpicky = True
numfig = True
numfig_secnum_depth = 1
math_numfig = True
todo_include_todos = True
autosectionlabel_prefix_document = True
autodoc_member_order = 'bysource'
extlinks = {'ticket': ('https://example.org/ticket/%s', 'ticket %s')}
rst_prolog = """
.. |product| replace:: Product one
"""
myst_enable_extensions = ['deflist', 'dollarmath', 'colon_fence']
myst_heading_anchors = 3
level = 'public'


def setup(app):
    app.add_config_value('level', '', 'env')
