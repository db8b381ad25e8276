"""Rules for what a role may do, as IAM simulates it, and where a policy is attached."""

from __future__ import annotations

from phases.checks.suggest.proposal import ARN, Name, Rule
from phases.checks.suggest.rules.entries import IS_SET, MADE, THERE, aws

_ACTION = r"(?P<action>[a-z][a-z0-9-]+:[A-Z]\w+)"
_WHO = (
    r"(?:the )?(?:(?:Lambda|ECS|task|execution|IAM|EC2|EKS|instance|node|function|service|function's|GitHub Actions"
    r"|deploy(?:ment)?) )*(?:role|function|task|user|Lambda)s?"
)
_ROLE_FOR = (
    r"(?:ECS|Lambda|EC2|EKS|task|execution|instance|node|service|GitHub Actions|CodeBuild|CodePipeline|cluster"
    r"|function|CI|CI/CD|deployment)"
)
_ROLE = aws("iam", "get_role", "Role.Arn", "present", RoleName="{role}")
_ROLE_NAME = {"role": Name("What is the role called?", option="--role-name", group="role", code=True)}

RULES = (
    Rule(
        "permission of a role",
        rf"{_WHO}(?: (?:has|have|with|needs?|is allowed|may|can|granted))+(?: (?:the |an? )?(?:IAM )?(?:permissions?"
        rf"|access))?(?: (?:to|for))?(?: (?:call|perform|invoke|use))? {_ACTION}(?: permissions?| access| action)?"
        rf"|{_ACTION.replace('action', 'action2')} (?:permission|action|access)(?: (?:is|has been))? (?:granted|allowed"
        rf"|added|attached|given|configured)(?: (?:to|for|on) {_WHO})?",
        aws(
            "iam",
            "simulate_principal_policy",
            "EvaluationResults[].EvalDecision",
            {"equals": ["allowed"]},
            PolicySourceArn="{principal-arn}",
            ActionNames=["$action$action2"],
        ),
        "IAM would allow it on some resource, not: on each, and not what a resource's own policy says",
        ("Lambda role has `dynamodb:PutItem` permission", "`s3:GetObject` permission granted to the task role"),
        ("Lambda role has `dynamodb:PutItem` reviewed", "Role of the lead has permission to stay"),
        names={"principal-arn": Name("What is the ARN of the role or user?", code=True, pattern=ARN)},
    ),
    Rule(
        "policy that is attached",
        r"(?P<policy>[A-Z]\w{5,})(?: managed| IAM)? policy(?: (?:is|has been))? attached(?: to (?:the )?(?:[\w-]+ )?"
        r"(?:role|user|group))?",
        aws(
            "iam",
            "list_entities_for_policy",
            "[PolicyUsers[].UserName, PolicyRoles[].RoleName, PolicyGroups[].GroupName][]",
            {"contains": "{who}"},
            PolicyArn="{policy-arn}",
        ),
        "it is attached to this one, not: what it allows",
        ("`AmazonS3ReadOnlyAccess` policy attached", "`AmazonECS_FullAccess` policy is attached to the deploy user"),
        ("`AmazonS3ReadOnlyAccess` policy reviewed", "Policy attached"),
        names={
            "policy-arn": Name("What is the ARN of {}?", group="policy", pattern=ARN),
            "who": Name("Which role, user or group has the policy (its name)?"),
        },
        named=True,
    ),
    Rule(
        "role for something",
        rf"(?P<role>{_ROLE_FOR}(?: {_ROLE_FOR})*) (?:IAM )?role(?: for [\w -]+)?(?:{MADE}|{IS_SET})",
        _ROLE,
        "there, not: what it may do",
        ("ECS task execution role exists", "Lambda execution role created"),
        ("Execution role discussed", "Role of the lead created"),
        names=_ROLE_NAME,
    ),
    Rule(
        "role that is for something",
        rf"IAM (?:\w+ )?role for (?P<role>(?!the team)[\w ./-]+?)(?:{MADE}|{IS_SET})",
        _ROLE,
        "there, not: what it may do",
        ("IAM role for ECS task execution created", "IAM role for GitHub Actions created"),
        ("IAM role for the team planned", "Role for the actor created"),
        names=_ROLE_NAME,
    ),
    Rule(
        "identity of GitHub Actions",
        rf"(?:GitHub(?: Actions)? |AWS |IAM )*OIDC(?: identity)? provider{IS_SET}(?: for GitHub(?: Actions)?)?",
        aws(
            "iam",
            "list_open_id_connect_providers",
            "OpenIDConnectProviderList[?ends_with(Arn, 'token.actions.githubusercontent.com')].Arn",
            "present",
        ),
        f"{THERE}; for GitHub Actions alone",
        ("OIDC provider configured for GitHub Actions", "GitHub OIDC provider created"),
        ("OIDC provider chosen", "OIDC explained"),
        around=r"(?i)github",
    ),
)
