"""What is asked before anything is written? Names, networks, sizes, and the conflicts within the document.

An answer that cannot be is refused when it is given. Three questions are about what the document asks for and cannot
have together; each says what follows from the answer, and none is answered by Enter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from ipaddress import IPv4Network

from phases.asked import Asked
from phases.step import Question, StepContext
from phases.tried_answers import problem_with_address
from state.nearest import hint

_OF_REGIONS = ("region", "recovery-region")
SOMEWHERE_ELSE = "other-region"
STATIC_FILES = "static-files"
# The one region of AWS in Africa. Source: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
AFRICA = ("af-south-1",)
# The regions of the partition `aws`: copies do not cross partitions. A test holds them to botocore's endpoints.json.
REGIONS = tuple(
    f"{area}-{number}"
    for area, most in (
        *(("af-south", 1), ("ap-east", 2), ("ap-northeast", 3), ("ap-south", 2), ("ap-southeast", 7)),
        *(("ca-central", 1), ("ca-west", 1), ("eu-central", 2), ("eu-north", 1), ("eu-south", 2), ("eu-west", 3)),
        *(("il-central", 1), ("me-central", 1), ("me-south", 1), ("mx-central", 1), ("sa-east", 1)),
        *(("us-east", 2), ("us-west", 2)),
    )
    for number in range(1, most + 1)
)
# RFC 1918: what a network of one's own may be
PRIVATE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
# Source: https://www.iana.org/assignments/iana-ipv4-special-registry, and for multicast RFC 5771
_SPECIAL = {
    IPv4Network("0.0.0.0/8"): "this network",
    IPv4Network("100.64.0.0/10"): "shared by carriers",
    IPv4Network("127.0.0.0/8"): "loopback",
    IPv4Network("169.254.0.0/16"): "link local",
    IPv4Network("192.0.0.0/24"): "protocol assignments",
    IPv4Network("192.0.2.0/24"): "documentation",
    IPv4Network("192.31.196.0/24"): "AS112",
    IPv4Network("192.52.193.0/24"): "AMT",
    IPv4Network("192.88.99.0/24"): "6to4 relays",
    IPv4Network("192.175.48.0/24"): "AS112",
    IPv4Network("198.18.0.0/15"): "benchmarks",
    IPv4Network("198.51.100.0/24"): "documentation",
    IPv4Network("203.0.113.0/24"): "documentation",
    IPv4Network("224.0.0.0/4"): "multicast",
    IPv4Network("240.0.0.0/4"): "reserved",
}
TARGET = 60  # percent of what a task carries at which another one is started, as the module's stack has it
PEAK = 1_000_000  # requests/s above which one load balancer and one service are no answer

_NAME = re.compile(r"[a-z][a-z0-9-]{1,17}[a-z0-9]")  # with "-staging" and "-balancer" below AWS's 32 of a load balancer
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+(?:[a-z]{{2,63}}|xn--[a-z0-9-]{{1,59}})")
_REPOSITORY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
_REVIEWERS = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})")
_DATABASE = re.compile(r"db\.[a-z0-9]+\.(?:micro|small|medium|\d*x?large)")
_CACHE = re.compile(r"cache\.[a-z0-9]+\.(?:micro|small|medium|\d*x?large)")

Answers = Mapping[str, str]


def _form(pattern: re.Pattern[str], expected: str) -> Callable[[str], str | None]:
    return lambda answer: None if pattern.fullmatch(answer) else f"expected {expected}"


def _number(least: int, most: int, unit: str) -> Callable[[str], str | None]:
    def problem(answer: str) -> str | None:
        good = answer.isascii() and answer.isdigit() and str(int(answer)) == answer and least <= int(answer) <= most
        return None if good else f"expected a whole number of {unit} from {least} to {most}"

    return problem


def _enough(given: Answers) -> Callable[[str], str | None]:
    """Whether that many tasks carry the peak at the target, and are no fewer than the minimum."""
    needed = -(-int(given["peak-load"]) * 100 // (int(given["load-per-task"]) * TARGET))
    least = max(int(given["tasks-minimum"]), needed)
    reason = (
        f"; the peak of {given['peak-load']} requests/s at {TARGET} % of {given['load-per-task']} a task needs {needed}"
    )
    within = _number(least, 5000, "tasks")  # Source: ECS quota "Tasks per service", 5,000
    return lambda answer: f"{problem}{reason}" if (problem := within(answer)) else None


def _special(network: IPv4Network) -> str:
    """What a network is kept for that is no private one; "" where it is for nothing special."""
    found = [f"{each} is for {use}" for each, use in _SPECIAL.items() if network.overlaps(each)]
    return f"; {found[0]}" if found else ""


def _network(given: Answers) -> Callable[[str], str | None]:
    def problem(answer: str) -> str | None:
        try:
            network = IPv4Network(answer)
        except ValueError:
            return "expected a network such as 10.10.0.0/16, its host bits 0"
        if not any(network.subnet_of(each) for each in PRIVATE) or not 16 <= network.prefixlen <= 20:
            ranges = ", ".join(map(str, PRIVATE))
            return f"expected a private network of a size from /16 to /20, within {ranges}{_special(network)}"
        for name, other in given.items():
            if name.startswith("network-") and network.overlaps(IPv4Network(other)):
                return f"overlaps {other}, the {name.replace('-', ' of ', 1)}"
        return None

    return problem


def _contact(answer: str) -> str | None:
    """An address that means the same in every file that it is written into: Terraform reads `${` and `%{` in a string,
    and Markdown the others. Source: https://developer.hashicorp.com/terraform/language/expressions/strings
    """
    if problem := problem_with_address(answer):
        return problem
    read = [character for character in "$%{}|`" if character in answer]
    return f"expected an e-mail address without {' '.join(read)}, which the module's files would read" if read else None


def _region(answer: str) -> str | None:
    if answer in AFRICA:
        return None
    return f"outside of the residency: data stays in Africa, where AWS has {', '.join(AFRICA)} (requirement 13.1)"


def _elsewhere(given: Answers) -> Callable[[str], str | None]:
    pattern = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d")

    def problem(answer: str) -> str | None:
        if not pattern.fullmatch(answer):
            return "expected a region such as eu-west-1"
        if answer == given["region"]:
            return f"{answer} is the region itself"
        if answer in REGIONS:
            return None
        return f"expected a region of AWS{hint(answer, REGIONS)}"

    return problem


def questions(given: Answers) -> list[Question]:
    """The questions of task 1.1 that can be asked next, by the answers before them; empty when all are answered.

    Args:
        given: answers so far, in the order of the questions.
    """
    return [each for part in _PARTS for each in part(given) if each.name not in given]


def _names(given: Answers) -> list[Question]:
    return [
        Question(
            "project",
            "What is the project called (the beginning of every name)?",
            default="shop",
            problem_with=_form(_NAME, "3 to 19 of a-z, 0-9 and -, a letter first, no - last"),
            stays=True,
        ),
        Question(
            "region", "In which AWS region is all data kept?", default="af-south-1", problem_with=_region, stays=True
        ),
        Question(
            "domain",
            "At which domain does production answer (dev., staging. and static. are put before it)?",
            default="shop.example.com",
            problem_with=_form(_DOMAIN, "a domain such as shop.example.com, in lower case"),
            stays=True,
        ),
        Question(
            "repository",
            "Which GitHub repository is this (its workflows alone may deploy)?",
            default="example/shop",
            problem_with=_form(_REPOSITORY, "OWNER/NAME"),
            stays=True,
        ),
        Question(
            "contact",
            "Which e-mail address gets alarms and budget notices?",
            default="operations@example.com",
            problem_with=_contact,
            stays=True,
        ),
        Question(
            "reviewers",
            "Which GitHub team or user approves a deployment to production?",
            default="platform",
            problem_with=_form(_REVIEWERS, "a team or user of GitHub"),
            stays=True,
        ),
    ]


def _sizes(given: Answers) -> list[Question]:
    asked = [
        Question(
            "peak-load",
            "How many requests a second does production have at its peak?",
            default="400",
            problem_with=_number(1, PEAK, "requests/s"),
            stays=True,
        ),
        Question(
            "load-per-task",
            "How many requests a second does one container carry?",
            default="75",
            problem_with=_number(1, PEAK, "requests/s"),
            stays=True,
        ),
        Question(
            "tasks-minimum",
            "How many containers are always there in production (two, so that one may fail)?",
            default="3",
            problem_with=_number(2, 1000, "tasks"),
            stays=True,
        ),
    ]
    if {"peak-load", "load-per-task", "tasks-minimum"} <= given.keys():
        asked.append(
            Question(
                "tasks-maximum",
                "How many containers are there at most in production?",
                default="12",
                problem_with=_enough(given),
                stays=True,
            )
        )
    return [
        *asked,
        Question(
            "database-class",
            "Which instance class has production's PostgreSQL?",
            default="db.m6g.large",
            problem_with=_form(_DATABASE, "a class such as db.m6g.large"),
            stays=True,
        ),
        Question(
            "cache-node",
            "Which node type has production's Redis?",
            default="cache.m6g.large",
            problem_with=_form(_CACHE, "a node type such as cache.m6g.large"),
            stays=True,
        ),
        Question(
            "monthly-budget",
            "What may production cost a month [USD]?",
            default="2000",
            problem_with=_number(100, 10_000_000, "USD"),
            stays=True,
        ),
    ]


def _networks(given: Answers) -> list[Question]:
    problem = _network(given)
    return [
        Question("network-dev", "Network of dev?", default="10.10.0.0/16", problem_with=problem, stays=True),
        Question("network-staging", "Network of staging?", default="10.20.0.0/16", problem_with=problem, stays=True),
        Question("network-prod", "Network of prod?", default="10.30.0.0/16", problem_with=problem, stays=True),
        Question("network-preview", "Network of previews?", default="10.40.0.0/16", problem_with=problem, stays=True),
    ]


def _conflicts(given: Answers) -> list[Question]:
    asked = [
        Question(
            "residency",
            "Requirement 13 asks for Nigerian data residency, and task 1.2 for Cape Town, in South Africa: AWS "
            "has no region in Nigeria.\nsouth-africa: data is kept in Cape Town, and somebody answers for it that this "
            "is enough (docs/residency.md). Answer it only when that was decided; else stop here.",
            default="south-africa",
            choices=("south-africa",),
            suggest=False,
            stays=True,
        ),
        Question(
            "disaster-recovery",
            "Task 14.1 asks for cross-region replication, task 15.1 for all data in Africa, where AWS has one region.\n"
            "in-region: copies of backups stay in the region; its loss is not survived.\n"
            "other-region: encrypted copies of backups leave Africa, and the residency's check admits exactly that.",
            default="in-region",
            choices=("in-region", SOMEWHERE_ELSE),
            suggest=False,
            stays=True,
        ),
    ]
    if given.get("disaster-recovery") == SOMEWHERE_ELSE:
        asked.append(
            Question(
                "recovery-region",
                "To which region do copies of backups go?",
                problem_with=_elsewhere(given),
                stays=True,
            )
        )
    asked.append(
        Question(
            "edge",
            "Task 12.1 asks for edge locations, which are outside of the region, requirement 13 for data within it.\n"
            "static-files: files that are the same for everybody are cached at the edge, nothing else.\n"
            "off: no CloudFront; users far away wait longer.",
            default="static-files",
            choices=(STATIC_FILES, "off"),
            suggest=False,
            stays=True,
        )
    )
    return asked


def all_questions() -> tuple[Asked, ...]:
    """Every question of task 1.1, as it can be told before the run."""
    given = {"region": AFRICA[0], "disaster-recovery": SOMEWHERE_ELSE}
    given |= {"peak-load": "1", "load-per-task": "1", "tasks-minimum": "2"}
    when = {"recovery-region": f"where disaster-recovery is {SOMEWHERE_ELSE}"}
    asked = [each for part in _PARTS for each in part(given)]
    told = [each.asked(task="1.1", when=when.get(each.name, "")) for each in asked]
    return tuple(replace(each, is_region=each.name in _OF_REGIONS) for each in told)


_PARTS = (_names, _sizes, _networks, _conflicts)


def ask_all(ctx: StepContext) -> dict[str, str]:
    """Every answer of task 1.1, asked for in the order of the questions. Raises as `StepContext.ask`."""
    given: dict[str, str] = {}
    while left := questions(given):
        given[left[0].name] = ctx.ask(left[0])
    return given
