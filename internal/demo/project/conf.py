"""The sample project of docserve. Change anything: nothing here is precious."""

project = 'Harbour Hand'
author = 'the harbour office'
copyright = '2025, the harbour office'
version = release = '1.4'

# alabaster comes with every Sphinx, so this project builds anywhere.
html_theme = 'alabaster'
html_title = 'Harbour Hand'
html_static_path = ['_static']
html_css_files = ['harbour.css']
html_favicon = '_static/mark.svg'
html_theme_options = {
    'logo': 'mark.svg',
    'logo_name': True,
    'description': 'When the water comes, and how high.',
    'page_width': '1080px',
    'sidebar_width': '240px',
    'fixed_sidebar': True,
    'show_powered_by': False,
}
html_sidebars = {'**': ['about.html', 'navigation.html', 'searchbox.html']}
html_show_sourcelink = False
pygments_style = 'monokai'

# What is included by other pages is not a page.
exclude_patterns = ['_build', '_shared']
