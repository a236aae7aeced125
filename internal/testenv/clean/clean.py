"""Clean serial builds in quick succession.

Starting Python and importing Sphinx takes longer than building a small project.
So this process imports what builds need, and forks for each of them. The
libraries are all that builds share: nothing is called here, no module of a
project is loaded, and a child ends with its build.

A request is one line of JSON on standard input, an answer one line on the
descriptor that standard output was at the start.
"""

import importlib
import importlib.util
import json
import logging
import os
import sys
import traceback

LIBRARIES = [
    'sphinx.application', 'sphinx.cmd.build', 'sphinx.builders.html', 'sphinx.builders.dirhtml',
    'sphinx.search.en', 'sphinx.search.de', 'sphinx.ext.autodoc', 'sphinx.ext.viewcode',
    'sphinx.ext.todo', 'sphinx.ext.mathjax', 'sphinx.ext.ifconfig', 'sphinx.ext.extlinks',
    'sphinx.ext.autosectionlabel', 'sphinx.domains.c', 'sphinx.domains.cpp', 'sphinx.domains.javascript',
    'sphinx.domains.python', 'sphinx.domains.rst', 'sphinx.domains.std', 'sphinx.domains.math',
    'sphinx.directives.code', 'sphinx.directives.other', 'sphinx.directives.patches', 'sphinx.pycode.parser',
    'sphinx.transforms.i18n', 'sphinx.writers.html', 'sphinx.writers.html5', 'docutils.parsers.rst.directives.images',
    'docutils.parsers.rst.directives.misc', 'docutils.parsers.rst.directives.tables', 'docutils.languages.de',
    'docutils.parsers.rst.directives.admonitions', 'docutils.parsers.rst.directives.body',
    'docutils.parsers.rst.languages.de', 'docutils.writers.html5_polyglot', 'pygments.lexers.python',
    'pygments.lexers.c_cpp', 'pygments.formatters.html', 'babel.messages.pofile', 'babel.messages.mofile', 'alabaster',
]


def load():
    """Import the libraries that are there, those of themes and parsers too."""
    for name in LIBRARIES + sys.argv[1:]:
        try:
            importlib.import_module(name)
        except ImportError:
            pass


def record(found):
    """Note each warning that Sphinx is about to print: it has passed all filters by then."""
    from sphinx.util import logging as sphinx_logging

    handler = sphinx_logging.WarningStreamHandler
    original = handler.emit

    def emit(self, entry):
        kind, subtype = getattr(entry, 'type', '') or '', getattr(entry, 'subtype', '') or ''
        found.append({
            'level': entry.levelname,
            'location': str(getattr(entry, 'location', None) or ''),
            'message': logging.LogRecord.getMessage(entry),
            'category': f'{kind}.{subtype}' if kind and subtype else kind,
        })
        original(self, entry)

    handler.emit = emit


def build(request):
    """Build in a child of its own; its warnings and its exit code go into a file."""
    os.setpgid(0, 0)
    output = os.open(request['log'], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.chdir(request['source'])
    sys.pycache_prefix = request['scratch']
    sys.dont_write_bytecode = True
    found = []
    record(found)
    from sphinx.cmd.build import main

    code = main(request['arguments'])
    with open(request['answer'], 'w', encoding='utf-8') as file:
        json.dump({'code': int(code or 0), 'warnings': found}, file)


def serve():
    channel = os.fdopen(os.dup(1), 'w')
    os.dup2(2, 1)
    load()
    import sphinx

    def say(message):
        channel.write(json.dumps(message) + '\n')
        channel.flush()

    say({'sphinx': sphinx.__version__})
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            status = 1
            try:
                build(request)
                status = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(status)
        _, status = os.waitpid(child, 0)
        say({'status': status})


if __name__ == '__main__':
    serve()
