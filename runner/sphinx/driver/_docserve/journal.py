"""Warnings and errors as data, attributed to who caused them.

Sphinx prints warnings; docserve must know to which document one belongs, so
that reading the document again replaces its warnings and no others.
"""

from __future__ import annotations

import logging
import os
import re
import traceback
from typing import Any, Callable, Optional

from sphinx.util import logging as sphinx_logging

_POSITION = re.compile(r'^(?P<path>.*?)(?::(?P<place>docstring of [^:]+))?(?::(?P<line>\d+))?:?$', re.S)
_MISSING = re.compile(r'toctree contains reference to (?:non-?existing|excluded) document')
_COLOUR = re.compile(r'\x1b\[[0-9;]*m')
_LEVELS = {logging.WARNING: 'warning', logging.ERROR: 'error', logging.CRITICAL: 'critical'}


class Sink:
    """A stream for what Sphinx prints about its progress: nobody reads it, but that it comes is worth knowing."""

    encoding = 'utf-8'

    def __init__(self, progress: Callable[[], None]) -> None:
        self._progress = progress

    def write(self, text: str) -> int:
        self._progress()
        return len(text)

    def flush(self) -> None:
        pass

    def isatty(self) -> bool:
        return False


class Journal(logging.Handler):
    """Collects what Sphinx would have written to its warning stream."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.entries: list[dict[str, Any]] = []

    def attach(self, app: Any) -> None:
        """Listen to the application's logger, after its own handler.

        That one has by then turned the record's location into text, and must
        not do so twice.
        """
        self.addFilter(sphinx_logging.WarningSuppressor(app))
        self.addFilter(sphinx_logging.OnceFilter())
        logging.getLogger(sphinx_logging.NAMESPACE).addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            # Sphinx's own records put position and severity in front
            message = _COLOUR.sub('', logging.LogRecord.getMessage(record))
        except (TypeError, ValueError):
            message = str(record.msg)
        location = getattr(record, 'location', None)
        entry = {'severity': _LEVELS.get(record.levelno, 'warning'), 'message': message}
        entry.update(position(location))
        kind, subtype = getattr(record, 'type', ''), getattr(record, 'subtype', '')
        if kind:
            category = entry['category'] = f'{kind}.{subtype}' if subtype else kind
            entry['message'] = message.removesuffix(f' [{category}]')
        self.entries.append(entry)

    def take(self) -> list[dict[str, Any]]:
        """Return what was collected since the last call, duplicates dropped."""
        entries, self.entries = self.entries, []
        seen: list[dict[str, Any]] = []
        for entry in entries:
            if entry not in seen[-50:]:
                seen.append(entry)
        return seen

    @staticmethod
    def forget_once() -> None:
        """Let messages that Sphinx prints once in a process be printed again."""
        for handler in logging.getLogger(sphinx_logging.NAMESPACE).handlers:
            for each in handler.filters:
                if isinstance(each, sphinx_logging.OnceFilter):
                    each.messages.clear()


def about_missing_documents(entry: dict[str, Any]) -> bool:
    """Whether a warning says that a toctree names a document that is not there.

    Sphinx says so when it reads the toctree, and again on every page that shows
    it; the page would keep the warning when the toctree has changed.
    """
    return entry.get('category') in ('toc.not_readable', 'toc.excluded') or bool(_MISSING.match(entry['message']))


def unwritten(entries: list[dict[str, Any]], stage: str) -> Optional[dict[str, Any]]:
    """The failure to write a file below the staging directory, if there was one.

    Sphinx (5.3 to 9.2) only warns when a page cannot be written, in the user's
    language, and leaves what is there of the file.
    """
    for entry in entries:
        if stage and stage in entry['message']:
            return {'kind': 'OSError', 'message': entry['message'], 'trace': ''}
    return None


def listen(journal: Journal) -> None:
    """Attach the journal to every application whose logging Sphinx sets up."""
    original = sphinx_logging.setup

    def setup(app: Any, *args: Any, **keywords: Any) -> None:
        original(app, *args, **keywords)
        journal.attach(app)

    sphinx_logging.setup = setup


def position(location: Optional[str]) -> dict[str, Any]:
    """Split Sphinx's ``path:line`` into its parts."""
    if not location:
        return {}
    match = _POSITION.match(str(location))
    if match is None or not match['path']:
        return {}
    result: dict[str, Any] = {'path': match['path']}
    if match['line']:
        result['line'] = int(match['line'])
    if match['place']:
        result['place'] = match['place']
    return result


