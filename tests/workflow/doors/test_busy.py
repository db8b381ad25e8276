"""What does the moving line say?"""

from __future__ import annotations

import signal
from types import SimpleNamespace

import pytest

from phases.step import Share
from workflow.doors import busy
from workflow.doors.busy import Busy, told
from workflow.starting import clock


@pytest.mark.parametrize(
    ("text", "seconds", "share", "expected"),
    [
        ("", 0.4, None, "0:00  working"),
        ("executing", 41.9, None, "0:41  executing"),
        ("creating", 41, Share(2, 8), "0:41  [#####---------------] 2 of 8  creating"),
        ("creating", 41, Share(8, 8, 120), "0:41 of about 2:00  [####################] 8 of 8  creating"),
        ("deleting", 1, Share(9, 8), "0:01  [####################] 9 of 8  deleting"),
        ("indexing", 700, Share(0, 0, 600), "11:40 of about 10:00  indexing"),
    ],
)
def test_time_comes_first_and_text_last(text: str, seconds: float, share: Share | None, expected: str) -> None:
    assert told(text, seconds, share) == expected


def test_hours() -> None:
    assert [clock(each) for each in (7, 3599, 3723)] == ["0:07", "59:59", "1:02:03"]


class NothingDrawn:
    def start(self) -> None: ...

    def stop(self) -> None: ...


def test_the_time_begins_with_the_work_also_before_it_says_what_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be the time since the machine was started."""
    seconds = iter((40_000.0, 40_003.0, 40_004.0, 40_005.0, 40_007.0))  # since the machine was started
    monkeypatch.setattr(busy, "_live", lambda _shown: NothingDrawn())
    monkeypatch.setattr(busy, "time", SimpleNamespace(monotonic=lambda: next(seconds)))
    line = Busy()
    line.begin()
    assert str(line.__rich__())[2:] == "0:03  working"
    line.begin("executing")
    line.forget()
    line.begin()
    assert str(line.__rich__())[2:] == "0:02  working"


@pytest.mark.parametrize("moment", ["set_live", "show_cursor", "push_render_hook", "clear_live", "pop_render_hook"])
def test_ctrl_c_while_the_line_comes_or_goes_leaves_nothing_of_it(moment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from rich.console import Console

    acts = getattr(Console, moment)

    def interrupted(console: Console, *given: object) -> object:
        monkeypatch.setattr(Console, moment, acts)
        signal.raise_signal(signal.SIGINT)
        return acts(console, *given)

    line = Busy()
    monkeypatch.setattr(Console, moment, interrupted)
    with pytest.raises(KeyboardInterrupt):
        line.begin("working")
        line.end()
    line.end()
    line.begin("again")
    line.end()
