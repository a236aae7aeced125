"""Parts of docutils and Sphinx that take a good share of a save, done sooner, with the same results.

A function is replaced only if its code is, apart from comments and annotations,
that for which the replacement was written. In a version that has another it stays
what it is: a release which changes one costs time, and never a byte.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import logging
import textwrap
from collections import OrderedDict
from typing import Any, Callable, Iterator, Optional

from docutils import frontend, nodes, statemachine
from sphinx import highlighting
from sphinx.util import docutils as sphinx_docutils

from .settings import Settings

# Characters of source and of HTML that are kept, of the blocks highlighted last:
# those of some long pages.
ROOM = 4_000_000

_StateMachine: Any = statemachine.StateMachine
_highlight_block: Callable[..., str] = highlighting.PygmentsBridge.highlight_block
_get_settings: Any = getattr(sphinx_docutils, '_get_settings', None)  # since Sphinx 9


def install() -> list[str]:
    """Replace what is known; returns the names of the functions that are not."""
    unknown = []
    for group in _replacements():
        strange = [f'{owner.__name__}.{name}' for owner, name, _, digest in group if not _known(getattr(owner, name, None), digest)]
        if not strange:
            for owner, name, replacement, _ in group:
                if replacement is not None:
                    setattr(owner, name, replacement)
        unknown += strange
    return unknown


def _replacements() -> list[list[tuple[Any, str, Optional[Callable[..., Any]], str]]]:
    """What is replaced, by what, and the fingerprints for which that is right: docutils 0.18 to 0.23, Sphinx 5.3 to 9.2.

    Those of one group rely on each other; what they rely on besides is replaced by None.
    """
    groups: list[list[tuple[Any, str, Optional[Callable[..., Any]], str]]] = [
        [
            (nodes.Node, '_fast_findall', _find_class, '50b74d04e1b52ad5 ae9217126f9b28de'),
            (nodes.Node, '_superfast_findall', _find_all, '918ff3d542aca02d af17d46a1876285c'),
            (nodes.Node, 'findall', _findall, 'f36b848d353eb091 9c8da832d45e2b37 b8db700c4f667a33'),
        ],
        [(nodes.Node, 'walkabout', _walkabout, '05f37f7ad10ba6b7')],
        [
            (_StateMachine, 'add_states', _add_states, 'bc10ea136d57604a'),
            (_StateMachine, 'runtime_init', _runtime_init, 'ef07d4ce760adb2d'),
            (_StateMachine, 'unlink', _unlink, '84c18fc687f50f34'),
            (_StateMachine, 'add_state', _add_state, '8240e9da9d66b845'),
        ],
        [(
            highlighting.PygmentsBridge, 'highlight_block', Highlighted(_highlight_block).method(),
            'c1bf4d00ca842836 8d4c69198f20a40f e91471cde67bf3b6',
        )],
    ]
    if _get_settings is not None:
        parser = frontend.OptionParser
        groups.append([
            (sphinx_docutils, '_get_settings', Settings(_get_settings).function(), 'e82bcd509da26d7b 7756ba258fd85b03'),
            (parser, '__init__', None, 'fa7013874c22048c ad043ea58fb4929f'),
            (parser, 'get_standard_config_files', None, 'f4770e25a6bdee5b'),
            (parser, 'get_default_values', None, '9dc056445fad0add'),
        ])
    return groups


def _known(function: Any, digest: str) -> bool:
    return function is not None and fingerprint(function) in digest.split()


def fingerprint(function: Any) -> str:
    """A digest of what a function does: its code without comments, annotations and documentation."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):  # there is no source
        return ''
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
            if ast.get_docstring(node) is not None:
                node.body = node.body[1:] or [ast.Pass()]
        elif isinstance(node, ast.arg):
            node.annotation = None
    return hashlib.sha256(ast.unparse(tree).encode()).hexdigest()[:16]


# -- looking for nodes: each transform goes through the whole document

def _find_class(self: Any, cls: Any) -> Iterator[Any]:
    """This node and those below it that are of a class, in document order."""
    if isinstance(self, cls):
        yield self
    level = iter(self.children)
    above = []
    while True:
        for child in level:
            if isinstance(child, cls):
                yield child
            if child.children:
                above.append(level)
                level = iter(child.children)
                break
        else:
            if not above:
                return
            level = above.pop()


def _find_all(self: Any) -> Iterator[Any]:
    """This node and all below it, in document order."""
    return _find_class(self, object)


def _find_matching(self: Any, condition: Callable[[Any], Any]) -> Iterator[Any]:
    """The same for those that match. These searches go by index, so that they see children that were exchanged."""
    if condition(self):
        yield self
    level = iter(self if self.children else ())
    above = []
    while True:
        for child in level:
            if condition(child):
                yield child
            if child.children:
                above.append(level)
                level = iter(child)
                break
        else:
            if not above:
                return
            level = above.pop()


_original_findall = nodes.Node.findall


def _findall(
    self: Any, condition: Any = None, include_self: bool = True, descend: bool = True, siblings: bool = False, ascend: bool = False,
) -> Iterator[Any]:
    if not include_self or not descend or siblings or ascend or isinstance(condition, tuple):
        return _original_findall(self, condition, include_self, descend, siblings, ascend)
    if condition is None:
        return _find_class(self, object)
    return _find_class(self, condition) if isinstance(condition, type) else _find_matching(self, condition)