def failure(exc: BaseException, roots: list[str], path: str = '') -> dict[str, Any]:
    """Describe an exception for a writer: where in *their* files it happened, and what it was.

    With the path of a document that was being read or written, that document
    is the place, at the line that docutils had come to. Otherwise, of the
    tracebacks of the exception and of what caused it, the innermost frame in a
    file below one of the roots is the place; with a document, the message ends
    with it. Sphinx puts whole tracebacks into messages; only their last line is
    kept.
    """
    found: dict[str, Any] = {}
    innermost = exc
    chain: list[BaseException] = []
    link: Optional[BaseException] = exc
    while link is not None and link not in chain:
        chain.append(link)
        link = link.__cause__ or link.__context__
    for each in chain:
        if isinstance(each, SyntaxError) and each.filename and os.path.exists(each.filename):
            found = {'path': each.filename, 'line': each.lineno or 0}
            innermost = each
            break
        place = _frame(each, roots)
        if place is not None:
            found = place
            innermost = each
    message = _message(exc, innermost)
    if path:
        if found and found['path'] != path:
            message += f" (raised at {found['path']}:{found['line']})"
        found = {'path': path, **_reached(exc, path)}
    result = {'kind': type(exc).__name__, 'message': message, **found}
    result['trace'] = ''.join(traceback.format_exception(type(exc), exc, exc.__traceback__))[-16000:]
    missing = [each.name for each in chain if isinstance(each, ModuleNotFoundError) and each.name]
    if missing:
        result['missing'] = missing[-1]
    return result


def _frame(exc: BaseException, roots: list[str]) -> Optional[dict[str, Any]]:
    place = None
    for frame in traceback.extract_tb(exc.__traceback__):
        path = os.path.abspath(frame.filename)
        if any(path.startswith(root.rstrip(os.sep) + os.sep) for root in roots) and 'site-packages' not in path:
            place = {'path': path, 'line': frame.lineno or 0}
    return place


def _reached(exc: BaseException, path: str) -> dict[str, Any]:
    """The line of a document, or of what it includes, at which reading it failed.

    The frames of docutils know it (``RSTState.run_directive`` and
    ``Inliner.parse``, 0.18 to 0.22). Undecodable bytes know their own.
    """
    if isinstance(exc, UnicodeDecodeError) and isinstance(exc.object, bytes):
        return {'line': exc.object[:exc.start].count(b'\n') + 1}
    reached: dict[str, Any] = {}
    trace = exc.__traceback__
    while trace is not None:
        values = trace.tb_frame.f_locals
        owner, line = values.get('self'), values.get('lineno')
        if isinstance(line, int) and type(owner).__module__ == 'docutils.parsers.rst.states':
            look = getattr(getattr(owner, 'state_machine', None) or getattr(owner, 'reporter', None), 'get_source_and_line', None)
            source, exact = look(line) if look else (None, line)
            reached = {'line': exact or line}
            if source and os.path.isfile(source) and os.path.abspath(source) != path:
                reached['path'] = os.path.abspath(source)
        trace = trace.tb_next
    return reached


def _message(exc: BaseException, innermost: BaseException) -> str:
    text = str(exc)
    if 'Traceback (most recent call last)' in text:
        text = text.split('Traceback (most recent call last)')[0].strip().rstrip(':')
        text += ': ' + _short(innermost if innermost is not exc else (exc.__cause__ or exc.__context__ or exc))
    if not text.strip():
        text = _short(exc)
    elif not isinstance(exc, SyntaxError) and type(exc).__module__ == 'builtins':
        text = _short(exc)
    return text[:4000]


def _short(exc: BaseException) -> str:
    return ''.join(traceback.format_exception_only(type(exc), exc)).strip().splitlines()[-1]
