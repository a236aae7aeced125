"""An extension that does what no extension should, where and when it is told to.

The order is a file in the directory that DOCSERVE_FAULTS names: a place, a
document, a deed and a number of times. Without that variable, as in a clean
build, nothing happens. The variable also tells which processes belong to a
session: all that are started inherit it.
"""

import ctypes
import json
import os
import re
import resource
import signal
import subprocess
import sys
import threading
import time
import _thread

from docutils import nodes
from docutils.parsers.rst import Directive

ORDERS = os.environ.get('DOCSERVE_FAULTS', '')

EVENTS = [
    'config-inited', 'builder-inited', 'env-get-outdated', 'env-before-read-docs', 'env-purge-doc', 'source-read', 'include-read',
    'doctree-read', 'env-updated', 'env-get-updated', 'write-started', 'env-check-consistency', 'missing-reference',
    'warn-missing-reference', 'doctree-resolved', 'html-collect-pages', 'html-page-context', 'build-finished',
]
# What handlers of these events have to return.
RETURNS = {'env-get-outdated': [], 'env-updated': [], 'env-get-updated': [], 'html-collect-pages': []}


def reached(place, doc=''):
    """Do the deed, if the order is for this place."""
    if not ORDERS:
        return
    path = os.path.join(ORDERS, 'order')
    try:
        with open(path, encoding='utf-8') as file:
            order = json.load(file)
    except (OSError, ValueError):
        return
    if order['place'] != place or order['doc'] not in ('', doc):
        return
    mine = f'{path}.{os.getpid()}'
    try:
        os.rename(path, mine)  # another process may be at the same place
    except OSError:
        return
    if order['times'] > 1:
        order['times'] -= 1
        with open(mine, 'w', encoding='utf-8') as file:
            json.dump(order, file)
        os.rename(mine, path)
    else:
        os.unlink(mine)
    with open(os.path.join(ORDERS, 'done'), 'a', encoding='utf-8') as file:
        file.write(f"{order['deed']} at {place} {doc} in {os.getpid()}\n")
    DEEDS[order['deed']]()


def recurse():
    recurse()


def loop():
    while True:
        pass


def deadlock():
    """Every fork from now on waits for a lock that nobody gives back."""
    lock = threading.Lock()
    lock.acquire()
    os.register_at_fork(after_in_child=lock.acquire)


def hold_lock():
    """A thread that Python's threading does not know of has a lock, for good; forks have the lock, but not the thread."""
    _thread.start_new_thread(lambda: LOCK.acquire() and time.sleep(1e6), ())
    while not LOCK.locked():
        time.sleep(0.001)
    OWNER.append(os.getpid())


def need_lock():
    """What a fork does that needs a lock which the process it was forked from has."""
    if OWNER and OWNER[0] != os.getpid():
        LOCK.acquire()


def grow():
    """Take memory until there is no more, with a limit that is lifted again."""
    with open('/proc/self/statm', encoding='ascii') as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + (64 << 20), before[1]))
    taken = []
    try:
        while True:
            taken.append(bytearray(4 << 20))
    finally:
        taken.clear()
        resource.setrlimit(resource.RLIMIT_AS, before)


def breed():
    """Start twenty processes that keep stdout open, and forget them."""
    for _ in range(20):
        subprocess.Popen(['sleep', '1000'])


def print_much():
    for fd in (1, 2):
        for _ in range(200):
            os.write(fd, b'x' * 1023 + b'\n' + b'y' * (512 * 1024))


def print_garbage():
    for _ in range(64):
        os.write(1, os.urandom(16 << 10))


def unpicklable():
    """Put what cannot be pickled into the environment, until something is read again."""
    APPLICATION[0].env.misbehave = lambda: None


def fail():
    raise RuntimeError('told to fail')


def interrupt():
    raise KeyboardInterrupt


def start_thread():
    threading.Thread(target=time.sleep, args=(1e6,), daemon=True).start()


APPLICATION = []
LOCK = threading.Lock()
OWNER = []
DEEDS = {
    'exit 0': lambda: os._exit(0),
    'exit 3': lambda: os._exit(3),
    'sys.exit': lambda: sys.exit(1),
    'kill': lambda: os.kill(os.getpid(), signal.SIGKILL),
    'stop': lambda: os.kill(os.getpid(), signal.SIGSTOP),
    'segfault': lambda: ctypes.string_at(0),
    'abort': os.abort,
    'loop': loop,
    'sleep': lambda: time.sleep(1e6),
    'loop in re': lambda: re.match('(a+)+$', 'a' * 64 + 'b'),
    'loop in C': lambda: sum(range(10**13)),
    'deadlock': deadlock,
    'lock': hold_lock,
    'fail': fail,
    'interrupt': interrupt,
    'recursion': recurse,
    'memory': grow,
    'children': breed,
    'print 200 MB': print_much,
    'garbage': print_garbage,
    'read stdin': lambda: sys.stdin.read(),
    'close all': lambda: os.closerange(0, 4096),
    'change directory': lambda: os.chdir('/'),
    'unpicklable': unpicklable,
    'thread': start_thread,
}


class Misbehave(Directive):
    """A paragraph, and a place."""

    has_content = False

    def run(self):
        reached('directive', self.state.document.settings.env.docname)
        return [nodes.paragraph('', 'Well behaved.')]


def docname(app, event, args):
    """The document that an event is about, '' for all."""
    if event in ('source-read', 'html-page-context'):
        return args[0]
    if event in ('env-purge-doc', 'doctree-resolved'):
        return args[1]
    return getattr(app.env, 'docname', '') if event == 'doctree-read' else ''


def listen(app, event):
    def handler(app, *args):
        if event == 'source-read':
            app.env.__dict__.pop('misbehave', None)
        need_lock()
        reached(event, docname(app, event, args))
        return RETURNS.get(event)

    if event in app.events.events:  # some are younger than others
        app.connect(event, handler)


def setup(app):
    APPLICATION.append(app)
    app.add_directive('misbehave', Misbehave)
    for event in EVENTS:
        listen(app, event)
    reached('setup')
    return {'parallel_read_safe': True, 'parallel_write_safe': True}
