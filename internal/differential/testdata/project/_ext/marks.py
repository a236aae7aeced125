"""An extension of the project's own, with the habits that such extensions have.

``mark`` collects notes in the environment, ``marklist`` shows those of all
documents when pages are resolved, ``guard`` raises on a certain word, and
``emit`` writes a file into the source directory while documents are read.
"""

import os

from docutils import nodes
from sphinx.util.docutils import SphinxDirective


class MarkList(nodes.General, nodes.Element):
    """Stands where the marks of all documents are to be listed."""


class Mark(SphinxDirective):
    required_arguments = 1
    final_argument_whitespace = True

    def run(self):
        env = self.env
        if not hasattr(env, 'all_marks'):
            env.all_marks = {}
        here = env.all_marks.setdefault(env.docname, [])
        target = nodes.target('', '', ids=['mark-%d' % len(here)])
        here.append((self.arguments[0], target['ids'][0]))
        return [target, nodes.paragraph('', 'Mark: ' + self.arguments[0])]


class ListMarks(SphinxDirective):
    def run(self):
        return [MarkList('')]


class Guard(SphinxDirective):
    required_arguments = 1

    def run(self):
        if self.arguments[0] == 'boom':
            raise RuntimeError('the guard was told to raise')
        return [nodes.paragraph('', 'Guarded: ' + self.arguments[0])]


class Emit(SphinxDirective):
    """Write the argument into a file beside the sources, if it is not there already."""

    required_arguments = 1

    def run(self):
        path = os.path.join(self.env.srcdir, 'inc', 'emitted.txt')
        text = 'Emitted by %s: %s.\n' % (self.env.docname, self.arguments[0])
        try:
            with open(path, encoding='utf-8') as file:
                same = file.read() == text
        except OSError:
            same = False
        if not same:
            with open(path, 'w', encoding='utf-8') as file:
                file.write(text)
        return [nodes.paragraph('', 'Emitted ' + self.arguments[0])]


def purge(app, env, docname):
    getattr(env, 'all_marks', {}).pop(docname, None)


def merge(app, env, docnames, other):
    marks = getattr(other, 'all_marks', {})
    if not hasattr(env, 'all_marks'):
        env.all_marks = {}
    env.all_marks.update({d: marks[d] for d in docnames if d in marks})


def resolve(app, doctree, docname):
    marks = getattr(app.builder.env, 'all_marks', {})
    for node in list(doctree.findall(MarkList)):
        bullets = nodes.bullet_list()
        for document in sorted(marks):
            for text, anchor in marks[document]:
                uri = app.builder.get_relative_uri(docname, document) + '#' + anchor
                reference = nodes.reference('', text, internal=True, refuri=uri)
                bullets += nodes.list_item('', nodes.paragraph('', '', reference))
        node.replace_self(bullets if len(bullets) else nodes.paragraph('', 'No marks.'))


def setup(app):
    app.add_node(MarkList)
    app.add_directive('mark', Mark)
    app.add_directive('marklist', ListMarks)
    app.add_directive('guard', Guard)
    app.add_directive('emit', Emit)
    app.connect('env-purge-doc', purge)
    app.connect('env-merge-info', merge)
    app.connect('doctree-resolved', resolve)
    return {'version': '1', 'parallel_read_safe': True, 'parallel_write_safe': True}
