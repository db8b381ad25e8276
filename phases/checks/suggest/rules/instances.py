"""Rules for AWS: what an instance is set to, and the network that it stands in, as lists beneath them have it."""

from __future__ import annotations

from phases.checks.suggest.proposal import Name, Rule
from phases.checks.suggest.rules.entries import HOLDS, IS_SET, MADE, aws, some_and_none
from state.json_values import Json

_INSTANCE = {
    "instance-id": Name("What is the id of the instance?", option="--instance-ids", code=True, pattern=r"i-[0-9a-f]+")
}
_VPC = {"vpc": Name("What is the id of the VPC?", option="--vpc-id")}
_EC2 = r"EC2 (?:instances? )?(?:has )?"
_ON = r"(?: (?:is|are))? (?:enabled|on|active|configured|set ?up)"


def _of_instance(name: str, head: str, expression: str, expect: Json, unproved: str, words: tuple[str, ...]) -> Rule:
    """A rule for what one EC2 instance is set to."""
    check = aws(
        "ec2",
        "describe_instances",
        f"Reservations[].Instances[].{expression}",
        expect,
        InstanceIds=["{instance-id}"],
    )
    return Rule(name, rf"{_EC2}{head}", check, unproved, words[:2], words[2:], names=_INSTANCE)


RULES = (
    Rule(
        "instance of some kind",
        r"(?:(?!AWS|Amazon)[\w-]+ )?EC2(?: (?:instances?|servers?))?(?: (?:is|are|has been))? (?:(?:in (?:a "
        r"|the )?)?running(?: state)?|launched|up|created|provisioned"
        r"|up and running|available)",
        aws(
            "ec2",
            "describe_instances",
            some_and_none("Reservations[].Instances[]", "Reservations[].Instances[] | [?State.Name!='running']"),
            HOLDS,
            InstanceIds=["{instance-id}"],
        ),
        "running, not: what runs on it",
        ("Worker EC2 launched", "Webserver EC2 instance created"),
        ("Worker EC2 sized", "EC2 costs up for discussion"),
        names=_INSTANCE,
    ),
    _of_instance(
        "type of an instance",
        r"(?:instance )?(?:type|size)(?: is)?:? (?P<size>[a-z]{1,3}\d\w*\.\w+)",
        "InstanceType",
        {"equals": ["$size"]},
        "this type, not: that it is enough",
        ("EC2 instance type: t3.medium", "EC2 type m6g.large", "EC2 instance type chosen", "Instance type: t3.medium"),
    ),
    _of_instance(
        "detailed monitoring",
        rf"detailed monitoring{_ON}",
        "Monitoring.State",
        {"equals": ["enabled"]},
        "on, not: that somebody looks",
        (
            "EC2 detailed monitoring enabled",
            "EC2 detailed monitoring on",
            "EC2 monitoring read",
            "Detailed monitoring enabled",
        ),
    ),
    _of_instance(
        "role of an instance",
        r"(?:IAM )?(?:instance )?(?:role|profile|instance profile)(?: (?:is|has been))? (?:attached|added|assigned"
        r"|configured)",
        "IamInstanceProfile.Arn",
        "present",
        "it has one, not: what that may do",
        ("EC2 IAM role attached", "EC2 instance profile attached", "EC2 role reviewed", "Role attached to the team"),
    ),
    Rule(
        "protection of an instance",
        rf"{_EC2}termination protection{_ON}",
        aws(
            "ec2",
            "describe_instance_attribute",
            "DisableApiTermination.Value",
            {"equals": True},
            InstanceId="{instance-id}",
            Attribute="disableApiTermination",
        ),
        "protected from being ended, not: from being stopped",
        ("EC2 termination protection enabled", "EC2 instance has termination protection on"),
        ("Termination protection enabled", "EC2 termination planned"),
        names=_INSTANCE,
    ),
    Rule(
        "address of an instance",
        r"(?:EC2 )?Elastic IP(?: address)?(?: (?:is|has been))? (?:allocated|attached|associated|assigned)"
        r"(?: and (?:attached|associated|allocated))?(?: (?:to|with) [\w -]+)?",
        aws("ec2", "describe_addresses", "Addresses[?InstanceId=='{instance-id}'].PublicIp", "present"),
        "it has one, not: that names lead to it",
        ("Elastic IP allocated and attached", "Elastic IP associated with the instance"),
        ("Elastic IP released", "Elastic band attached to the IP"),
        names=_INSTANCE,
    ),
    Rule(
        "route tables",
        rf"(?:VPC )?(?:(?:public|private) )?route tables?(?:{MADE}|{IS_SET})(?: (?:for|with|and) [\w -]+)?",
        aws(
            "ec2",
            "describe_route_tables",
            "RouteTables[].Associations[?SubnetId].SubnetId[]",
            "present",
            Filters=[{"Name": "vpc-id", "Values": ["{vpc}"]}],
        ),
        "some subnet has one of its own, not: where its routes lead",
        ("Route tables configured", "Public route table created"),
        ("Route tables reviewed", "Route table of the bus set"),
        names=_VPC,
    ),
    Rule(
        "addresses of a VPC",
        r"VPC(?: is)?(?: created| provisioned| configured)?(?: with)?(?: the)? CIDR(?: block)?(?: is)?:? "
        r"(?P<cidr>\d+\.\d+\.\d+\.\d+/\d+)",
        aws("ec2", "describe_vpcs", "Vpcs[0].CidrBlock", {"equals": "$cidr"}, VpcIds=["{vpc}"]),
        "these addresses, not: what is in it",
        ("VPC created with CIDR 10.0.0.0/16", "VPC CIDR block: 10.1.0.0/16"),
        ("VPC CIDR agreed", "CIDR block: 10.1.0.0/16"),
        names=_VPC,
    ),
    Rule(
        "user of IAM",
        rf"(?:AWS )?IAM user{MADE}(?: for (?!.* with )[\w /-]+)?",
        aws("iam", "get_user", "User.Arn", "present", UserName="{iam-user}"),
        "there, not: what it may do",
        ("IAM user created", "IAM user created for deployment"),
        ("IAM user removed", "User created"),
        names={"iam-user": Name("What is the IAM user called?", option="--user-name", code=True)},
    ),
)
