"""The directive ``markdown-table``: the report that the benchmark prints, as a table.

The benchmark prints Markdown, which is what a README needs. Here the same file is
read as it is, so that both always show the figures of one run. Of Markdown only
what the benchmark uses is understood: paragraphs, code spans, strong text, and
tables with a header.
"""

import re

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

_CODE = re.compile(r'`([^`]+)`')


class MarkdownTable(SphinxDirective):
    """Show the file given as argument."""

    required_arguments = 1

    def run(self):
        relative, path = self.env.relfn2path(self.arguments[0])
        self.env.note_dependency(relative)
        try:
            with open(path, encoding='utf-8') as file:
                text = file.read()
        except OSError as error:
            raise self.error(f'cannot read {relative}: {error.strerror}') from error
        lines = StringList(list(restructured(text)), source=path)
        node = nodes.container()
        self.state.nested_parse(lines, 0, node)
        return node.children


def restructured(text):
    """Turn Markdown into the lines of reStructuredText."""
    rows = []
    for line in [*text.splitlines(), '']:
        if line.startswith('|'):
            rows.append(cells(line))
            continue
        yield from list_table(rows)
        rows = []
        yield _CODE.sub(r'``\1``', line)


def cells(line):
    """The cells of a line of a table."""
    return [_CODE.sub(r'``\1``', cell.strip()) for cell in line.strip().strip('|').split('|')]


def list_table(rows):
    """Lines of a list-table; the second row only separates the header."""
    if not rows:
        return
    yield from ('', '.. list-table::', '   :header-rows: 1', '   :class: figures', '')
    for row in rows[:1] + rows[2:]:
        for index, cell in enumerate(row):
            yield ('   * - ' if index == 0 else '     - ') + cell
    yield ''


def setup(app):
    app.add_directive('markdown-table', MarkdownTable)
    return {'parallel_read_safe': True, 'parallel_write_safe': True}
