"""Say which extensions and themes a conf.py names that are not installed.

conf.py is parsed and not run: it may be the very thing that fails. So only what
it names literally is seen, and what is a file of the project is left out. Used
with Python 3.9 and later, whichever Sphinx there is.
"""
import sys

if sys.path and sys.path[0] == '':
    del sys.path[0]

import ast
import json
import os
from importlib.metadata import entry_points
from importlib.util import find_spec


def strings(node):
    """The string literals in a list, tuple or set, or the one that node is."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return [name for item in node.elts for name in strings(item)]
    if isinstance(node, ast.BinOp):
        return strings(node.left) + strings(node.right)
    return []


def names_in(tree):
    """The extensions, and the themes, that a syntax tree names."""
    extensions, themes = [], []
    for node in ast.walk(tree):
        if isinstance(node, (ast.Assign, ast.AugAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name) and target.id == 'extensions':
                    extensions += strings(node.value)
                elif isinstance(target, ast.Name) and target.id == 'html_theme':
                    themes += strings(node.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            on = node.func.value
            adds = node.func.attr in ('append', 'extend')
            if adds and isinstance(on, ast.Name) and on.id == 'extensions' and node.args:
                extensions += strings(node.args[0])
    return extensions, themes


def importable(name):
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def local(name, conf_dir):
    """Whether the project has a file or directory of the module's name."""
    top = name.split('.')[0]
    for above in (conf_dir, os.path.dirname(conf_dir)):
        places = [above] + [entry.path for entry in os.scandir(above) if entry.is_dir()]
        for place in places:
            path = os.path.join(place, top)
            if os.path.isfile(path + '.py') or os.path.isdir(path):
                return True
    return False


def known_themes():
    everything = entry_points()
    if hasattr(everything, 'select'):
        points = everything.select(group='sphinx.html_themes')
    else:  # Python 3.9
        points = everything.get('sphinx.html_themes', ())
    names = {point.name for point in points}
    sphinx = find_spec('sphinx')
    for place in (sphinx.submodule_search_locations or []) if sphinx else []:
        themes = os.path.join(place, 'themes')
        if os.path.isdir(themes):
            names.update(os.listdir(themes))
    return names


def main(conf_dir):
    with open(os.path.join(conf_dir, 'conf.py'), 'rb') as file:
        extensions, themes = names_in(ast.parse(file.read()))
    known = known_themes() if themes else set()
    missing = [name for name in extensions if not importable(name)]
    missing += [name for name in themes if name not in known and not importable(name)]
    missing = [name for name in missing if not local(name, conf_dir)]
    print('\ndocserve-named ' + json.dumps(sorted(set(missing))))


main(sys.argv[1])
