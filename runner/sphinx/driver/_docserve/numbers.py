"""Numbers of sections and figures: when they must be assigned, and from what.

Sphinx numbers the whole site after each reading, and for figures it loads every
doctree to do so. Here the numbers stay as they are unless something that they
are made from has changed, and figures are counted in skeletons: of each doctree
its sections, its toctrees, and what can have a number.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Optional

from docutils import nodes
from sphinx import addnodes

from . import compat


class Structure(NamedTuple):
    """What the numbers of one document depend on, and the numbers that it has.

    Neither texts nor anchors count: a heading that is called otherwise keeps
    its number.
    """

    shape: str
    entries: list[Any]  # of its table of contents
    title: Any
    sections: Optional[dict[str, Any]]  # anchor → number
    figures: Optional[dict[str, Any]]


class Numbers:
    """Assigns numbers to sections and figures."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.env = app.env
        self.skeletons: dict[str, Any] = {}
        self.renumbered: set[str] = set()  # documents whose numbers have changed since it was last emptied
        self._carrying: set[str] = set()  # documents with section numbers in titles and tables of contents
        self._before: dict[str, Structure] = {}  # of documents read since numbers were last assigned
        app.connect('doctree-read', self._note, priority=999)

    def _note(self, app: Any, doctree: Any) -> None:
        if app.config.numfig:
            self.skeletons[app.env.docname] = self._skeleton(doctree)

    # -- around the reading of one document

    def before(self, doc: str) -> None:
        """Note what the numbers of a document are made from, before it is read or removed."""
        if doc not in self._before:
            self._before[doc] = self.structure(doc)

    def forget_reading(self, doc: str) -> None:
        """A document was read for nothing, and is what it was: give it its numbers back."""
        before = self._before.pop(doc, None)
        if before is not None:
            self.keep(doc, before)

    def forget(self, doc: str) -> None:
        """Drop a document that is gone."""
        self.skeletons.pop(doc, None)

    def kept(self, doc: str) -> bool:
        """Give a document that was read its numbers back, if nothing that they are made from has changed."""
        before = self._before.get(doc)
        return before is not None and self.keep(doc, before)

    def structure(self, doc: str) -> Structure:
        """What numbers are made from, with the numbers that the document has."""
        env = self.env
        toc, skeleton = env.tocs.get(doc), self.skeletons.get(doc)
        parts = [repr((doc in env.numbered_toctrees, env.toctree_includes.get(doc), doc in env.titles))]
        for root in (toc, skeleton):
            if root is not None:
                _outline(root, parts)
        return Structure(
            shape=' '.join(parts),
            entries=[] if toc is None else list(toc.findall(nodes.reference)),
            title=env.titles.get(doc),
            sections=env.toc_secnumbers.get(doc), figures=env.toc_fignumbers.get(doc),
        )

    def keep(self, doc: str, before: Structure) -> bool:
        """Give a document the numbers of before, if nothing that they are made from differs."""
        env = self.env
        if env.config.numfig and doc not in self.skeletons:
            return False
        now = self.structure(doc)
        if now.shape != before.shape or len(now.entries) != len(before.entries):
            return False
        for old, new in (*zip(before.entries, now.entries), (before.title, now.title)):
            if old is not None and 'secnumber' in old:
                new['secnumber'] = old['secnumber']
        if before.sections is not None:
            anchors = zip((each.get('anchorname') for each in before.entries), (each.get('anchorname') for each in now.entries))
            env.toc_secnumbers[doc] = {new: before.sections[old] for old, new in anchors if old in before.sections}
        if before.figures is not None:
            env.toc_fignumbers[doc] = before.figures
        return True

    # -- numbering

    def assign(self, docnames: set[str], always: bool) -> tuple[set[str], bool]:
        """Have dependents checked, and numbers assigned if they may have changed.

        Returns the documents that somebody wants written, and whether numbers
        were assigned.
        """
        env = self.env
        structures, self._before = self._before, {}
        # A list: each document must have its numbers given back.
        if not always and all([d in env.all_docs and self.keep(d, s) for d, s in structures.items()]):
            with compat.without_numbering():
                return set(env.check_dependents(self.app, docnames)), False
        before = {name: dict(getattr(env, name)) for name in ('toc_secnumbers', 'toc_fignumbers')}
        for doc, each in structures.items():
            before['toc_secnumbers'][doc], before['toc_fignumbers'][doc] = each.sections, each.figures
        self._strip()
        self._sort()
        env.get_doctree = self._doctree
        try:
            dependents = set(env.check_dependents(self.app, docnames))
        finally:
            del env.get_doctree
        self._carrying = set(env.toc_secnumbers)
        for name, values in before.items():
            now = getattr(env, name)
            self.renumbered |= {d for d in values.keys() | now.keys() if (values.get(d) or {}) != (now.get(d) or {})}
        return dependents, True

    def _sort(self) -> None:
        """Put the documents with numbered toctrees into the order that a clean build has them in.

        Of several such toctrees with the same document the first one numbers it,
        and the order of a set also depends on that in which it was filled.
        """
        self.env.numbered_toctrees = set(sorted(self.env.numbered_toctrees))

    def _doctree(self, docname: str) -> Any:
        skeleton = self.skeletons.get(docname)
        if skeleton is not None:
            return skeleton
        try:
            return type(self.env).get_doctree(self.env, docname)
        except FileNotFoundError:  # it has not been read yet, or cannot be
            return nodes.container()

    def _strip(self) -> None:
        """Remove section numbers that the last build left in titles and tables of contents.

        Sphinx overwrites them but never removes them, so that a heading that
        has lost its number would keep it.
        """
        env = self.env
        for doc in self._carrying | set(env.toc_secnumbers):
            for root in (env.tocs.get(doc), env.titles.get(doc)):
                if root is not None:
                    for node in root.findall(nodes.Element):
                        node.attributes.pop('secnumber', None)

    def _skeleton(self, doctree: Any) -> Any:
        root = nodes.container()
        self._copy_parts(doctree, root)
        return root

    def _copy_parts(self, node: Any, target: Any) -> None:
        for child in node.children:
            if not isinstance(child, nodes.Element):
                continue
            if isinstance(child, addnodes.toctree):
                target.append(_bare(child))
            elif isinstance(child, nodes.section) or self._countable(child):
                copy = _bare(child)
                if not isinstance(child, nodes.section):  # only what has a caption gets a number
                    copy += [type(each)('', each.astext()) for each in child.children if isinstance(each, (nodes.caption, nodes.title))]
                target.append(copy)
                self._copy_parts(child, copy)
            else:
                self._copy_parts(child, target)

    def _countable(self, node: Any) -> bool:
        return any(domain.get_enumerable_node_type(node) for domain in self.env.domains.values())

    # -- persistence

    def dump(self) -> dict[str, Any]:
        """What a later session needs."""
        return self.skeletons

    def adopt(self, skeletons: Optional[dict[str, Any]]) -> None:
        """Take over what dump has returned."""
        self.skeletons = skeletons or {}
        self._carrying = set(self.env.toc_secnumbers)


def _outline(node: Any, parts: list[str]) -> None:
    """Add the shape of a table of contents or a skeleton to a text."""
    for child in node.children:
        if not isinstance(child, nodes.Element):
            continue
        parts.append(type(child).__name__)
        if isinstance(child, addnodes.toctree):
            parts.append(repr((child.get('entries'), child.get('numbered'))))
        elif not isinstance(child, (nodes.section, nodes.reference, nodes.bullet_list, nodes.list_item)):
            parts.append(repr((child.get('ids'), child.get('expr'), 'skip_section_number' in child)))
        if not isinstance(child, (nodes.reference, nodes.caption, nodes.title)):
            parts.append('(')
            _outline(child, parts)
            parts.append(')')


def _bare(node: Any) -> Any:
    """A copy without children, and without the way to the rest of the doctree."""
    copy = type(node)('', **node.attributes)
    copy.source, copy.line = node.source, node.line
    return copy
