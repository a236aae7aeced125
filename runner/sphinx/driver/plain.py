"""Entry point of a plain ``python -m sphinx``; started by docserve, of no use by itself.

conf.py and extensions find ``sys.path`` and ``sys.argv`` as ``-m`` makes them.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from _docserve import plain  # noqa: E402

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or '.') != here]
sys.path.insert(0, os.getcwd())

if __name__ == '__main__':
    plain.main(sys.argv[1:])
