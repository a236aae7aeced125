extension: myst_parser
use: documents in Markdown

-- docs/conf.py --
project = 'kettle'
extensions = ['myst_parser']
myst_enable_extensions = ['colon_fence', 'deflist', 'substitution', 'attrs_block']
myst_heading_anchors = 3
myst_substitutions = {'brand': 'Kettle & Co'}
-- docs/index.md --
# Kettle

{{ brand }} makes [others](other.md#second-part), see {ref}`target`.

```{toctree}
other
```
-- docs/other.md --
# Other

(target)=
## Second part

:::{note}
Text of a note.
:::

```{include} ../part.md
```
-- part.md --
Included *text*.
-- edit: text --
-- replace docs/other.md --
Text of a note.
=>
Other text of a note, with a [link](index.md).
-- edit: a heading, with its anchor --
-- replace docs/other.md --
## Second part
=>
## Another part
-- edit: an included file --
-- part.md --
Included **text** and a [link that leads nowhere](nowhere.md).
-- edit: a substitution in conf.py --
-- replace docs/conf.py --
Kettle & Co
=>
Kettles
-- edit: a new document --
-- docs/third.md --
---
orphan: true
---
# Third

[Other](other.md)
