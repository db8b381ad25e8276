"""Rules for AWS: what services of ECS, load balancers and groups of instances are set to."""

from __future__ import annotations

from phases.checks.suggest.proposal import ARN, Name, Rule
from phases.checks.suggest.rules.entries import HOLDS, IS_SET, aws, some_and_none
from state.json_values import Json

_ON = r"(?: (?:is|are))? (?:enabled|on|active|configured|set ?up|set|in place)"
_ECS = {
    "ecs-cluster": Name("What is the ECS cluster called?", option="--cluster"),
    "ecs-service": Name("What is the ECS service called?", option="--services", code=True),
}
_TASKS = {"task-definition": Name("What is the task definition called?", option="--task-definition", code=True)}
_TARGETS = {
    "target-group-arn": Name(
        "What is the ARN of the target group?", option="--target-group-arn", code=True, pattern=ARN
    )
}
_BALANCER = {
    "load-balancer-arn": Name(
        "What is the ARN of the load balancer?", option="--load-balancer-arn", code=True, pattern=ARN
    )
}
_SCALING = {
    "auto-scaling-group": Name("What is the Auto Scaling group called?", option="--auto-scaling-group-name", code=True)
}
_ALB = r"(?:(?:application )?load balancer|(?-i:ALB|NLB|ELB))"


def _of_service(name: str, head: str, expression: str, expect: Json, unproved: str, words: tuple[str, ...]) -> Rule:
    """A rule for one service of ECS; `words`: two examples, then counter-examples."""
    check = aws("ecs", "describe_services", expression, expect, cluster="{ecs-cluster}", services=["{ecs-service}"])
    return Rule(name, head, check, unproved, words[:2], words[2:], names=_ECS, around=r"(?i)\becs\b|fargate")


def _of_scaling(name: str, head: str, expression: str, expect: Json, unproved: str, words: tuple[str, ...]) -> Rule:
    """A rule for one Auto Scaling group; `words`: two examples, then counter-examples."""
    check = aws(
        "autoscaling",
        "describe_auto_scaling_groups",
        f"AutoScalingGroups[0].{expression}",
        expect,
        AutoScalingGroupNames=["{auto-scaling-group}"],
    )
    return Rule(name, head, check, unproved, words[:2], words[2:], names=_SCALING)


_GROUP = r"(?:auto[- ]?scaling group |ASG )"

