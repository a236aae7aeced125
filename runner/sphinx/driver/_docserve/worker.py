"""The command loop of a worker process, and its forks.

A process starts as a *spare* that has only imported Sphinx, becomes the worker
when it is told to open a project, and forks for whatever must not disturb it.
The collector of garbage runs only when docserve says that nobody waits.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import signal
import sys
from typing import Any, Callable, Iterator, Optional, Sequence

from .facts import tried
from .finishing import Finishing
from .journal import Journal, failure, listen
from .options import can_fork
from .preview import Preview
from .session import Session
from .stacks import Stacks
from .wire import Channel, Closed
from .witness import Witness

# Documents between two collections while working in bulk: few enough to bound
# the memory that waits for the collector, many enough not to notice it.
BULK = 25
# The same while somebody waits for each of them; docserve asks for a collection
# as soon as nobody does.
INTERACTIVE = 400


class Worker:
    """Executes docserve's commands, one at a time."""

    def __init__(self, channel: Channel, stacks: Stacks) -> None:
        self.channel = channel
        self.stacks = stacks
        self.role = 'worker'
        self.witness = Witness(channel.tell)
        self.journal = Journal()
        self.session = Session(self.journal, channel.progress)
        self.preview: Optional[Preview] = None
        self.finishing: Optional[Finishing] = None
        self.children: list[int] = []
        self.since = 0
        self.commands: dict[str, Callable[..., dict[str, Any]]] = {
            'open': self.open,
            'discover': lambda: self.session.discover(),
            'read': self.read,
            'update': lambda docs, initial: self.session.spreading.update(docs, initial),
            'spread': self.spread,
            'write': self.write,
            'rehearse': self.rehearse,
            'assets': lambda removed: self.session.copies.copy(removed),
            'preview': self.provisional,
            'ingest': self.ingest,
            'settle': self.settle,
            'finish': self.finish,
            'idle': self.idle,
            'fork': self.fork,
        }

    def serve(self) -> None:
        """Answer commands until docserve goes away."""
        try:
            while True:
                message = self.channel.receive()
                limit = BULK if message.pop('bulk', False) else INTERACTIVE
                self.channel.send(self.execute(message))
                self.reap()
                if self.since >= limit:
                    self.collect(full=False)
        except Closed:
            pass

    def execute(self, message: dict[str, Any]) -> dict[str, Any]:
        """Run one command; any exception is an answer, never the end of the process."""
        ident, name = message.pop('id'), message.pop('op')
        self.witness.renew()
        try:
            with contextlib.nullcontext() if name == 'open' else stay():
                return {'id': ident, 'result': self.commands[name](**message)}
        except BaseException as exc:  # whatever extensions raise, docserve's own Closed cannot come from here
            roots = [self.session.opened.get(k) for k in ('source', 'config')]
            found = failure(exc, [os.path.realpath(r) for r in roots if r])
            if name == 'open':
                found['loaded'] = tried(self.session, found.get('path', ''))
            return {'id': ident, 'failure': found}

    # -- commands

    def open(self, options: dict[str, Any]) -> dict[str, Any]:
        """Open the project, and tell what its code writes from now on."""
        self.witness.begin([options['output'], options['doctrees'], self.stacks.directory, '/dev', '/proc'])
        return self.session.open(options)

    def read(self, docs: list[str]) -> dict[str, Any]:
        """Read documents, in the order given."""
        self.since += len(docs)
        return {'docs': [result for each in docs for result in self.session.read(each)]}

    def write(
        self, doc: str, stage: str, check: Sequence[str] = (), known: Optional[dict[str, Any]] = None,
    ) -> dict[str, Any]:
        """Write one page, or find that it is what it was; a writer leaves the page's words beside it."""
        searching = self.session.searching
        result = self.session.write(doc, stage, list(check), known)
        if self.role == 'writer' and 'error' not in result and searching.waiting(doc):
            result['words'] = result['file'] + '.words'
            searching.take(doc, result['words'])
        self.since += 1
        return result

    def spread(self, everything: bool, templates: list[str], toctrees: list[str]) -> dict[str, Any]:
        """Find out which pages may show what was changed since the last time."""
        return self.session.spreading.spread(everything, templates, toctrees)

    def rehearse(self, doc: str, stage: str, known: str) -> dict[str, Any]:
        """Do a document's work for nothing, when nobody waits."""
        docs = self.session.rehearse(doc, stage, known)
        self.collect(full=False)
        return {'docs': docs}

    def provisional(self, doc: str, directory: str, static: str) -> dict[str, Any]:
        """Write a provisional page below a directory, with the static files from another one."""
        if self.preview is None:
            self.preview = Preview(self.session, directory, static)
        self.since += 1
        return self.preview.page(doc)

    def ingest(self, words: list[list[str]]) -> dict[str, Any]:
        """Take over the words that writers have collected."""
        self.session.searching.ingest(words)
        return {}

    def settle(self, toctrees: list[str]) -> dict[str, Any]:
        """Bring some of the index up to date, and in the end everything into the order of a clean build."""
        session = self.session
        more = session.searching.merge(session.opened.get('state', ''))
        if not more:
            session.inventory.sort()
            session.pages.navigation.learn(toctrees)
            session.journal.take()
        return {'more': more}

    def finish(self, stage: str, everything: bool, steps: Optional[list[str]] = None) -> dict[str, Any]:
        """Run the steps that follow the pages."""
        self.finishing = Finishing(self.session, stage, everything)
        return self.finishing.run(steps or [])

    def idle(self, full: bool) -> dict[str, Any]:
        """Do what may take a while: nobody waits."""
        self.collect(full)
        return {}

    def collect(self, full: bool) -> None:
        """Collect garbage; what survives is not looked at again until the next full run."""
        self.since = 0
        if full:
            gc.unfreeze()
        gc.collect()
        gc.freeze()
        if full:
            return_memory()

    def fork(self, role: str, ident: str) -> dict[str, Any]:
        """Fork a process with a connection and a role of its own."""
        if not can_fork():
            return {'refused': 'the process has threads, which a fork would not have'}
        gc.freeze()
        self.witness.end()
        pid = os.fork()
        if pid:
            self.children.append(pid)
            return {'pid': pid}
        status = 1
        try:
            self.role = role
            self.children = []
            os.setpgid(0, 0)  # so that it can be ended with whatever it has started, and without us
            if role != 'standby':
                die_with_parent()
            with contextlib.suppress(OSError):  # without a place for them there are none
                self.stacks.begin(ident)
                print_to(os.path.join(self.stacks.directory, ident + '.out'))
            self.channel.connect(role, ident, os.getpid())
            self.serve()
            status = 0
        finally:
            # Never return into the parent's frames, never flush the parent's buffers.
            os._exit(status)

    def reap(self) -> None:
        """Collect forks that have ended; children of the user's code are not touched."""
        for pid in list(self.children):
            try:
                if os.waitpid(pid, os.WNOHANG)[0]:
                    self.children.remove(pid)
            except ChildProcessError:
                self.children.remove(pid)


