"""Is a text an answer, and is there what it names? Regions, buckets, addresses, commands: tried when given.

Each function returns what is wrong, or None: `Question.problem_with`. Nothing is run, and nothing is changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from phases.aws import AwsError, AwsPort, NotFound
from state.late_pattern import late
from state.nearest import hint
from state.says_nothing import says_nothing

_REGION = late(r"[a-z]{2}(-[a-z]+)+-\d")
# Source: RFC 5321, 4.1.2 (Dot-string, Domain), without quoted strings and address literals, which nobody's alarms have
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = late(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_LABEL}")
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_BUCKET = late(r"(?!.*\.\.)(?!\d+(?:\.\d+){3}$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
# what a shell does itself. Source: POSIX.1-2017, XCU 2.4 (reserved words), 2.14 (special built-ins), 1.6; and `[`
_SHELLS_OWN = late(
    r"[!{}:.\[]|case|do|done|elif|else|esac|fi|for|if|in|then|until|while"
    r"|break|continue|eval|exec|exit|export|readonly|return|set|shift|times|trap|unset"
    r"|alias|bg|cd|command|echo|false|fc|fg|getopts|hash|jobs|kill|newgrp|printf|pwd|read|test|true|type|ulimit|umask"
    r"|unalias|wait"
)
_ASSIGNED = late(r"[A-Za-z_]\w*=\S*\s+")
_PLAIN_WORD = late(r"[\w./+@%:,~-]+")


_PLACEHOLDER = late(r"\s*(?:\.{2,}|…|<[^<>]*>|todo|tbd|fixme|x{3,}|\?+)[\s:.!]*", re.IGNORECASE)


_NAMES_OF_WORDS = ("TEXT", "REASON", "WHY", "NOTE", "COMMENT", "MESSAGE", "WORDS", "YOUR REASON", "YOUR TEXT")


SHORT = 80  # longer texts are refused, or taken, as what they are


def is_no_words(text: str) -> bool:
    """Whether a reason, a note or the like is only what stands in its place in an example: `TEXT`, `REASON`, `...`."""
    return text.strip(" \t\n'\"[]") in _NAMES_OF_WORDS or (len(text) <= SHORT and is_placeholder(text))


def is_placeholder(answer: str) -> bool:
    """Whether a text only stands where an answer is to come: `...`, `TODO`, `<your region>`."""
    return _PLACEHOLDER.fullmatch(answer) is not None


def problem_with_region(answer: str, regions: Iterable[str]) -> str | None:
    """What is wrong with a region: AWS has none of this name, as far as the installed botocore knows."""
    known = set(regions)
    if answer in known:
        return None
    if not _REGION.fullmatch(answer):
        return f"expected a region such as eu-west-1{hint(answer, sorted(known))}"
    return f"AWS has no such region{hint(answer, sorted(known))}"


def region_refused(value: str, regions: Iterable[str]) -> str | None:
    """The same for a file that names one: with the name, in one sentence."""
    why, separator, meant = (problem_with_region(value, regions) or "").partition(";")
    return f"{why}, seen {value!r}{separator}{meant}" if why else None


def problem_with_address(answer: str) -> str | None:
    """What is wrong with an e-mail address, by its form."""
    return None if _ADDRESS.fullmatch(answer) and len(answer) <= 254 else "expected an e-mail address"


def problem_with_bucket(answer: str, aws: AwsPort) -> str | None:
    """What is wrong with a bucket: none of this name, none that we may look at (`s3:HeadBucket`), or elsewhere.

    CloudFormation reads templates from buckets of its own region. Source:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-using-console-create-stack-template.html
    """
    if not _BUCKET.fullmatch(answer):
        return "expected the name of a bucket: 3 to 63 of a-z, 0-9, dots and hyphens"
    try:
        where = aws.call("s3", "head_bucket", Bucket=answer).get("BucketRegion")
    except NotFound:
        return f"there is no bucket {answer}"
    except AwsError as error:
        return f"bucket {answer} could not be looked at: {error.message}"
    if where and where != aws.region:
        return f"bucket {answer} is in {where}; expected one in {aws.region}, where the stack is"
    return None


def problem_with_command(answer: str, is_in_workspace: Callable[[str], bool]) -> str | None:
    """What is wrong with a command for `sh`: its first word is no program here. The command is not run.

    `is_in_workspace` tells of a path there whether it is a file. What a shell would have to work out is not judged.
    """
    import shutil  # here: most that is tried is no command

    if says_nothing(answer):
        return "expected a command"
    first = program_of(answer.strip())
    if not first:
        return None
    if "/" in first:
        found = shutil.which(first) is not None if first.startswith("/") else is_in_workspace(first)
        return None if found else f"there is no {first} here"
    return None if shutil.which(first) else f"no program {first} is on PATH"


def program_of(text: str) -> str:
    """The program that the command names first; "" where only a shell can tell."""
    while assigned := _ASSIGNED.match(text):
        text = text[assigned.end() :]
    first = re.split(r"[\s;&|<>()]", text, maxsplit=1)[0]
    is_plain = _PLAIN_WORD.fullmatch(first) and not _SHELLS_OWN.fullmatch(first) and not first.startswith("~")
    return first if is_plain else ""
