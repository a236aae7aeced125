"""Configuration of the project that faults are injected into."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '_ext'))

import misbehave

misbehave.reached('conf.py')

project = 'Faults'
extensions = ['misbehave', 'sphinx.ext.todo']
exclude_patterns = ['_build', 'inc']
html_theme = 'alabaster'
html_static_path = ['_static']
templates_path = ['_templates']
html_css_files = ['style.css']
numfig = True
