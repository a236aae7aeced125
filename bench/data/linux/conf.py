"""Configuration with which the Linux documentation builds without the kernel's tree."""

import os
import sys

sys.path.insert(0, os.path.abspath("."))
sys.path.insert(0, os.path.abspath("sphinx"))

project = "The Linux Kernel"
extensions = [
    "kernel_stubs",
    "rstFlatTable",
    "sphinx.ext.ifconfig",
    "sphinx.ext.autosectionlabel",
]
autosectionlabel_prefix_document = True
autosectionlabel_maxdepth = 2
exclude_patterns = ["output", "include"]
primary_domain = "c"
highlight_language = "none"
html_theme = "alabaster"
