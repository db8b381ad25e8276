#!/bin/sh
# pyte, a terminal in memory, has one screen, prints colours with colons and the payload of a DCS as text.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pyte==0.8.2
"$work/venv/bin/python" - <<'END'
import pyte


def shown(text):
    screen = pyte.Screen(24, 2)
    pyte.Stream(screen).feed(text)
    return [line.rstrip() for line in screen.display]


# What xterm and VTE show for the same bytes: control sequences of ECMA-48 and of xterm's ctlseqs document.
for what, text, theirs, real in (
    ("the second screen (?1049), left again", "page\r\n\x1b[?1049hpager\x1b[?1049l", ["page", "pager"], ["page", ""]),
    ("a colour written with colons", "\x1b[38:2::200:0:0mred", ["2::200:0:0mred", ""], ["red", ""]),
    ("a DCS request", "\x1bP+q544e\x1b\\go", ["+q544ego", ""], ["go", ""]),
    ("repeat the last character (REP)", "ab\x1b[2bc", ["abc", ""], ["abbbc", ""]),
    ("a link (OSC 8)", "\x1b]8;;http://localhost\x07on\x1b]8;;\x07", ["on", ""], ["on", ""]),
):
    print(f"pyte 0.8.2: {what}: {shown(text)}; a terminal shows {real}")
    assert shown(text) == theirs
END
