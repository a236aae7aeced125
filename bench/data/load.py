"""The floor of a warm start: import Sphinx and load a saved environment.

load.py ENVIRONMENT.PICKLE SOURCEDIR. The process ends without Python's
clearing up, so that its lifetime is the time of the loading.
"""

import os
import pickle
import sys

environment, source = sys.argv[1:]
sys.path[:0] = [source, os.path.join(source, "sphinx"), os.path.join(source, "_ext")]

import sphinx.application  # noqa: E402, F401

with open(environment, "rb") as file:
    pickle.load(file)
os._exit(0)
