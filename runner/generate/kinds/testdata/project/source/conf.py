project = 'Harbour'
copyright = 'nobody'
extensions = []
exclude_patterns = ['includes']
rst_epilog = '.. |harbour| replace:: our harbour'
html_theme = 'alabaster'
