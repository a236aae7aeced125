"""One plain ``sphinx-build``, and what docserve wants to know of the environment that it leaves.

Sphinx is run as ``python -m sphinx`` runs it; nothing of it is changed but how it
ends the lines of its progress. Around it are only the handler that writes stacks
when it stands still, the witness of what the code of the project writes, and, when
it is over, a look into ``environment.pickle``: in
the same process, since only that can load the classes of extensions which conf.py
has made importable.
"""

from __future__ import annotations

import gc
import json
import os
import pickle
import runpy
import signal
import sys
from typing import Any, Callable

from .extensions import generating, shaping
from .modules import own
from .stacks import Stacks
from .witness import Witness


def main(arguments: list[str]) -> None:
    """Run Sphinx with all arguments but the first four: a private directory, those of the doctrees, of conf.py and of the output."""
    directory, doctrees, confdir, output, *rest = arguments
    Stacks(directory).begin('build')
    witness = Witness(told(directory), forks=True, enough=1000)
    witness.begin([output, doctrees, directory, '/dev', '/proc'])
    if {'-P', '--pdb'} & set(rest) and hasattr(signal, 'SIGTSTP'):
        # Nobody would be there to go on: docserve itself is not stopped.
        signal.signal(signal.SIGTSTP, signal.SIG_IGN)
    code = run(rest)
    witness.end()
    write(directory, 'built', {'code': code})
    try:
        known = environment(doctrees, confdir)
    except Exception as error:  # whatever the matter is with the pickle, docserve does without
        known = {'error': f'{type(error).__name__}: {error}'}
    write(directory, 'facts', known)
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """``python -m sphinx``; returns its exit code."""
    sys.argv[1:] = arguments
    if '-N' in arguments:
        in_lines()
    try:
        runpy.run_module('sphinx', run_name='__main__', alter_sys=True)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    return 0


def in_lines() -> None:
    """Have Sphinx end its lines: whether it overwrites them it asks CI and FORCE_COLOR, even with -N."""
    try:
        from sphinx.util import display
    except ImportError:  # before 6.1; or there is no Sphinx, which it says itself
        return
    for name in ('color_terminal', 'terminal_supports_colour'):  # until 8.1, from 8.2 on
        if hasattr(display, name):
            setattr(display, name, lambda: False)


def told(directory: str) -> Callable[[dict[str, Any]], None]:
    """Append each word to one file, as a line: forks of Sphinx do so too, and none may be lost when one is killed.

    The file is opened each time, since code that closes all descriptors would have its own files written to.
    """
    path = os.path.join(directory, 'acts')

    def tell(word: dict[str, Any]) -> None:
        channel = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(channel, json.dumps(word).encode() + b'\n')
        finally:
            os.close(channel)

    return tell


def write(directory: str, name: str, value: dict[str, Any]) -> None:
    """Leave a file that is there whole or not at all."""
    path = os.path.join(directory, name)
    with open(path + '.new', 'w', encoding='utf-8') as file:
        json.dump(value, file)
    os.replace(path + '.new', path)


def environment(doctrees: str, confdir: str) -> dict[str, Any]:
    """What the environment on disk says of documents, what they depend on, and the project."""
    import sphinx

    gc.disable()  # it only gets in the way of loading
    with open(os.path.join(doctrees, 'environment.pickle'), 'rb') as file:
        env = pickle.load(file)
    config, srcdir = env.config, os.path.abspath(os.fspath(env.srcdir))

    def below(directory: str, names: Any) -> list[str]:
        return [os.path.normpath(os.path.join(directory, os.fspath(n))) for n in names or () if n and '://' not in os.fspath(n)]

    def setting(name: str, default: Any) -> Any:
        return getattr(config, name, default)

    extensions = list(setting('extensions', []))
    themes = below(confdir, setting('html_theme_path', []))
    static = [*setting('html_static_path', []), *setting('html_extra_path', []),
              setting('html_logo', None), setting('html_favicon', None)]
    return {
        'sphinx': sphinx.__version__,
        'python': sys.version.split()[0],
        'theme': str(setting('html_theme', '')),
        'root': str(getattr(config, 'root_doc', 'index')),
        'extensions': extensions,
        'config': os.path.abspath(os.path.join(confdir, 'conf.py')),
        'suffixes': list(setting('source_suffix', {})),
        'excludes': list(setting('exclude_patterns', [])),
        'page_suffix': setting('html_file_suffix', None) or '.html',
        'docs': {doc: [os.path.join(srcdir, os.fspath(env.doc2path(doc))), str(read)] for doc, read in env.all_docs.items()},
        'deps': {doc: sorted(set(below(srcdir, names))) for doc, names in env.dependencies.items() if names},
        'static': below(confdir, static),
        'templates': [*below(confdir, setting('templates_path', [])), *themes],
        'locales': below(confdir, setting('locale_dirs', [])),
        'shaping': [[path, list(endings)] for path, endings in shaping(config, confdir, extensions)],
        'generating': [[path, list(endings)] for path, endings in generating(config, confdir, srcdir, extensions)],
        'modules': sorted({os.path.realpath(m.__file__) for m in list(sys.modules.values())
                           if isinstance(getattr(m, '__file__', None), str) and own(m.__file__)}),
    }
