"""Entry point of a Sphinx worker; started by docserve, of no use by itself.

The worker's own modules must not be visible to conf.py and to extensions, and
nothing else that docserve needs may depend on the directory it was started
from: so the directory of this file leaves ``sys.path`` as soon as the modules
are loaded.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from _docserve import worker  # noqa: E402

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or '.') != here or entry == '']

if __name__ == '__main__':
    worker.main(sys.argv[1:])
