"""Which lines of a list that is longer than the terminal has somebody seen? Nothing of it is taken before all were.

A line below the list says how many are taken and which are shown; Enter shows the next ones until the last was shown.
prompt_toolkit is imported on first use.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from prompt_toolkit.application import Application
    from prompt_toolkit.layout import Window


class Listed(Protocol):
    """The control of a list, of which what is drawn is somebody else's business."""

    pointed_at: int
    selected_options: list[Any]


class ShownPaths:
    """A list of several lines in a terminal that may be too low for it."""

    def __init__(self, application: Application[Any], listed: Listed, titles: Sequence[str], above: int) -> None:
        """`titles`: each of the list, as it is drawn; `above`: how many lines stand above the list."""
        self._application, self._listed = application, listed
        self._heights = [title.count("\n") + 1 for title in titles]
        self._begins = [0, *accumulate(self._heights)]  # the line at which each begins, and the end
        self._seen: set[int] = set()
        self._shown = (0, 0)  # the first one and the last one that are shown, from 0
        rows = application.output.get_size().rows
        self.fits = self._begins[-1] + above <= rows
        if self.fits:
            self._seen.update(range(len(titles)))
        else:
            self._window = self._with_a_line_below()
            application.after_render += self._look

    def shows_next(self) -> bool:
        """Show the next ones that nobody has seen; False where there are none."""
        unseen = next((each for each in range(len(self._heights)) if each not in self._seen), None)
        if unseen is None:
            return False
        height = self._window.render_info.window_height if self._window.render_info else 1
        last = bisect_right(self._begins, self._begins[unseen] + height - 1) - 1
        if self._begins[min(last + 1, len(self._heights))] > self._begins[unseen] + height:  # not whole
            last -= 1
        self._listed.pointed_at = max(unseen, min(last, len(self._heights) - 1))
        return True

    def _with_a_line_below(self) -> Window:
        """The list's window, which shows whole what the cursor is at, above a line that says what is shown."""
        from prompt_toolkit.filters import is_done
        from prompt_toolkit.layout import (
            ConditionalContainer,
            FormattedTextControl,
            HSplit,
            ScrollOffsets,
            Window,
            walk,
        )

        container = self._application.layout.container
        assert isinstance(container, HSplit)
        below = Window(FormattedTextControl(self._told), height=1, wrap_lines=False)
        container.children.append(ConditionalContainer(below, filter=~is_done))
        windows = [each for each in walk(container) if isinstance(each, Window)]
        control: object = self._listed
        window = next(each for each in windows if each.content is control)
        window.scroll_offsets = ScrollOffsets(bottom=max(self._heights) - 1)
        return window

    def _look(self, _application: Application[Any]) -> None:
        """Take note of what is drawn now."""
        if self._window.render_info is None:
            return
        lines = set(self._window.render_info.displayed_lines)
        height = self._window.render_info.window_height
        whole = [
            each
            for each, begin in enumerate(self._begins[:-1])
            if lines.issuperset(range(begin, begin + (self._heights[each] if self._heights[each] <= height else 1)))
        ]
        before = (self._shown, len(self._seen))
        if whole:
            self._seen.update(whole)
            self._shown = whole[0], whole[-1]
        if before != (self._shown, len(self._seen)):
            self._application.invalidate()  # the line below says so

    def _told(self) -> str:
        first, last = self._shown
        of = len(self._heights)
        more = "" if len(self._seen) == of else "; Enter shows more"
        return f"   {len(self._listed.selected_options)} of {of} taken; {first + 1} to {last + 1} shown{more}"