@contextlib.contextmanager
def stay() -> Iterator[None]:
    """Undo a change of the working directory: the next document knows nothing of it, and a relative path would be another.

    That conf.py goes elsewhere, for good, is its right.
    """
    try:
        before = os.getcwd()
    except OSError:  # it is gone
        yield
        return
    try:
        yield
    finally:
        try:
            os.chdir(before)
        except OSError:
            pass


def print_to(path: str) -> None:
    """Print into this file from now on: that of the parent is looked after as long as the parent lives."""
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for each in (1, 2):
        os.dup2(fd, each)
    os.close(fd)


def die_with_parent() -> None:
    """On Linux, let the kernel end this process when its parent ends."""
    if sys.platform == 'linux':
        try:
            ctypes.CDLL(None, use_errno=True).prctl(1, signal.SIGKILL, 0, 0, 0)
        except (OSError, AttributeError):
            pass


def return_memory() -> None:
    """Give memory that is free back to the system, where the C library can."""
    trim = getattr(ctypes.CDLL(None), 'malloc_trim', None) if sys.platform == 'linux' else None
    if trim is not None:
        trim(0)


def warm_up() -> None:
    """Import what every HTML build needs, before it is known which project this is for."""
    import docutils.parsers.rst.directives.admonitions  # noqa: F401
    import docutils.parsers.rst.directives.images  # noqa: F401
    import docutils.parsers.rst.directives.misc  # noqa: F401
    import docutils.parsers.rst.directives.tables  # noqa: F401
    import docutils.writers.html5_polyglot  # noqa: F401
    import jinja2.ext  # noqa: F401
    import pygments.formatters  # noqa: F401
    import pygments.lexers  # noqa: F401
    import sphinx.application
    import sphinx.builders.dirhtml  # noqa: F401
    import sphinx.builders.html  # noqa: F401
    import sphinx.search.en  # noqa: F401
    from sphinx.util.docutils import docutils_namespace

    from . import quick

    for name in (*sphinx.application.builtin_extensions,):
        if name.startswith('sphinx.'):
            try:
                __import__(name)
            except ImportError:
                pass
    quick.install()
    # What extensions register is global; this process never leaves the namespace.
    docutils_namespace().__enter__()


def main(argv: list[str]) -> None:
    """Connect to docserve at the address given and serve it."""
    address, ident, directory = argv
    channel = Channel(address, os.environ.pop('DOCSERVE_TOKEN', ''))
    gc.disable()
    stacks = Stacks(directory)
    stacks.begin(ident)
    worker = Worker(channel, stacks)
    try:
        channel.connect('worker', ident, os.getpid())
        warm_up()
        listen(worker.journal)
        worker.serve()
    except Closed:
        pass
    finally:
        sys.stdout.flush()
        os._exit(0)
