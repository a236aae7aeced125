"""Compares the replacements of module quick with what they replace."""

import contextlib
import itertools
import os
import random
import sys
import tempfile

sys.path.insert(0, sys.argv[1])

from docutils import nodes, statemachine, utils  # noqa: E402
from docutils.readers import standalone  # noqa: E402
from docutils.writers.html4css1 import Writer  # noqa: E402
from myst_parser.parsers.sphinx_ import MystParser  # noqa: E402
from sphinx import highlighting  # noqa: E402
from sphinx.parsers import RSTParser  # noqa: E402
from sphinx.util import docutils as sphinx_docutils, logging  # noqa: E402

from _docserve import quick  # noqa: E402

KINDS = [nodes.section, nodes.paragraph, nodes.emphasis, nodes.title, nodes.Text]


def tree(dice, depth):
    kind = dice.choice(KINDS)
    if kind is nodes.Text or depth == 0:
        return nodes.Text(str(dice.random()))
    node = kind('')
    for _ in range(dice.randrange(4)):
        node += tree(dice, depth - 1)
    return node


def search(find, seed):
    """What a search finds that changes the tree while it goes on, as transforms do."""
    dice = random.Random(seed)
    root = nodes.document(None, None)
    for _ in range(4):
        root += tree(dice, 5)
    found = []
    with contextlib.suppress(ValueError):  # a search among siblings, when the node has gone
        for node in find(root, dice.choice(KINDS)):
            found.append(node.pformat())
            change = dice.randrange(8)
            if change == 0 and node.parent is not None:
                node.parent.remove(node)
            elif change == 1 and node.parent is not None:
                node.parent.insert(node.parent.index(node), nodes.paragraph('', 'new'))
            elif change == 2 and isinstance(node, nodes.Element):
                node += tree(dice, 2)
            elif change == 3 and isinstance(node, nodes.Element):
                node.children = [nodes.emphasis('', 'else')]
            elif change == 4 and node.parent is not None:
                node.parent.replace(node, [nodes.Text('a'), tree(dice, 1)])
    return found, root.pformat()


def check_search(original):
    ways = [
        lambda find: lambda root, kind: find(root, kind), lambda find: lambda root, kind: find(root),
        lambda find: lambda root, kind: find(root, lambda node: isinstance(node, kind)),
        lambda find: lambda root, kind: find(root, kind, include_self=False),
        lambda find: lambda root, kind: find(root.children[0], kind, siblings=True),
        lambda find: lambda root, kind: find(root.children[0], condition=kind, descend=False, ascend=True),
    ]
    for way in ways:
        lengths = set()
        for seed in range(300):
            with originals(original):
                expected = search(way(nodes.Node.findall), seed)
            got = search(way(nodes.Node.findall), seed)
            assert expected == got, (seed, expected, got)
            lengths.add(len(got[0]))
        assert len(lengths) > 3, lengths


class Walker(nodes.GenericNodeVisitor):
    """Goes through a tree, and does not go everywhere."""

    def __init__(self, document, seed, path):
        super().__init__(document)
        self.dice, self.path = random.Random(seed), path

    def default_visit(self, node):
        self.path.append('visit ' + type(node).__name__)
        way = self.dice.randrange(30)
        if way < 5:
            raise [nodes.SkipNode, nodes.SkipDeparture, nodes.SkipChildren, nodes.SkipSiblings, nodes.StopTraversal][way]
        if way == 5 and node.parent is not None:
            node.parent.insert(0, nodes.Text('new'))

    def default_departure(self, node):
        self.path.append('depart ' + type(node).__name__)


def walk(seed):
    dice, path = random.Random(seed), []
    root = utils.new_document('check')
    for _ in range(4):
        root += tree(dice, 5)
    try:
        path.append(root.walkabout(Walker(root, seed, path)))
    except nodes.TreePruningException as exc:  # above the outermost node there is nobody to hear of it
        path.append(type(exc).__name__)
    return path


def check_walk(original):
    for seed in range(400):
        with originals(original):
            expected = walk(seed)
        assert expected == walk(seed), seed


@contextlib.contextmanager
def originals(original):
    now = {name: getattr(nodes.Node, name) for name in original}
    for name, function in original.items():
        setattr(nodes.Node, name, function)
    yield
    for name, function in now.items():
        setattr(nodes.Node, name, function)


class One(statemachine.State):
    patterns = {'word': r'\w+'}
    initial_transitions = [('word', 'Two')]
    begun = 0

    def runtime_init(self):
        self.begun += 1

    def word(self, match, context, next_state):
        return context, next_state, [type(self).__name__ + ' ' + match.group()]


class Two(One):
    initial_transitions = [('word', 'One')]


class Three(One):
    initial_transitions = ['word']


