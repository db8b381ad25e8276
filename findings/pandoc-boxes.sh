#!/bin/sh
# pandoc, from GitHub's Markdown to GitHub's Markdown: which boxes of a runbook are boxes afterwards?
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pypandoc_binary==1.17
"$work/venv/bin/python" - <<'END'
import pypandoc

# GitHub Flavored Markdown, "Task list items": bullets and numbers may both begin one.
expected = {  # as gfm, as pandoc's own markdown
    "- [ ] Freeze\n": ("- [ ] Freeze\n", "- [ ] Freeze\n"),
    "3. [ ] Count\n": ("3.  \\[ \\] Count\n", "3.  [ ] Count\n"),
    "- [ ] 1. Freeze\n": ("- ☐\n  1.  Freeze\n", "- [ ] 1. Freeze\n"),
    "- [x] ## Ship\n": ("- ☒\n  ## Ship\n", "- [x] \\## Ship\n"),
    "- [-] dropped\n": ("- \\[-\\] dropped\n", "- \\[-\\] dropped\n"),
}
print("pandoc", pypandoc.get_pandoc_version())
for text, after in expected.items():
    seen = tuple(pypandoc.convert_text(text, form, format=form, extra_args=["--wrap=none"]) for form in ("gfm", "markdown"))
    print(f"{text!r}: gfm {seen[0]!r}, markdown {seen[1]!r}")
    assert seen == after, (text, seen)
END
