"""The naive floor of one page: what a plain warm Sphinx spends on reading,
resolving and writing it, and on nothing else.

floor.py SOURCEDIR OUTDIR DOCNAME, after a full build into OUTDIR. Each line on
standard input makes it work on the document once and answer with a line of
JSON, in seconds. Python's collector is on and the search index is fed, as in
any build. Written for Sphinx 7.4 to 9.0.
"""

import gc
import io
import json
import os
import sys
import time

# What conf.py and extensions print goes to standard error, not into answers.
answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)

from sphinx.application import Sphinx  # noqa: E402
from sphinx.util.docutils import docutils_namespace, patch_docutils  # noqa: E402


def work(app, docname):
    env, builder = app.env, app.builder
    start = time.perf_counter()
    env.events.emit("env-purge-doc", env, docname)
    env.clear_doc(docname)
    builder.read_doc(docname)
    read = time.perf_counter()
    doctree = env.get_and_resolve_doctree(docname, builder)
    resolved = time.perf_counter()
    builder.write_doc_serialized(docname, doctree)
    builder.write_doc(docname, doctree)
    written = time.perf_counter()
    return {"read": read - start, "resolve": resolved - read, "write": written - resolved}


def main(source, out, docname):
    with patch_docutils(source), docutils_namespace():
        app = Sphinx(
            source,
            source,
            out,
            os.path.join(out, ".doctrees"),
            "html",
            status=io.StringIO(),
            warning=io.StringIO(),
        )
        app.env.find_files(app.config, app.builder)
        app.builder.prepare_writing({docname})
        gc.collect()
        gc.freeze()
        print(json.dumps({"ready": True}), file=answers)
        for _ in sys.stdin:
            print(json.dumps(work(app, docname)), file=answers)


main(*sys.argv[1:])
