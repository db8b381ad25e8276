#!/bin/sh
# Where is a task a task? GitHub's own parser leaves out those in a quote; another takes those in a code block.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pycmarkgfm==1.2.1 markdown-it-py==4.3.0 mdit-py-plugins==0.7.0 mistune==3.4.0 Markdown==3.11.3 pymdown-extensions==13.1.2
"$work/venv/bin/python" - <<'END'
import re

import markdown, mistune, pycmarkgfm
from markdown_it import MarkdownIt
from mdit_py_plugins.tasklists import tasklists_plugin

read = {
    "cmark-gfm": pycmarkgfm.gfm_to_html,
    "markdown-it": MarkdownIt("commonmark").use(tasklists_plugin).render,
    "mistune": mistune.create_markdown(plugins=["task_lists"]),
    "pymdownx": lambda text: markdown.markdown(text, extensions=["pymdownx.tasklist"]),
}
everybody = set(read)
expected = {
    "- [x] done\n": everybody,
    "> - [x] done\n": everybody - {"cmark-gfm"},
    "- - [x] done\n": everybody - {"cmark-gfm"},
    "-     [x] done\n": {"pymdownx"},
    "1) [x] done\n": everybody - {"pymdownx"},
    "Before the release:\n- [x] done\n": everybody - {"pymdownx"},
    "- [x]\tdone\n": everybody - {"markdown-it"},
    "- [\t] open\n": {"pymdownx"},
    "- [ ]\n": {"mistune"},
}
for text, takers in expected.items():
    found = {name for name, html in read.items() if re.search(r'type="checkbox"', html(text))}
    print(f"{text!r}: a task for {sorted(found)}")
    assert found == takers, (text, found)
END
