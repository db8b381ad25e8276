"""Rules for single settings of what is there already: functions, services, load balancers, names, accounts."""

from __future__ import annotations

from dataclasses import replace

from phases.checks.suggest.proposal import ARN, Name, Rule
from phases.checks.suggest.rules.entries import FUNCTION, HOLDS, LAMBDA, aws, output

_ON = r"(?: is)? (?:enabled|on|set ?up|configured|active)"
_IS_SET = r"(?:(?: is)? set to|(?: is)?:?|(?: is)? configured (?:to|as)|=) ?"
_OF_SERVICE = {
    "ecs-cluster": Name("What is the ECS cluster called?", option="--cluster"),
    "ecs-service": Name("What is the ECS service called?", option="--services", code=True),
}
_BALANCER = {
    "load-balancer-arn": Name(
        "What is the ARN of the load balancer?", option="--load-balancer-arn", code=True, pattern=ARN
    )
}

RULES = (
    Rule(
        "timeout of a function",
        rf"{LAMBDA} time-?out{_IS_SET}(?P<timeout>\d+) ?(?:s|sec|seconds?)",
        aws("lambda", "get_function_configuration", "Timeout", {"equals": "#timeout"}, FunctionName="{function}"),
        "set so, not: that it is enough",
        ("Lambda timeout set to 30 seconds", "Function timeout is 10 s"),
        ("Lambda timeout reviewed", "Session timeout set to 30 seconds", "Lambda timeout set to 5 minutes"),
        names=FUNCTION,
    ),
    Rule(
        "memory of a function",
        rf"{LAMBDA} memory(?: size)?{_IS_SET}(?P<memory>\d+) ?(?:MB|MiB)",
        aws("lambda", "get_function_configuration", "MemorySize", {"equals": "#memory"}, FunctionName="{function}"),
        "set so, not: that it is enough",
        ("Lambda memory set to 1024 MB", "Function memory: 256 MB"),
        ("Lambda memory tuned", "Cache memory set to 1024 MB", "Lambda memory set to 1 GB"),
        names=FUNCTION,
    ),
    Rule(
        "circuit breaker of a service",
        rf"(?:ECS )?(?:deployment )?circuit breaker{_ON}(?: (?:on|for) the (?:ECS )?service)?",
        aws(
            "ecs",
            "describe_services",
            "services[0].deploymentConfiguration.deploymentCircuitBreaker.enable",
            HOLDS,
            cluster="{ecs-cluster}",
            services=["{ecs-service}"],
        ),
        "on, not: that it goes back by itself (`rollback`)",
        ("Circuit breaker enabled on the service", "ECS deployment circuit breaker is on"),
        ("Circuit breaker tripped in the office", "Circuit breaker enabled in the library"),
        names=_OF_SERVICE,
    ),
    Rule(
        "container insights",
        rf"Container Insights{_ON}(?: (?:on|for) the (?:ECS )?cluster)?",
        aws(
            "ecs",
            "describe_clusters",
            "clusters[0].settings[?name=='containerInsights'].value",
            {"one-of": [["enabled"], ["enhanced"]]},
            clusters=["{ecs-cluster}"],
            include=["SETTINGS"],
        ),
        "on, not: that somebody looks at them",
        ("Container Insights enabled", "Container Insights is on for the cluster"),
        ("Insights shared with the team", "Container Insights reviewed"),
        names={"ecs-cluster": replace(_OF_SERVICE["ecs-cluster"], code=True)},
    ),
    Rule(
        "protection of a load balancer",
        rf"(?:Application |Network )?(?:ALB|NLB|load balancer) (?:has )?deletion protection(?:{_ON})?",
        aws(
            "elbv2",
            "describe_load_balancer_attributes",
            "Attributes[?Key=='deletion_protection.enabled'].Value",
            {"equals": ["true"]},
            LoadBalancerArn="{load-balancer-arn}",
        ),
        "protected from being deleted, not: from changes",
        ("Load balancer has deletion protection", "ALB deletion protection enabled"),
        ("Load balancer protected by a badge", "Deletion protection discussed"),
        names=_BALANCER,
    ),
    Rule(
        "HTTPS listener",
        r"(?:ALB |NLB |load balancer )?HTTPS listener(?: (?:is|exists|configured|created|set ?up|listens|active))*"
        r"(?: on (?:port )?443)?",
        aws(
            "elbv2",
            "describe_listeners",
            "Listeners[?Port==`443`].Protocol",
            {"contains": "HTTPS"},
            LoadBalancerArn="{load-balancer-arn}",
        ),
        "it listens, not: with which certificate",
        ("HTTPS listener on port 443", "ALB HTTPS listener configured"),
        ("Listener joined the call", "HTTPS listener on port 8443"),
        names=_BALANCER,
    ),
    Rule(
        "password policy",
        r"(?:AWS )?(?:IAM |account )password policy(?: is)? (?:set|configured|in place|enabled|exists?)",
        aws("iam", "get_account_password_policy", "PasswordPolicy.MinimumPasswordLength", {"at-least": 8}),
        "there, with eight characters at least, not: what else it asks",
        ("IAM password policy set", "Account password policy is configured"),
        ("Password policy read", "IAM password policy discussed"),
    ),
    Rule(
        "second factor of root",
        r"root (?:account|user)(?: has)? MFA(?: is)?(?: enabled| on| active)?|MFA(?: is)? (?:enabled|on) (?:for|on) "
        r"(?:the )?(?:AWS )?root(?: account| user)?",
        aws("iam", "get_account_summary", "SummaryMap.AccountMFAEnabled", {"equals": 1}),
        "on, not: which device",
        ("Root account has MFA", "MFA enabled for the root user"),
        ("Root cause has been found", "MFA enabled for all users", "Root account locked away"),
    ),
    Rule(
        "failover of a cache",
        rf"(?:ElastiCache |Redis )?replication group (?:has )?(?:automatic )?failover(?:{_ON})?",
        aws(
            "elasticache",
            "describe_replication_groups",
            "ReplicationGroups[0].AutomaticFailover",
            {"equals": "enabled"},
            ReplicationGroupId="{replication-group}",
        ),
        "on, not: that a failover works",
        ("ElastiCache replication group has automatic failover", "Replication group failover enabled"),
        ("Failover of the replication group rehearsed", "Replication lag watched"),
        names={
            "replication-group": Name(
                "What is the id of the replication group?", option="--replication-group-id", code=True
            )
        },
    ),
    Rule(
        "record of a name",
        r"(?P<type>(?-i:A|AAAA|MX|CNAME|TXT|NS|CAA))(?: DNS)? records?(?: for)? (?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)+)"
        r"(?: (?:is|are))? (?:set|exists?|created|published|in place|configured)"
        r"|(?P<type2>(?-i:CNAME|MX)) (?P<host2>[a-z0-9-]+(?:\.[a-z0-9-]+)+) (?:exists|is set|set|created)",
        {"command": {"run": "dig +short $type$type2 $host$host2", "changes": True}, "expect": {"matches": ".+"}},
        "there, as this machine's resolver has it, not: that it is the right one",
        ("MX records for bakery.acme-shop.com set", "CNAME `assets.acme-shop.com` exists"),
        ("Broken records for vinyl.com set", "MX records reviewed", "A record week was had"),
        context="operations",
    ),
    Rule(
        "service account",
        r"service ?accounts?(?: (?:is|are))? (?:present|created|exists?|applied|in place|configured)",
        output("kubectl get serviceaccount {service-account} -n {namespace} -o json", "metadata.name", "present"),
        "there, not: what it may do",
        ("Service account `gateway` exists", "ServiceAccount created"),
        ("Service account closed by the bank", "Service accounts reviewed"),
        context="kubernetes",
        names={
            "namespace": Name("Which namespace?", option="-n"),
            "service-account": Name("What is the service account called?", code=True),
        },
    ),
    Rule(
        "replicas of a deployment",
        r"deployment has "
        r"(?P<count>\d+) (?:replicas? (?:available|ready|running)|(?:available|ready|running) replicas?)",
        output(
            "kubectl get deployment {deployment} -n {namespace} -o json",
            "status.availableReplicas",
            {"at-least": "#count"},
        ),
        "so many are available now, not: for how long",
        ("Deployment `gateway` has 3 replicas available", "Deployment has 2 ready replicas"),
        ("Deployment has 3 steps", "Deployment `gateway` needs 3 replicas"),
        context="kubernetes",
        names={
            "namespace": Name("Which namespace?", option="-n"),
            "deployment": Name("What is the deployment called?", code=True),
        },
    ),
)
