"""Rules for AWS: apps of Amplify, the firewall that stands before something, and what watches costs."""

from __future__ import annotations

from phases.checks.suggest.proposal import ARN, DOMAIN, Name, Rule
from phases.checks.suggest.rules.entries import IS_SET, THERE, aws
from state.json_values import Json

_ON = r"(?: (?:is|are))? (?:enabled|on|active|configured|set ?up)"
_APP = {"amplify-app-id": Name("What is the id of the Amplify app?", option="--app-id", pattern=r"d[a-z0-9]{9,}")}


def _amplify(
    name: str, head: str, call: tuple[str, str], expect: Json, unproved: str, words: tuple[str, ...],
    also: dict[str, Name] | None = None, **parameters: Json,
) -> Rule:  # fmt: skip
    """A rule for one app of Amplify; `call`: operation and expression; `words`: two examples, then counter-examples."""
    operation, expression = call
    check = aws("amplify", operation, expression, expect, appId="{amplify-app-id}", **parameters)
    return Rule(name, head, check, unproved, words[:2], words[2:], names={**_APP, **(also or {})})


RULES = (
    _amplify(
        "deployment of Amplify",
        r"Amplify (?:app |build |first |initial )*(?:deployment|build|deploy|app)(?: (?:is|was|has been))?"
        r" (?:successful|succeeded|complete[d]?|deployed|green|exists)(?: successfully)?",
        ("list_jobs", "jobSummaries[0].status"),
        {"equals": "SUCCEED"},
        "the last one of this branch succeeded, not: of which commit",
        ("Amplify deployment successful", "Amplify app deployed", "Amplify deployment planned", "Deployment succeeded"),
        also={"amplify-branch": Name("Which branch of the Amplify app?", option="--branch-name")},
        branchName="{amplify-branch}",
    ),
    _amplify(
        "branch of Amplify",
        r"Amplify (?:app )?branch "
        r"(?P<branch>(?!(?:settings|protection|strategy|polic|rules|is|was|deploy))[\w./-]+)"
        r" (?:connected|configured|deployed|created)"
        r""
        r"|(?P<branch2>(?!(?:the|a|your|each|right|correct)\b)[\w./-]+) branch connected (?:to|in) (?:AWS )?Amplify",
        ("list_branches", "branches[].branchName"),
        {"contains": "$branch_all"},
        "connected, not: that a build of it succeeded",
        (
            "Amplify branch `main` connected",
            "`main` branch connected to Amplify",
            "Amplify branch chosen",
            "Branch cut",
        ),
    ),
    _amplify(
        "domain of Amplify",
        rf"(?:custom )?domain(?: (?:is))? (?:added|configured|connected|set up) (?:in|to|with) (?:AWS )?Amplify"
        rf"(?: console)?|Amplify (?:custom )?domain(?: name)?(?:{IS_SET})"
        r"|add (?:an? |the )?(?:custom )?domain (?:in|to) (?:AWS )?Amplify(?: console)?",
        ("list_domain_associations", "domainAssociations[?domainStatus=='AVAILABLE'].domainName"),
        {"contains": "{domain}"},
        "available with its certificate, not: that DNS leads there",
        ("Amplify custom domain configured", "Custom domain added in Amplify", "Amplify domain bought", "Domain added"),
        also={"domain": Name("Which domain?", code=True, pattern=DOMAIN)},
    ),
    Rule(
        "repository of Amplify",
        r"(?:GitHub )?repository (?:is )?connected (?:to|with|in) (?:AWS )?Amplify(?: console| app)?"
        r"|connect(?:ed)? (?:the |your |a )?(?:GitHub )?repository to (?:AWS )?Amplify"
        r"|Amplify (?:app )?connected to (?:the |a )?(?:GitHub )?repository",
        aws("amplify", "list_apps", "apps[?repository].name", {"contains": "{amplify-app}"}),
        "some repository is, not: which",
        ("GitHub repository connected to Amplify", "Amplify app connected to GitHub repository"),
        ("Amplify connected people", "Repository connected"),
        names={"amplify-app": Name("What is the Amplify app called?")},
    ),
    Rule(
        "app of Amplify",
        r"(?:AWS )?Amplify (?:hosting )?app(?:lication)?(?: (?:is|was))? (?:created|set up|exists)",
        aws("amplify", "list_apps", "apps[].name", {"contains": "{amplify-app}"}),
        THERE,
        ("AWS Amplify app created", "Amplify application created"),
        ("Amplify app designed", "App created"),
        names={"amplify-app": Name("What is the Amplify app called?")},
    ),
    Rule(
        "managed rules of a firewall",
        r"(?:AWS )?WAF(?: web ACL)?(?: (?:is|are))? (?:enabled|configured) with AWS[- ]managed"
        r" rule(?:s| ?sets?| groups?)"
        r"|(?:AWS )?WAF AWS[- ]managed rules? (?:enabled|configured|attached)",
        aws(
            "wafv2",
            "get_web_acl_for_resource",
            "WebACL.Rules[].Statement.ManagedRuleGroupStatement.VendorName",
            {"contains": "AWS"},
            ResourceArn="{protected-arn}",
        ),
        "what stands before this has a group of AWS's rules, not: which, and not that it blocks",
        ("WAF enabled with AWS managed rules", "AWS WAF configured with AWS-managed rule groups"),
        ("WAF enabled with care", "Managed rules explained"),
        names={"protected-arn": Name("What is the ARN of what the firewall stands before?", code=True, pattern=ARN)},
    ),
    Rule(
        "rate rule of a firewall",
        r"(?:AWS )?WAF(?: web ACL)?(?: (?:is|are))? (?:enabled|configured)"
        r"(?: (?:on|for) (?:the )?(?:ALB|API Gateway|API))?"
        r" with rate[- ]limiting(?: rules?)?"
        r"|(?:AWS )?WAF rate[- ](?:limiting|based)(?: rules?)? (?:enabled|configured)",
        aws(
            "wafv2",
            "get_web_acl_for_resource",
            "WebACL.Rules[].Statement.RateBasedStatement.Limit",
            "present",
            ResourceArn="{protected-arn}",
        ),
        "what stands before this limits rates, not: at the right one",
        ("WAF enabled on ALB with rate limiting", "WAF rate limiting configured"),
        ("WAF enabled with care", "Rate limiting configured"),
        names={"protected-arn": Name("What is the ARN of what the firewall stands before?", code=True, pattern=ARN)},
    ),
    Rule(
        "Cost Explorer",
        rf"(?:AWS )?Cost Explorer{_ON}",
        aws(
            "ce",
            "get_cost_and_usage",
            "ResultsByTime[].TimePeriod.Start",
            "present",
            TimePeriod={"Start": "{costs-from}", "End": "{costs-until}"},
            Granularity="MONTHLY",
            Metrics=["UnblendedCost"],
        ),
        "it answers, for which AWS charges a cent; not: that somebody looks",
        ("Enable Cost Explorer", "AWS Cost Explorer enabled"),
        ("Cost Explorer explained", "Costs explored"),
        names={
            "costs-from": Name("From which day on are costs asked? (2026-01-01)"),
            "costs-until": Name("Until which day are costs asked?"),
        },
    ),
    Rule(
        "anomalies of costs",
        rf"(?:AWS )?cost anomaly (?:detection|monitor){_ON}",
        aws("ce", "get_anomaly_monitors", "AnomalyMonitors[].MonitorName", "present"),
        "there is one, not: whom it tells",
        ("Cost anomaly detection enabled", "AWS Cost Anomaly Detection configured"),
        ("Cost anomaly explained", "Anomaly detection enabled"),
    ),
)
