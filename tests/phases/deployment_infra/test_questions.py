"""Is an answer that cannot be refused when it is given? Regions, networks, domains, sizes; and each with its reason."""

from __future__ import annotations

import pytest
from botocore.loaders import Loader

from phases.deployment_infra.questions import REGIONS, all_questions, questions
from phases.step import Question
from tests.worlds.rendered_module import EXAMPLE


def question(name: str, given: dict[str, str]) -> Question:
    """The question as it is asked after these answers."""
    return next(each for each in questions(given) if each.name == name)


def problem(name: str, answer: str, **changed: str) -> str | None:
    """What is wrong with an answer, the ones before it being the example's."""
    given = {}
    for each, said in (EXAMPLE | changed).items():
        if each == name:
            break
        given[each] = said
    asked = question(name, given)
    if asked.choices:
        return None if answer in asked.choices else "not a choice"
    return asked.problem_with(answer)


SPECIAL = [
    ("0.0.0.0/16", "0.0.0.0/8", "this network"),
    ("100.64.0.0/16", "100.64.0.0/10", "shared by carriers"),
    ("127.0.0.0/16", "127.0.0.0/8", "loopback"),
    ("169.254.0.0/16", "169.254.0.0/16", "link local"),
    ("192.0.0.0/20", "192.0.0.0/24", "protocol assignments"),
    ("192.0.2.0/24", "192.0.2.0/24", "documentation"),
    ("192.88.96.0/20", "192.88.99.0/24", "6to4 relays"),
    ("198.18.0.0/16", "198.18.0.0/15", "benchmarks"),
    ("198.51.96.0/20", "198.51.100.0/24", "documentation"),
    ("203.0.112.0/20", "203.0.113.0/24", "documentation"),
    ("224.0.0.0/16", "224.0.0.0/4", "multicast"),
    ("240.0.0.0/16", "240.0.0.0/4", "reserved"),
    ("255.255.0.0/16", "240.0.0.0/4", "reserved"),
]
REFUSED = [
    ("region", "eu-west-1", "outside of the residency"),
    ("region", "af-south-2", "outside of the residency"),
    ("domain", "localhost", "expected a domain"),
    ("domain", "https://shop.example.com", "expected a domain"),
    ("domain", "shop..com", "expected a domain"),
    ("project", "Shop", "expected 3 to 19"),
    ("project", "a-name-that-is-too-long", "expected 3 to 19"),
    ("project", "shop-", "expected 3 to 19"),
    ("repository", "shop", "expected OWNER/NAME"),
    ("contact", "nobody", "expected an e-mail address"),
    ("tasks-minimum", "1", "from 2 to"),
    ("tasks-minimum", "0", "from 2 to"),
    ("tasks-minimum", "two", "from 2 to"),
    ("tasks-minimum", "02", "from 2 to"),
    ("tasks-maximum", "8", "the peak of 400 requests/s at 60 % of 75 a task needs 9"),
    ("tasks-maximum", "2", "from 9 to"),
    ("peak-load", "0", "from 1 to"),
    ("contact", "nobody", "expected an e-mail address"),
    ("contact", "ops${x}@acme.example", "without $ { }"),
    ("contact", "%{if}x@acme.example", "without % { }"),
    ("contact", "a|b@acme.example", "without |"),
    ("contact", "`id`@acme.example", "without `"),
    ("repository", "acme/..", "OWNER/NAME"),
    ("monthly-budget", "-5", "from 100 to"),
    ("database-class", "large", "expected a class"),
    ("cache-node", "db.m6g.large", "expected a node type"),
    ("network-dev", "10.10.0.1/16", "host bits 0"),
    ("network-dev", "8.8.0.0/16", "private network"),
    ("network-dev", "10.0.0.0/8", "from /16 to /20"),
    ("network-staging", "10.10.0.0/16", "overlaps 10.10.0.0/16, the network of dev"),
    ("network-prod", "10.20.16.0/20", "overlaps 10.20.0.0/16, the network of staging"),
    ("network-preview", "10.30.240.0/20", "overlaps 10.30.0.0/16, the network of prod"),
    *(("network-prod", network, f"{within} is for {use}") for network, within, use in SPECIAL),
    ("network-prod", "11.0.0.0/16", "within 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16"),
    ("network-prod", "172.32.0.0/16", "private network"),
    ("residency", "nigeria", "not a choice"),
    ("disaster-recovery", "both", "not a choice"),
    ("edge", "all", "not a choice"),
]


@pytest.mark.parametrize(("name", "answer", "reason"), REFUSED, ids=[f"{name} {said}" for name, said, _ in REFUSED])
def test_an_answer_that_cannot_be_is_refused(name: str, answer: str, reason: str) -> None:
    assert reason in (problem(name, answer) or "")


@pytest.mark.parametrize("name", list(EXAMPLE))
def test_the_examples_answer_is_taken(name: str) -> None:
    assert problem(name, EXAMPLE[name]) is None


def test_the_minimum_is_a_floor_of_the_maximum() -> None:
    assert problem("tasks-maximum", "12", **{"tasks-minimum": "20"}) is not None
    assert problem("tasks-maximum", "20", **{"tasks-minimum": "20"}) is None


def test_copies_of_backups_go_to_another_region_where_that_was_answered() -> None:
    given = {name: said for name, said in EXAMPLE.items() if name != "edge"}
    assert [each.name for each in questions(given)] == ["edge"]
    given["disaster-recovery"] = "other-region"
    assert [each.name for each in questions(given)] == ["recovery-region", "edge"]
    asked = question("recovery-region", given)
    assert asked.problem_with("af-south-1") == "af-south-1 is the region itself"
    assert "expected a region of AWS" in str(asked.problem_with("us-fake-9"))
    assert str(asked.problem_with("eu-west-9")).endswith("did you mean eu-west-3?")
    assert asked.problem_with("cn-north-1") and asked.problem_with("us-gov-west-1")  # other partitions
    assert asked.problem_with("eu-west-1") is None and asked.problem_with("Ireland") is not None


@pytest.mark.parametrize("network", ["10.0.0.0/16", "10.255.240.0/20", "172.31.0.0/16", "192.168.0.0/16"])
def test_a_private_network_is_taken(network: str) -> None:
    assert problem("network-prod", network) is None


def test_the_regions_are_those_that_botocore_knows() -> None:
    (known,) = [each for each in Loader().load_data("endpoints")["partitions"] if each["partition"] == "aws"]
    assert sorted(REGIONS) == sorted(known["regions"])


def test_what_contradicts_itself_is_never_answered_by_enter() -> None:
    asked = {each.name: each for each in all_questions()}
    assert [name for name in asked if not asked[name].suggest] == ["residency", "disaster-recovery", "edge"]