RULES = (
    _of_service(
        "ECS service of a desired count",
        r"ECS service(?: (?:is|has been))?(?: (?:created|deployed|configured|running))?"
        r" with (?:a )?desired (?:task )?count"
        r"(?: (?:of|is))?:? ?(?:= ?)?(?P<count>\d+)(?: tasks?)?",
        "services[0].desiredCount",
        {"equals": "#count"},
        "so many are wanted, not: that they run",
        (
            "ECS service created with desired count = 3",
            "ECS service deployed with desired count of 2",
            "ECS service created with tasks",
            "Service with desired count = 3 drawn",
        ),
    ),
    _of_service(
        "so many tasks of a service",
        r"(?:all )?(?P<count>\d+) (?:ECS |Fargate )tasks? (?:are |is )?running",
        "services[0].runningCount",
        {"equals": "#count"},
        "so many run now, not: that each is healthy",
        ("All 3 ECS tasks running", "2 Fargate tasks running", "3 tasks of the team running", "3 ECS tasks defined"),
    ),
    Rule(
        "user of a task",
        r"(?:all )?ECS tasks? definitions? (?:runs?|running|is|are|configured)(?: to run)? as (?:a )?non-?root"
        r"(?: users?)?",
        aws(
            "ecs",
            "describe_task_definition",
            some_and_none(
                "taskDefinition.containerDefinitions",
                "taskDefinition.containerDefinitions[?!user || user=='root' || user=='0' || starts_with(user, 'root:')"
                " || starts_with(user, '0:')]",
            ),
            HOLDS,
            taskDefinition="{task-definition}",
        ),
        "each container of one definition names another user than root; one that leaves it to the image is not taken",
        ("ECS task definition runs as non-root user", "ECS task definition configured to run as non-root"),
        ("ECS tasks run as non-root users", "Containers run as non-root users"),
        names=_TASKS,
    ),
    Rule(
        "health check of a task",
        r"ECS (?:task |container )health ?check path(?: is)?:? (?P<path>/[\w/.-]*)",
        aws(
            "ecs",
            "describe_task_definition",
            "join(' ', taskDefinition.containerDefinitions[].healthCheck.command[])",
            {"contains": "$path"},
            taskDefinition="{task-definition}",
        ),
        "a container's own check has this path in it, not: that it answers",
        ("ECS task health check path: `/health`", "ECS container health check path is /ready"),
        ("ECS health check passes", "Health check path: `/health`"),
        names=_TASKS,
    ),
    Rule(
        "path of a target group's health check",
        rf"(?:{_ALB}|target group)(?:'s)? health ?check path(?: (?:is|set to))?:? (?P<path>/[\w/.-]*)",
        aws(
            "elbv2",
            "describe_target_groups",
            "TargetGroups[0].HealthCheckPath",
            {"equals": "$path"},
            TargetGroupArns=["{target-group-arn}"],
        ),
        "asked on this path, not: that it answers",
        ("ALB health check path: `/health`", "Target group health check path set to /ready"),
        ("ALB health check passes", "Health check path documented"),
        names=_TARGETS,
    ),
    Rule(
        "redirect of a load balancer",
        rf"{_ALB} (?:redirects? HTTP to HTTPS|HTTP(?: to | ?-> ?|/)HTTPS redirect(?:ion)?{_ON}"
        rf"|HTTPS redirect(?:ion)?{_ON})|HTTP to HTTPS redirect(?:ion)?{_ON} (?:on|at) (?:the )?{_ALB}",
        aws(
            "elbv2",
            "describe_listeners",
            "Listeners[?Port==`80`].DefaultActions[].RedirectConfig.Protocol",
            {"contains": "HTTPS"},
            LoadBalancerArn="{load-balancer-arn}",
        ),
        "port 80 redirects by default, not: for each rule of it",
        ("ALB redirects HTTP to HTTPS", "ALB HTTPS redirect enabled"),
        ("HTTP redirect explained", "ALB redirect loops fixed"),
        names=_BALANCER,
    ),
    Rule(
        "TLS of a load balancer",
        rf"{_ALB} (?:uses |enforces |requires |has |with )?(?:TLS|minimum TLS(?: version)?) ?v?1\.2(?:\+| or (?:higher"
        r"|later|above)| minimum)?(?: only)?",
        aws(
            "elbv2",
            "describe_listeners",
            some_and_none(
                "Listeners[?Protocol=='HTTPS' || Protocol=='TLS']",
                "Listeners[?(Protocol=='HTTPS' || Protocol=='TLS') && !(contains(SslPolicy, 'TLS-1-2')"
                " || contains(SslPolicy, 'TLS13-1-2') || contains(SslPolicy, 'TLS13-1-3'))]",
            ),
            HOLDS,
            LoadBalancerArn="{load-balancer-arn}",
        ),
        "each encrypted listener has a policy of 1.2 or newer, by its name; not: with which ciphers",
        ("ALB uses TLS 1.2+ only", "Load balancer enforces TLS 1.2 or higher"),
        ("ALB uses TLS", "TLS 1.2 explained"),
        names=_BALANCER,
    ),
    Rule(
        "certificate of a load balancer",
        rf"(?:(?:ACM|SSL|TLS|SSL/TLS|HTTPS) )+certificate (?:is )?(?:attached|added|associated|configured|assigned)"
        rf"(?: (?:to|with|on|for) (?:the )?{_ALB}(?: listener)?)|{_ALB} (?:has )?(?:(?:ACM|SSL|TLS|SSL/TLS|HTTPS) )+"
        rf"certificate (?:attached|configured|added)",
        aws(
            "elbv2",
            "describe_listeners",
            "Listeners[].Certificates[].CertificateArn",
            "present",
            LoadBalancerArn="{load-balancer-arn}",
        ),
        "a listener has one, not: which, and not that it is valid",
        ("SSL certificate attached to ALB", "ALB SSL certificate configured"),
        ("SSL certificate ordered for the ALB", "Certificate of the load test attached"),
        names=_BALANCER,
    ),
    Rule(
        "listener of a load balancer",
        rf"{_ALB} listeners?{IS_SET}",
        aws("elbv2", "describe_listeners", "Listeners[].Port", "present", LoadBalancerArn="{load-balancer-arn}"),
        "there is one, not: on which port, and not where it leads",
        ("ALB listener created", "Load balancer listeners configured"),
        ("Listeners of the podcast created", "ALB listener rules reviewed"),
        names=_BALANCER,
    ),
    Rule(
        "so many zones of a load balancer",
        rf"{_ALB} (?:(?:is |spans |in |across |deployed |covers )*)(?:at least )?(?P<count>\d)"
        r" (?:availability zones?|AZs)",
        aws(
            "elbv2",
            "describe_load_balancers",
            "length(LoadBalancers[0].AvailabilityZones)",
            {"at-least": "#count"},
            LoadBalancerArns=["{load-balancer-arn}"],
        ),
        "it has so many, not: that targets run in each",
        ("ALB spans 2 availability zones", "ALB deployed across 3 AZs"),
        ("ALB spans regions", "2 availability zones chosen"),
        names=_BALANCER,
    ),
    _of_scaling(
        "health checks of a scaling group",
        rf"{_GROUP}(?:ELB health checks?{_ON}|health checks? (?:enabled )?from (?:the )?(?:ELB|ALB|load balancer)"
        rf"(?: enabled)?|health check type:? ELB)",
        "HealthCheckType",
        {"equals": "ELB"},
        "it believes the load balancer, not: that instances are healthy",
        (
            "Auto Scaling Group ELB health checks enabled",
            "ASG health check type: ELB",
            "Health checks enabled",
            "ASG health explained",
        ),
    ),
    _of_scaling(
        "targets of a scaling group",
        rf"{_GROUP}attach(?:ed)? to (?:an? |the |existing )*(?:{_ALB}|target group)",
        "TargetGroupARNs",
        "present",
        "it registers its instances with some target group, not: with which",
        (
            "Auto Scaling Group attached to load balancer",
            "ASG attached to the target group",
            "Attached to the load balancer",
            "ASG attached to nothing",
        ),
    ),
    Rule(
        "target tracking",
        rf"{_GROUP}target[- ]tracking(?: scaling)?(?: polic(?:y|ies))?(?:{IS_SET})?"
        rf"|{_GROUP}scaling polic(?:y|ies){IS_SET}",
        aws(
            "autoscaling",
            "describe_policies",
            "ScalingPolicies[?Enabled].PolicyName",
            "present",
            AutoScalingGroupName="{auto-scaling-group}",
        ),
        "it has a policy that is on, not: at which load it grows",
        ("Auto Scaling Group target tracking scaling policy", "ASG scaling policies configured"),
        ("Scaling policy configured", "ASG scaling policy agreed"),
        names=_SCALING,
    ),
    *(
        Rule(
            f"port open to another group{how}",
            rf"security group (?:inbound|ingress)?(?: rules?)?:? ?(?:allow )?{port}(?: traffic)? (?:open )?"
            r"from (?:the )?(?P<source>(?!the\b)[\w-]+(?: [\w-]+){0,2}?) (?:SG|security group)(?: only)?",
            aws(
                "ec2",
                "describe_security_groups",
                "SecurityGroups[0].IpPermissions[?FromPort <= `$port` && ToPort >= `$port`].UserIdGroupPairs[].GroupId",
                {"contains": "{source-group}"},
                GroupIds=["{security-group}"],
            ),
            "open to this group, not: that it is closed to others",
            words,
            ("Security group reviewed", "Security group inbound: HTTP (80) from anywhere", "Port 80 from the ALB SG"),
            names={
                "security-group": Name(
                    "What is the id of the security group?", option="--group-ids", code=True, pattern=r"sg-[0-9a-f]+"
                ),
                "source-group": Name("What is the id of the group that is let in ({})?", group="source"),
            },
            remark=remark,
        )
        for how, port, remark, words in (
            (
                ", its number in brackets",
                r"[A-Za-z]\w*",
                r"^(?:port )?(?P<port>\d{2,5})$",
                (
                    "Security group inbound: HTTP (80) from Load Balancer SG",
                    "Security group allow Redis (6379) from app SG",
                ),
            ),
            (
                "",
                r"(?:TCP )?port (?P<port>\d{2,5})",
                r"^(?:TCP)?$",
                ("Security group port 5432 from ECS security group", "Security group inbound: port 8080 from ALB SG"),
            ),
        )
    ),
)
