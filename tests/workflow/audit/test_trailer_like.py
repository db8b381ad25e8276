"""What git or a reader takes for trailers of ours is found in each of its forms, and prose and quotations are not."""

from __future__ import annotations

import itertools

import pytest

from workflow.audit.trailer_like import lines_like_trailers
from workflow.engine.message_check import judge_message
from workflow.trailers import APPROVAL, APPROVER, END, RUN, TASK

NAMES = (RUN, TASK, APPROVAL, END, APPROVER)
SPELLED = {
    "as it is": str,
    "in small letters": str.lower,
    "in capitals": str.upper,
    "with a Cyrillic a": lambda name: name.replace("a", "\u0430").replace("A", "\u0410"),
    "in wide letters": lambda name: "".join(chr(ord(sign) + 0xFEE0) for sign in name),
    "with a zero-width blank": lambda name: f"{name[:4]}\u200b{name[4:]}",
    "with a soft hyphen": lambda name: f"{name[:4]}\u00ad{name[4:]}",
    "with another hyphen": lambda name: name.replace("-", "\u2011"),
    "with a minus": lambda name: name.replace("-", "\u2212"),
    "with an underscore": lambda name: name.replace("-", "_"),
    "behind a blank": lambda name: f" {name}",
    "behind a no-break blank": lambda name: f"\u00a0{name}",
    "behind a byte order mark": lambda name: f"\ufeff{name}",
}
SEPARATED = (":", ": ", " : ", "\t:\t", "\u00a0:\u00a0", "=", " = ", "#", "\uff1a")
ENDED = ("\n", "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029")


@pytest.mark.parametrize("how", SPELLED)
def test_every_spelling_separator_and_line_end_of_every_name_is_found(how: str) -> None:
    for name, separator, end in itertools.product(NAMES, SEPARATED, ENDED):
        line = f"{SPELLED[how](name)}{separator}t2_1"
        for message in (f"paint{end}{end}{line}", f"paint{end}{line}{end}and more", f"{line}{end}paint", line):
            assert lines_like_trailers(message) == [(name, "t2_1")], (name, separator, end)


FOLDS = ("\n", "\n ", "\n\t", " \n  ", "\r\n ", "\r ", "\u2028", "\n    ", "\n\u200b")


@pytest.mark.parametrize("how", ["as it is", "with a Cyrillic a", "in wide letters", "with an underscore"])
@pytest.mark.parametrize("fold", FOLDS)
def test_a_name_that_is_folded_anywhere_is_found(fold: str, how: str) -> None:
    for name in NAMES:
        spelled = SPELLED[how](name)
        for at in range(1, len(spelled) + 1):
            folded = f"{spelled[:at]}{fold}{spelled[at:]}"
            for message in (f"paint\n\n{folded}: t2_1", f"{folded}: t2_1\nand more", f"paint\n{folded}={fold}t2_1"):
                assert [key for key, _ in lines_like_trailers(message)] == [name], (name, at)


def test_a_name_that_is_folded_at_each_sign_is_found_with_its_value() -> None:
    for name in NAMES:
        assert lines_like_trailers("paint\n\n" + "\n ".join(name) + "\n : t2_1") == [(name, "t2_1")]


@pytest.mark.parametrize("indent", ["    ", "\t", "      ", "\u00a0\u00a0\u00a0\u00a0"])
def test_what_is_indented_counts_at_the_end_and_is_a_quotation_before(indent: str) -> None:
    block = f"{indent}{RUN}: shed-1\n{indent}{APPROVER}: Boss"
    assert [name for name, _ in lines_like_trailers(f"paint\n\n{block}\n\n")] == [RUN, APPROVER]
    assert lines_like_trailers(f"paint\n\n{block}\n\nis how it ends") == []


@pytest.mark.parametrize(
    "message",
    [
        "",
        "paint",
        "words on Phasegate-Task: they name a task",
        "> Phasegate-Run: shed-1",
        "- Phasegate-Run: shed-1",
        "Phasegate run: all is done",
        "Phasegate: a new release",
        "Phasegate-Runs: 3",
        "Phasegate-\n\nRun: shed-1",
        "Phasegate\nRun: shed-1",
        "we use Phasegate-\nRun: shed-1",
        "> Phasegate-\n> Run: shed-1",
        "a line\n" * 1000,
        "Not-Approved-by: Boss",
        "https://example.com/Phasegate-Run",
        "gepr\u00fcft: Approved-by stand nicht darin",
        ":" * 1000,
        "=" * 1000 + "\n\u00e4",
    ],
)
def test_prose_and_quotations_are_none(message: str) -> None:
    assert lines_like_trailers(message) == []


@pytest.mark.parametrize("end", [each for each in ENDED if each != "\n"])
def test_a_hook_cannot_hide_an_approver_in_a_trailer_of_its_own(end: str) -> None:
    intended = f"paint\n\n{RUN}: shed-1\n{APPROVER}: Ada <ada@example.com>\n"
    plain = judge_message(intended, f"{intended}Change-Id: I1\n", {}, {})
    assert (plain.changed, plain.added) == ("", ["Change-Id: I1"])
    assert judge_message(intended, f"{intended}Change-Id: I1{end}{APPROVER}: Eve <eve@x.org>\n", {}, {}).changed
