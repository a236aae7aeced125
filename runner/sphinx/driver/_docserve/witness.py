"""What the code of a project writes and which programs it starts, told to docserve as it happens.

docserve sees that a file has changed, not who has changed it. A file that the
build itself changes asks for the next build, which changes it again. An audit
hook (Python 3.8 and later) is told of every file before it is opened, in every
library and without anybody noticing; so docserve hears of a file before there is
anything to see, even if this process is ended right after.
"""

from __future__ import annotations

import hashlib
import os
import sys
import threading
import time
from typing import Any, Callable, Optional

# Words on one command, unless said otherwise. A page that writes more files than that is known well enough.
ENOUGH = 300
# Frames of a stack, from the innermost one on: what Sphinx and docutils put between a
# document and a directive that is nested deeply.
DEPTH = 80
# Bytes of a file whose content of before is told: modules, which have to be loaded again if it differs.
LARGE = 1 << 20

_WRITING = os.O_WRONLY | os.O_RDWR
# With it a directory is opened, for a temporary file that has no name.
_NAMELESS = getattr(os, 'O_DIRECTORY', 0)


class Witness:
    """The audit hook of this process. It may not raise: that would be an exception in the user's code."""

    def __init__(self, tell: Callable[[dict[str, Any]], None], forks: bool = False, enough: int = ENOUGH) -> None:
        """Tell with tell, which forks may use as well or not, and only so many words."""
        self._tell = tell
        self._forks = forks
        self._enough = enough
        self._outside: tuple[str, ...] = ()
        self._told: set[str] = set()
        self._pid = 0
        self._busy = threading.local()
        self._events: dict[str, Callable[[tuple[Any, ...]], None]] = {
            'open': self._opened,
            'os.rename': lambda args: self._wrote(args[0], args[1]),  # and os.replace
            'os.link': lambda args: self._wrote(args[1]),
            'os.symlink': lambda args: self._wrote(args[1]),
            'os.remove': self._removed,  # and os.unlink
            'os.truncate': lambda args: self._wrote(args[0]),
            'shutil.rmtree': lambda args: self._wrote(args[0]),
            'sqlite3.connect': lambda args: self._wrote(args[0]),
            'subprocess.Popen': lambda args: self._started(args[0] or args[1]),
            'os.system': lambda args: self._started(args[0]),
            'os.posix_spawn': lambda args: self._started(args[0]),
            'os.fork': lambda args: self._started(''),
        }
        if forks:
            del self._events['os.fork']  # what they do they tell themselves

    def begin(self, outside: list[str]) -> None:
        """Listen from now on, to everything but what happens below some directories: what is written there is no source."""
        self._outside = tuple(os.path.join(path, '') for each in outside for path in {os.path.abspath(each), os.path.realpath(each)})
        if not self._pid:
            self._pid = os.getpid()
            sys.addaudithook(self._hear)

    def end(self) -> None:
        """Be silent: what follows is docserve's own doing."""
        self._pid = -1

    def renew(self) -> None:
        """What is told from now on belongs to another command, and perhaps to another process: a fork."""
        self._told.clear()
        if self._pid:
            self._pid = os.getpid()

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        handle = self._events.get(event)
        here = self._pid > 0 if self._forks else self._pid == os.getpid()
        if handle is None or not here or getattr(self._busy, 'here', False):
            return  # a fork of the user's code must not use our channel
        self._busy.here = True
        try:
            handle(args)
        except Exception:  # whatever somebody gave to open()
            pass
        finally:
            self._busy.here = False

    def _opened(self, args: tuple[Any, ...]) -> None:
        if args[2] & _WRITING and not args[2] & _NAMELESS:
            self._wrote(args[0])

    def _removed(self, args: tuple[Any, ...]) -> None:
        if args[1] == -1:  # else relative to a directory, by shutil.rmtree, which has been told
            self._wrote(args[0])

    def _wrote(self, *paths: Any) -> None:
        for each in paths:
            if isinstance(each, int):
                continue
            path = os.path.normpath(os.path.join(os.getcwd(), os.fsdecode(each)))
            if path in self._told or path.startswith(self._outside) or '__pycache__' in path:
                continue
            self._word(path, {'path': path, 'before': _content(path)})

    def _started(self, program: Any) -> None:
        if isinstance(program, (list, tuple)):
            program = program[0] if program else ''
        name = os.path.basename(os.fsdecode(program).strip().partition(' ')[0])
        self._word('\0' + name, {'program': name})

    def _word(self, key: str, said: dict[str, Any]) -> None:
        if len(self._told) >= self._enough:
            return
        self._told.add(key)
        event, frames = _stack(sys._getframe(1))
        self._tell({'act': {**said, 'at': time.time_ns(), 'event': event, 'frames': frames}})


def _stack(frame: Optional[Any]) -> tuple[str, list[list[Any]]]:
    """The innermost event of Sphinx that is being handled, and the frames, innermost first."""
    event, frames = '', []
    while frame is not None and len(frames) < DEPTH:
        code = frame.f_code
        if code.co_filename != __file__:
            frames.append([code.co_filename, frame.f_lineno, code.co_name])
        if not event and code.co_name == 'emit' and code.co_filename.endswith(os.path.join('sphinx', 'events.py')):
            event = str(frame.f_locals.get('name', ''))  # EventManager.emit, 5.3 to 9.2
        frame = frame.f_back
    return event, frames


def _content(path: str) -> str:
    """The digest of a small file as it is now, '' of others and where there is none."""
    try:
        if os.path.getsize(path) > LARGE or not os.path.isfile(path):
            return ''
        with open(path, 'rb') as file:
            return hashlib.sha256(file.read()).hexdigest()[:32]
    except OSError:
        return ''
