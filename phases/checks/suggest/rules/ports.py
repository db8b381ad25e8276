"""Rules for the ports that a security group of AWS opens, as lists beneath it have them: "Port 443 from anywhere"."""

from __future__ import annotations

from phases.checks.suggest.proposal import Name, Rule
from phases.checks.suggest.rules.entries import aws
from state.json_values import Json

_GROUP = {
    "security-group": Name(
        "What is the id of the security group?", option="--group-ids", code=True, pattern=r"sg-[0-9a-f]+"
    )
}
_SUBJECT = (
    r"(?:AWS )?(?:(?!no|only|all)[\w-]+ )?security groups? (?:rules? )?(?:has |with )?"
    r"(?:inbound |ingress )?(?:rule:? )?"
)
_VERB = r"(?:(?:inbound|ingress|allows?|allowing|opens?|permits?|accepts?|rule)[: ]*)*"
_WHAT = (
    r"(?:HTTPS?|HTTP/HTTPS|SSH|RDP|Postgres(?:QL)?|MySQL|MongoDB|Redis|Kafka|NFS|SMTP|DNS|TCP|API|app(?:lication)?|web"
    r"|backend|frontend|database|custom|traffic|access|connections?|inbound)"
)
_PORT = r"(?:TCP )?(?:port )?(?P<port>\d{2,5})(?:/tcp)?"
_ANYWHERE = r"(?:0\.0\.0\.0/0(?:,? ?(?:and )?::/0)?|anywhere|(?:the )?internet|everywhere|all IPs)"
_FROM_ANYWHERE = rf"[ :,-]+(?:inbound )?(?:open )?(?:from |to )?{_ANYWHERE}"
_FROM_SOME = (
    r"(?:[ :,-]+(?:inbound )?from (?!.*\b(?:only|anywhere|internet|0\.0)\b)[\w .'/-]+)?"
    r"(?: (?:is )?(?:open|allowed|configured|added|opened))?"
)
_OF = "SecurityGroups[0].IpPermissions[?FromPort<=`$port` && ToPort>=`$port`]"
_REMARK = r"^(?:TCP |port )*(?P<port>\d{2,5})$"


def _rule(name: str, head: str, *, anywhere: bool, remark: str, words: tuple[str, ...]) -> Rule:
    look = f"{_OF}.IpRanges[].CidrIp" if anywhere else f"{_OF}.IpProtocol"
    expect: Json = {"contains": "0.0.0.0/0"} if anywhere else "present"
    return Rule(
        name,
        rf"{_SUBJECT}{_VERB}{head}{_FROM_ANYWHERE if anywhere else _FROM_SOME}",
        aws("ec2", "describe_security_groups", look, expect, GroupIds=["{security-group}"]),
        "open to every address, not: to nobody else"
        if anywhere
        else "a rule opens it, not: to whom, and to nobody else",
        words[:2],
        words[2:],
        names=_GROUP,
        remark=remark,
    )


_NUMBERED = rf"(?:{_WHAT} )*(?:on )?{_PORT}(?: {_WHAT})*"
_IN_WORDS = rf"(?:{_WHAT} ?)+"

RULES = (
    _rule(
        "port open to everybody",
        _NUMBERED,
        anywhere=True,
        remark="",
        words=(
            "Security group port 80 - inbound from 0.0.0.0/0",
            "Security group allows 443 from anywhere",
            "Security group denies port 80 from 0.0.0.0/0",
            "Port 443 of the harbour from anywhere",
        ),
    ),
    _rule(
        "port open",
        _NUMBERED,
        anywhere=False,
        remark="",
        words=(
            "Security group port 5432 open",
            "Security group 22 open",
            "Security group port 22 from my address only",
            "Security group port 22 closed by hand",
        ),
    ),
    _rule(
        "port in brackets open to everybody",
        _IN_WORDS,
        anywhere=True,
        remark=_REMARK,
        words=(
            "Security group allow HTTP (80) from 0.0.0.0/0",
            "Security group HTTPS (443) from anywhere",
            "Security group HTTP (8 rules) from anywhere",
            "Security group outbound HTTP (80) to anywhere else",
        ),
    ),
    _rule(
        "port in brackets open",
        _IN_WORDS,
        anywhere=False,
        remark=_REMARK,
        words=(
            "Security group allow SSH (22)",
            "Security group allow HTTP (80)",
            "Security group SSH (22) from my address only",
            "Security group HTTP (80) blocked",
        ),
    ),
)
