"""Say what an interpreter is, and whether it has Sphinx, as one line of JSON.

Given to interpreters of any age (Python 2.7 too, which is then refused in
words), so nothing here may be newer. Importing the package sphinx alone takes a
few milliseconds in every version so far; the parts that take long are not
touched. What Sphinx cannot do without is looked for, but not imported.
"""
import sys

# With -c the first place to import from is the current directory, which may well
# hold a directory called sphinx. The option that turns this off, -P, is too new,
# and -I would also turn off what the worker can import.
if sys.path and sys.path[0] == '':
    del sys.path[0]


def probe():
    import json
    import os

    stdlib = os.path.dirname(os.__file__)
    found = {
        'version': '.'.join(str(part) for part in sys.version_info[:3]),
        'executable': sys.executable or '',
        'isolated': sys.prefix != getattr(sys, 'base_prefix', sys.prefix),
        'managed': os.path.exists(os.path.join(stdlib, 'EXTERNALLY-MANAGED')),
    }
    if sys.version_info >= (3, 4):
        from importlib.util import find_spec

        found['pip'] = find_spec('pip') is not None
        found['venv'] = find_spec('venv') is not None and find_spec('ensurepip') is not None
        try:
            import sphinx

            found['sphinx'] = sphinx.__version__
            needed = ('docutils', 'jinja2', 'pygments', 'babel', 'requests')
            found['lacks'] = [name for name in needed if find_spec(name) is None]
        except ImportError:
            pass
        except Exception as error:  # of a damaged or much too old installation
            found['trouble'] = '%s: %s' % (type(error).__name__, error)
    sys.stdout.write('\ndocserve-probe ' + json.dumps(found) + '\n')


probe()
