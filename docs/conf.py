"""The manual of docserve. It needs Sphinx 7.4 or later, and nothing else."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / '_ext'))

project = 'docserve'
author = 'the authors of docserve'
copyright = '%Y, ' + author
html_title = 'docserve'

extensions = ['markdown_table']
exclude_patterns = ['_build']
nitpicky = True
highlight_language = 'none'

# alabaster comes with every Sphinx, so the manual builds wherever docserve runs.
html_theme = 'alabaster'
html_static_path = ['_static']
html_css_files = ['manual.css']
html_favicon = '_static/dot.svg'
html_theme_options = {
    'description': 'Sphinx documentation in the browser, as it is saved',
    'page_width': '1120px',
    'sidebar_width': '230px',
    'fixed_sidebar': True,
    'show_powered_by': False,
    'show_relbars': False,
}
html_sidebars = {'**': ['about.html', 'searchbox.html', 'navigation.html']}
html_show_sourcelink = False