_original_walkabout = nodes.Node.walkabout


def _walkabout(self: Any, visitor: Any) -> bool:
    """Without a message for each node, which nobody has asked for."""
    if getattr(visitor.document.reporter, 'debug_flag', True):
        return _original_walkabout(self, visitor)
    stop, depart = False, True
    try:
        try:
            visitor.dispatch_visit(self)
        except nodes.SkipNode:
            return stop
        except nodes.SkipDeparture:
            depart = False
        children = self.children[:]
        try:
            for child in children:
                if child.walkabout(visitor):
                    stop = True
                    break
        except nodes.SkipSiblings:
            pass
    except nodes.SkipChildren:
        pass
    except nodes.StopTraversal:
        stop = True
    if depart:
        visitor.dispatch_departure(self)
    return stop


# -- the states of a parser: each list and each directive has a parser of its own,
#    which needs few of its states

class States(dict):
    """The states of a machine by name; one is made when it is first asked for."""

    def __init__(self, machine: Any) -> None:
        super().__init__()
        self.machine = machine
        self.waiting: dict[str, Any] = {}
        self.started = False

    def __missing__(self, name: str) -> Any:
        state = self.waiting.pop(name)(self.machine, self.machine.debug)
        self[name] = state
        if self.started:
            state.runtime_init()
        return state

    def made(self) -> list[Any]:
        """Those that are there."""
        return list(super().values())

    def _make(self) -> None:
        for name in list(self.waiting):
            self[name]

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in self.waiting

    def __len__(self) -> int:
        return super().__len__() + len(self.waiting)

    def __iter__(self) -> Iterator[str]:
        self._make()
        return super().__iter__()

    def get(self, name: Any, default: Any = None) -> Any:
        return self[name] if name in self else default

    def keys(self) -> Any:
        self._make()
        return super().keys()

    def values(self) -> Any:
        self._make()
        return super().values()

    def items(self) -> Any:
        self._make()
        return super().items()


_original_add_states = _StateMachine.add_states
_original_runtime_init = _StateMachine.runtime_init
_original_unlink = _StateMachine.unlink
_add_state = _StateMachine.add_state


def _add_states(self: Any, state_classes: Any) -> None:
    if type(self).add_state is not _add_state or self.states and type(self.states) is not States:
        _original_add_states(self, state_classes)
        return
    if type(self.states) is not States:
        self.states = States(self)
    for each in state_classes:
        if each.__name__ in self.states:
            raise statemachine.DuplicateStateError(each.__name__)
        self.states.waiting[each.__name__] = each


def _runtime_init(self: Any) -> None:
    if type(self.states) is not States:
        _original_runtime_init(self)
        return
    self.states.started = True
    for state in self.states.made():
        state.runtime_init()


def _unlink(self: Any) -> None:
    if type(self.states) is not States:
        _original_unlink(self)
        return
    for state in self.states.made():
        state.unlink()
    self.states = None


# -- highlighted code: between two saves, most blocks of a page stay what they are

class Highlighted:
    """What blocks of code were made into, for as long as nothing was said about them."""

    def __init__(self, original: Callable[..., str], room: int = ROOM) -> None:
        self.original = original
        self.room = room
        self.kept: OrderedDict[Any, str] = OrderedDict()
        self.told = 0
        logging.getLogger('sphinx.' + highlighting.__name__).addFilter(self._hear)

    def _hear(self, record: logging.LogRecord) -> bool:
        self.told += 1
        return True

    def method(self) -> Callable[..., str]:
        """A method in the place of the original."""
        def highlight_block(
            bridge: Any, source: Any, lang: str, opts: Any = None, force: bool = False, location: Any = None, **kwargs: Any,
        ) -> str:
            key = self._key(bridge, source, lang, opts, force, kwargs)
            text = self.kept.get(key) if key else None
            if text is None:
                before = self.told
                text = self.original(bridge, source, lang, opts, force, location, **kwargs)
                if key and self.told == before:
                    self._keep(key, text)
            else:
                self.kept.move_to_end(key)
            return text
        return highlight_block

    @staticmethod
    def _key(bridge: Any, source: Any, lang: str, opts: Any, force: bool, kwargs: dict[str, Any]) -> Optional[tuple[Any, ...]]:
        """All that the result depends on; None if that cannot be said."""
        try:
            lexer = highlighting.lexers.get(lang), highlighting.lexer_classes.get(lang)
            key = bridge, source, lang, lexer, _frozen(opts), force, _frozen(kwargs)
            hash(key)
            return key
        except TypeError:
            return None

    def _keep(self, key: tuple[Any, ...], text: str) -> None:
        self.kept[key] = text
        self.room -= len(key[1]) + len(text)
        while self.room < 0:
            (_, source, *_), dropped = self.kept.popitem(last=False)
            self.room += len(source) + len(dropped)


def _frozen(value: Any) -> Any:
    """Options as a key; a TypeError for what is not plain data."""
    if value is None or type(value) in (str, int, float, bool):
        return type(value), value
    if type(value) in (list, tuple):
        return tuple(map(_frozen, value))
    if type(value) is dict:
        return tuple(sorted((name, _frozen(each)) for name, each in value.items()))
    raise TypeError(type(value))
