"""How do applications reach the tables safely? The security chapter: roles, conditions, network, encryption.

Every command runs as it stands; what only the reader knows is a shell variable that stops the command when it is
not set.
"""

from __future__ import annotations

import json
import re
from shlex import quote

from phases.contract.model import Table
from phases.documents.markdown import code, code_block, table
from phases.stage_06.chapters.iam_policy import INDEX_ACTIONS, ROLES, TABLE_ACTIONS, Policy, policies_of, size
from phases.stage_06.live.live_deployment import DeployedTable, LiveDeployment
from phases.stage_06.paths import IAM_POLICY

_FOR = {
    "Read": "services that only look things up",
    "Write": "services that change items; give it together with Read",
    "Admin": "the team that runs the tables: settings, tags, backups; no items",
}


def roles(policy: Policy) -> str:
    """Who gets what: a row a role."""
    rows = []
    for role in ROLES:
        parts = policies_of(policy, role)
        sids = [code(statement["Sid"]) for part in parts for statement in part["Statement"]]
        on_indexes = ", ".join(map(_action, INDEX_ACTIONS)) if role == "Read" else "none"
        sizes = " + ".join(f"{size(part):,}" for part in parts)
        rows.append(
            (role, _FOR[role], ", ".join(map(_action, TABLE_ACTIONS[role])), on_indexes, ", ".join(sids), sizes)
        )
    return table(("Role", "For", "On the tables", "On the indexes", "Statements", "Characters"), rows)


def attaching(policy: Policy, deployment: LiveDeployment) -> str:
    """The commands that make one managed policy a role and attach it (jq picks the statements)."""
    whole = quote(deployment.place(IAM_POLICY))
    lines = [': "${APPLICATION_ROLE:?set it to the name of the IAM role of your application}"']
    for role in ROLES[:2]:
        for number, part in enumerate(policies_of(policy, role), 1):
            sids = ", ".join(f'"{statement["Sid"]}"' for statement in part["Statement"])
            name = f"{deployment.stack_name}-{role.lower()}" + (f"-{number}" if number > 1 else "")
            arn = f"arn:{deployment.partition}:iam::{deployment.account}:policy/{name}"
            lines += [
                f"jq '.Statement |= map(select(.Sid | IN({sids})))' {whole} > {name}.json",
                f"aws iam create-policy --policy-name {name} --policy-document file://{name}.json",
                f'aws iam attach-role-policy --role-name "$APPLICATION_ROLE" --policy-arn {arn}',
            ]
    return code_block("\n".join(lines), "bash")


def one_owner_condition(deployment: LiveDeployment) -> str:
    """A statement that lets a principal see only the items under its own partition key, for a table that suits it."""
    tables = [deployed for deployed in deployment.tables if deployed.planned.pk.type == "S"]
    if not tables:
        return "No table here has a string partition key, so `dynamodb:LeadingKeys` has nothing to compare with."
    chosen = tables[0]
    value = owner_value(chosen.planned)
    statement = {
        "Sid": "OnlyOwnItems",
        "Effect": "Allow",
        "Action": ["dynamodb:GetItem", "dynamodb:Query"],
        "Resource": [chosen.arn],
        "Condition": {
            "Bool": {"aws:SecureTransport": "true"},
            "Null": {"dynamodb:LeadingKeys": "false"},
            "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [value]},
        },
    }
    return "\n\n".join(
        (
            "For a table whose partition key names its owner, replace the table's ARN in `ReadTables` by a statement "
            f"of its own. This one, for {code(chosen.name)}, compares the partition key with a tag of the principal. "
            "`Null` is there because `ForAllValues` is also true for a request without any key.",
            code_block(json.dumps(statement, indent=2), "json"),
            "Source: [fine-grained access control](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"
            "specifying-conditions.html).",
        )
    )


def owner_value(planned: Table) -> str:
    """The partition key's template with its one placeholder taken from the principal's tag of that name."""
    templates = [entity.pk_template for entity in planned.entities]
    for template in templates:
        if len(re.findall(r"\{\w+\}", template)) == 1:
            return re.sub(r"\{(\w+)\}", r"${aws:PrincipalTag/\1}", template)
    return "${aws:PrincipalTag/owner}"


