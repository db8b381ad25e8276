"""A cut-over checklist in a real terminal: one key a box, a pause, a changed mind, a section that is not the case."""

from __future__ import annotations

from pathlib import Path

import pexpect
import pytest

from tests.worlds.forked_shell import forked as phasegate
from tests.worlds.repositories import first_commit
from tests.worlds.typed_commands import CTRL_C, DOWN, ENTER, ask, ended, typed, until
from tests.worlds.workspaces import git

pytestmark = pytest.mark.slow

CUT = """# Cut over to the new shop

## T-24h
- [ ] Freeze announced
- [ ] All unit tests passing (`test -e green`)
- [ ] Mail drafted

## T-0
- [ ] DNS switched
- [ ] Old shop read-only

## Roll back (only if no-go)
- [ ] DNS switched back
- [ ] Everybody told
"""


def hand_in(child: pexpect.spawn[str]) -> None:
    """Say that the work of the task is done; returns when that was taken."""
    until(child, r"Is [^\n]* done\?[^\n]*a key, or")
    child.expect("pause: go on later")
    child.send("d")


def box(child: pexpect.spawn[str], number: int, key: str) -> str:
    """Answer a box by one key once it is asked about; returns what was shown before."""
    shown = until(child, rf"box {number} of \d+: ")
    child.expect(r"p\) pause")
    child.send(key)
    return shown


def approve(child: pexpect.spawn[str]) -> None:
    child.send("a" + ENTER)


def test_a_cut_over(tmp_path: Path) -> None:
    (tmp_path / "cut.md").write_text(CUT)
    (tmp_path / "green").touch()
    first_commit(tmp_path)
    child = typed(tmp_path, "run", "cut.md")
    hand_in(child)
    box(child, 1, "yyyyy\r\r")  # a held key: one box is answered, the rest is thrown away
    until(child, "Run `test -e green`")
    child.expect("skip")
    child.send(ENTER)  # it only reads: run stands under the cursor
    until(child, "box 3 of 3")
    child.expect(r"p\) pause")
    child.send(CTRL_C)
    assert ended(child) == 130

    child = typed(tmp_path, "resume")
    box(child, 3, "b")  # what was answered before is still there, and can be changed
    box(child, 1, "x")
    until(child, r"Why\?")
    child.send("frozen since May" + ENTER)
    box(child, 3, "y")
    page = ask(child)
    assert "box 1: Freeze announced: not applicable, says Ada <ada@example.com> (prompt): frozen since May" in page
    assert "box 3: Mail drafted: yes, says Ada <ada@example.com> (prompt)" in page
    child.send("b")  # change a box
    until(child, "Which box")
    child.expect(r"b\) back")
    child.send("1")
    until(child, r"w\) waive it")
    child.send("y")
    page = ask(child)
    assert "box 1: Freeze announced: yes, says Ada <ada@example.com> (prompt)" in page
    approve(child)
    until(child, "T-24h committed as")

    hand_in(child)
    box(child, 1, "*")  # nothing is looked at here: one key for both
    page = ask(child)
    assert page.count("one word for all boxes that were left") == 2
    approve(child)
    until(child, "T-0 committed as")

    until(child, "Is this the case: no-go")
    child.expect("no\r?\n|no\x1b")
    child.send(DOWN * 2 + ENTER)
    page = ask(child)
    assert "not applicable, since this is not the case: no-go" in page
    approve(child)
    assert ended(child) == 0

    ticked = CUT.replace("[ ]", "[x]", 5)
    assert (tmp_path / "cut.md").read_text() == ticked
    log = (tmp_path / "artifacts/cut/working_log.md").read_text()
    assert "one word for all boxes that were left" in log
    assert git(tmp_path, "status", "--porcelain") == ""
    audit = phasegate(tmp_path, "audit")
    assert audit.returncode == 0, audit.stdout


def test_a_no_in_the_terminal_is_asked_about_and_nothing_is_ticked_while_it_pauses(tmp_path: Path) -> None:
    (tmp_path / "cut.md").write_text(CUT)
    first_commit(tmp_path)
    child = typed(tmp_path, "run", "cut.md")
    hand_in(child)
    box(child, 1, "n")
    until(child, "Run `test -e green`")
    child.expect("skip")
    child.send(DOWN + ENTER)
    box(child, 2, "a")  # its command was not run: it is left to whoever approves
    box(child, 3, "y")
    until(child, "Go on, or take one of these back")
    child.expect("ask again")
    child.send(ENTER)
    until(child, r"no to box 1 \(Freeze announced\)")
    child.expect("pause")
    child.send(DOWN * 5 + ENTER)
    until(child, "paused: ")
    assert ended(child) == 3
    assert (tmp_path / "cut.md").read_text() == CUT


def test_after_going_back_to_work_enter_says_again_what_was_said(tmp_path: Path) -> None:
    (tmp_path / "cut.md").write_text(
        "# Cut\n\n## T-0\n- [ ] DNS switched\n- [ ] Old shop read-only\n\n## End\n- [ ] Told\n"
    )
    first_commit(tmp_path)
    child = typed(tmp_path, "run", "cut.md")
    hand_in(child)
    box(child, 1, "y")
    box(child, 2, "x")
    until(child, r"Why\?")
    child.send("it stays" + ENTER)
    ask(child)
    child.send("r" + ENTER)
    until(child, "[Ww]hy")
    child.send("look again" + ENTER)
    hand_in(child)
    shown = box(child, 1, ENTER)
    assert "DNS switched" in shown + until(child, r"before: yes, Enter says it again|box 2 of 2")
    box(child, 2, ENTER)
    until(child, r"Why\?")
    child.send(ENTER)  # the reason of before stands there
    page = ask(child)
    assert "box 1: DNS switched: yes, says Ada <ada@example.com> (prompt)" in page
    assert "not applicable, says Ada <ada@example.com> (prompt): it stays" in page
    approve(child)
    until(child, "T-0 committed as")
    child.close(force=True)
