"""Links, sessions, tokens and the pace of verdicts, by a clock that a test moves."""

from __future__ import annotations

from workflow.web.door import LINK_LIVES, MOST_SESSIONS, Door, Rate, Session


class Clock:
    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def test_a_link_is_good_once_and_for_a_while() -> None:
    clock = Clock()
    door = Door(clock)
    link, late = door.link(), door.link()
    assert door.session(door.open(link)) is not None
    assert door.open(link) == ""
    clock.at += LINK_LIVES
    assert door.open(late) == ""
    assert door.open("") == ""


def test_a_link_is_no_cookie_and_a_cookie_no_link() -> None:
    door = Door()
    link = door.link()
    assert door.session(link) is None
    cookie = door.open(link)
    assert door.open(cookie) == ""
    assert door.session("") is None


def test_no_two_secrets_are_the_same_and_none_is_short() -> None:
    door = Door()
    made = [door.link() for _ in range(50)] + [Session().token for _ in range(50)]
    assert len(set(made)) == len(made)
    assert min(map(len, made)) >= 43  # 256 bits


def test_the_oldest_session_ends_when_there_are_too_many() -> None:
    door = Door()
    cookies = [door.open(door.link()) for _ in range(MOST_SESSIONS + 1)]
    assert [door.session(cookie) is not None for cookie in cookies] == [False, *[True] * MOST_SESSIONS]


def test_a_token_is_its_sessions_own() -> None:
    one, other = Session(), Session()
    assert one.is_own(one.token)
    assert not one.is_own(other.token)
    assert not one.is_own("")
    assert not one.is_own("\ud800")


def test_a_notice_is_told_once() -> None:
    session = Session(notice="done")
    assert (session.take_notice(), session.take_notice()) == ("done", "")


def test_the_pace_is_that_of_the_latest_span() -> None:
    clock = Clock()
    rate = Rate(2, 60.0, clock)
    assert [rate.allows(), rate.allows(), rate.allows()] == [True, True, False]
    clock.at += 59
    assert not rate.allows()
    clock.at += 1
    assert [rate.allows(), rate.allows(), rate.allows()] == [True, True, False]