def private_subnets(deployment: LiveDeployment) -> str:
    """A VPC gateway endpoint: why, and the commands."""
    region, service = deployment.region, f"com.amazonaws.{deployment.region}.dynamodb"
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "OnlyTablesOfThisAccount",
                "Effect": "Allow",
                "Principal": "*",
                "Action": "dynamodb:*",
                "Resource": f"arn:{deployment.partition}:dynamodb:{region}:{deployment.account}:table/*",
            }
        ],
    }
    commands = f"""\
: "${{VPC_ID:?set it to the VPC of your application, vpc-...}}"
aws ec2 describe-vpc-endpoints --region {region} \\
  --filters Name=vpc-id,Values="$VPC_ID" Name=service-name,Values={service}
aws ec2 describe-route-tables --region {region} --filters Name=vpc-id,Values="$VPC_ID" \\
  --query 'RouteTables[].[RouteTableId, Associations[].SubnetId]' --output json
: "${{ROUTE_TABLE_IDS:?set it to the route tables of the private subnets, rtb-... rtb-...}}"
cat > vpc-endpoint-policy.json <<'END'
{json.dumps(policy, indent=2)}
END
aws ec2 create-vpc-endpoint --region {region} --vpc-endpoint-type Gateway --vpc-id "$VPC_ID" \\
  --service-name {service} --route-table-ids $ROUTE_TABLE_IDS \\
  --policy-document file://vpc-endpoint-policy.json
aws ec2 describe-managed-prefix-lists --region {region} \\
  --filters Name=prefix-list-name,Values={service} --query 'PrefixLists[].PrefixListId' --output text"""
    return "\n\n".join(
        (
            "Code in a private subnet has no route to DynamoDB's public endpoint. A gateway endpoint adds one and "
            "costs nothing; it works through entries in the route tables, so name the route table of **every** "
            "private subnet that needs it. The first two commands show whether there is one already (a route table "
            "can hold one for DynamoDB) and which route tables the subnets use.",
            code_block(commands, "bash"),
            "- The endpoint's policy keeps data inside: it lets only tables of this account through. It grants "
            "nothing; the IAM policies above do. It is not narrowed to these tables because everything in the VPC "
            "shares the endpoint.\n- A security group that restricts outgoing traffic must allow TCP 443 to the "
            "prefix list that the last command prints.\n"
            "- A gateway endpoint does not serve callers outside the VPC (VPN, peering, another region): those need an "
            "interface endpoint for DynamoDB, which is charged by the hour.\n"
            "- To refuse every other way in, add a Deny with `StringNotEquals` on `aws:SourceVpce` to the "
            "application's role, after the endpoint has been seen to work.",
            "Source: [gateway endpoints for DynamoDB](https://docs.aws.amazon.com/vpc/latest/privatelink/"
            "vpc-endpoints-ddb.html).",
        )
    )


def encryption(deployment: LiveDeployment) -> str:
    """What protects the data at rest, as DescribeTable says it, and in transit."""
    rows = [(code(deployed.name), deployed.encryption, _key(deployed)) for deployed in deployment.tables]
    return "\n\n".join(
        (
            table(("Table", "At rest", "Key"), rows),
            "With the AWS managed key (`alias/aws/dynamodb`) applications need no `kms:` permission: its key policy "
            "serves everyone in the account whom DynamoDB authorises. With a key of your own they do, limited by "
            "`kms:ViaService` ([permissions](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"
            "encryption.usagenotes.html)). In transit: the endpoint also answers plain HTTP, so each statement asks "
            "for `aws:SecureTransport`.",
        )
    )


def _key(deployed: DeployedTable) -> str:
    found = deployed.live.get("SSEDescription", {})
    return code(found.get("KMSMasterKeyArn") or "owned by AWS, not visible in the account")


def _action(action: str) -> str:
    return code(action.removeprefix("dynamodb:"))