def check_states():
    machine = statemachine.StateMachine([One, Two, Three], 'One')
    assert not machine.states.made()
    for _ in range(2):  # docutils keeps machines and runs them again
        assert machine.run(['a', 'b', 'c']) == ['One a', 'Two b', 'One c']
    assert [type(state) for state in machine.states.made()] == [One, Two]
    assert machine.states['One'].begun == 2
    assert machine.states['Three'].begun == 1, 'made after the machine was started'
    assert list(machine.states) == ['One', 'Two', 'Three'] and len(machine.states) == 3
    for wrong, error in (([One, One], statemachine.DuplicateStateError), ([One], statemachine.UnknownStateError)):
        try:
            statemachine.StateMachine(wrong, 'Two').run(['a'])
        except error:
            continue
        raise AssertionError(error)
    machine.unlink()
    assert machine.states is None
    late = statemachine.StateMachine([One], 'One')
    late.add_state(Two)
    assert late.run(['a', 'b']) == ['One a', 'Two b']


def check_code(original):
    heard = []
    listener = logging.logging.Handler()
    listener.emit = lambda record: heard.append(record.getMessage())
    logging.logging.getLogger('sphinx').addHandler(listener)
    bridge = highlighting.PygmentsBridge('html', 'sphinx')
    calls = [
        ('x = 1', 'python', {}), ('x = 1', 'default', {}), ('x = 1', 'none', {}), ('x = 1', 'nothing-like-it', {}), ('x = $$', 'python', {}),
        ('x = 1\ny = 2', 'python', {'linenos': 'inline'}), ('x = 1\ny = 2', 'python', {'hl_lines': [2]}),
        ('x = 1\ny = 2', 'python', {'hl_lines': [1]}), ('x = 1\ny = 2', 'python', {'linenostart': True}), ('x = 1\ny = 2', 'python', {'linenostart': 1}),
        ('<?php x', 'php', {'opts': {'startinline': True}}), ('<?php x', 'php', {'opts': {}}),
    ] * 2
    for source, lang, more in calls:
        del heard[:]
        expected = original(bridge, source, lang, **more)
        said = list(heard)
        del heard[:]
        assert bridge.highlight_block(source, lang, **more) == expected, (source, lang, more)
        assert heard == said, (source, lang, said, heard)
    dark = highlighting.PygmentsBridge('html', 'monokai')
    assert dark.get_style is not None and dark.highlight_block('x = 1', 'python') == original(dark, 'x = 1', 'python')
    small = quick.Highlighted(original, room=1000)
    method = small.method()
    for n in range(50):
        method(bridge, 'x = %d' % n, 'python')
    assert 0 < len(small.kept) < 20 and 0 <= small.room <= 1000, (len(small.kept), small.room)
    kept = len(small.kept)
    method(bridge, 'x = 49', 'python')
    assert len(small.kept) == kept


def plain(values):
    """Settings as data; what is made for each of them anew is its kind."""
    found = dict(vars(values))
    found['record_dependencies'] = type(found['record_dependencies']), found['record_dependencies'].list
    return found


def check_settings(original):
    now = sphinx_docutils._get_settings
    reader = standalone.Reader
    groups = [(), (reader,), (reader, RSTParser()), (reader, RSTParser()), (reader, MystParser()), (None, reader, Writer())]
    defaults = [{}, {'traceback': True, 'tab_width': 3, 'env': object()}, {'_disable_config': True}]
    recorded = utils.DependencyList()
    recorded.add('a')
    defaults.append({'record_dependencies': recorded})
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        for text in (None, '[general]\ntab_width: 5\nstrip_classes: a\n', None):
            if text:
                with open('docutils.conf', 'w') as file:
                    file.write(text)
            elif os.path.exists('docutils.conf'):
                os.remove('docutils.conf')
            for group, each, read in itertools.product(groups, defaults, (False, True)):
                expected, got = (f(*group, defaults=each, read_config_files=read) for f in (original, now))
                assert plain(expected) == plain(got), (text, group, each, read)
                assert type(expected) is type(got)
                assert (expected.record_dependencies is got.record_dependencies) == (expected.record_dependencies is recorded)
                assert list(vars(expected)) == list(vars(got))
                got.tab_width = 99
                got.of_one_document_only = True
        os.chdir('/')
    before = RSTParser.settings_default_overrides
    for overrides in ({'tab_width': 7}, {'tab_width': 9}, before):  # an extension may say more of a parser later
        RSTParser.settings_default_overrides = overrides
        expected, got = (f(reader, RSTParser(), defaults={}) for f in (original, now))
        assert plain(expected) == plain(got), overrides


original_nodes = {name: getattr(nodes.Node, name) for name in ('_fast_findall', '_superfast_findall', 'findall', 'walkabout')}
original_code = highlighting.PygmentsBridge.highlight_block
original_settings = getattr(sphinx_docutils, '_get_settings', None)
unknown = quick.install()
assert not unknown, f'not what the replacements were written for: {unknown}'
assert quick.install(), 'a replaced function is taken for the original'
check_search(original_nodes)
check_walk(original_nodes)
check_states()
check_code(original_code)
if original_settings is not None:
    check_settings(original_settings)
