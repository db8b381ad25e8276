"""Rules for AWS: what runs in containers, and the load balancers before it."""

from __future__ import annotations

from dataclasses import replace

from phases.checks.suggest.proposal import ARN, Name, Rule
from phases.checks.suggest.rules.entries import HOLDS, IMAGE, IN_ECR, MADE, aws, some_and_none

_CLUSTER = Name("What is the ECS cluster called?", option="--cluster")
_SERVICE = Name("What is the ECS service called?", option="--services", code=True)

RULES = (
    Rule(
        "ECS service",
        r"(?:All )?(?:ECS |Fargate )?(?:(?:(?<=ECS )\w+ )?services?|tasks?)(?: (?:is|are))?"
        r" (?:running|stable|steady|at desired count)|(?:ECS )?(?:(?:service"
        r"|tasks?) )?"
        r"(?:running|desired) count (?:matches|equals) (?:the )?(?:desired|running)(?: count)?",
        aws(
            "ecs",
            "describe_services",
            some_and_none("services", "services[?runningCount!=desiredCount || desiredCount==`0`]"),
            HOLDS,
            cluster="{ecs-cluster}",
            services=["{ecs-service}"],
        ),
        "as many tasks run as are desired, not: that they are healthy behind the load balancer",
        ("ECS service running", "ECS tasks are running"),
        ("ECS tasks are healthy", "ECS service reviewed", "Fewer tasks running than desired"),
        names={"ecs-cluster": _CLUSTER, "ecs-service": _SERVICE},
        around=r"(?i)\becs\b|fargate",
    ),
    Rule(
        "ECS service with so many tasks",
        r"(?:ECS |Fargate )?service(?: (?:is|has))? (?:running|up)?(?: with| at)? ?(?P<count>\d+) (?:running )?tasks?"
        r"(?: running)?",
        aws(
            "ecs",
            "describe_services",
            "services[0].{running: runningCount, desired: desiredCount}",
            {"equals": {"running": "#count", "desired": "#count"}},
            cluster="{ecs-cluster}",
            services=["{ecs-service}"],
        ),
        "so many run now, not: that they are healthy behind the load balancer",
        ("Service `shop` running with 4 tasks", "ECS service has 2 running tasks"),
        ("Service running at 4 o'clock", "Service of 4 tasks planned"),
        names={"ecs-cluster": _CLUSTER, "ecs-service": _SERVICE},
        around=r"(?i)\becs\b|fargate",
    ),
    Rule(
        "grace period of a service",
        r"(?:ECS |Fargate )?(?:service )?health ?check grace period(?: (?:is|of|set to|at))*:? (?P<seconds>\d+) ?"
        r"(?:s|sec|seconds)",
        aws(
            "ecs",
            "describe_services",
            "services[0].healthCheckGracePeriodSeconds",
            {"equals": "#seconds"},
            cluster="{ecs-cluster}",
            services=["{ecs-service}"],
        ),
        "set so, not: that the tasks start in that time",
        ("Health check grace period set to 60s", "Health check grace period of 30 seconds on `shop`"),
        ("Grace period of the loan 30 seconds", "Health check grace period agreed"),
        names={"ecs-cluster": _CLUSTER, "ecs-service": _SERVICE},
        around=r"(?i)\becs\b|fargate",
    ),
    Rule(
        "scan on push",
        r"(?:Amazon |AWS )?ECR (?:image )?scan(?:ning)?[- ]on[- ]push(?: (?:is|for the repository))*"
        r" (?:enabled|on|configured|active)",
        aws(
            "ecr",
            "describe_repositories",
            "repositories[0].imageScanningConfiguration.scanOnPush",
            {"equals": True},
            repositoryNames=["{repository}"],
        ),
        "on, not: that somebody reads what it finds",
        ("ECR scan on push enabled for `shop`", "ECR scan-on-push is enabled"),
        ("Scan on push enabled", "ECR scan results read"),
        names={"repository": Name("What is the repository called?", option="--repository-name", code=True)},
    ),
    Rule(
        "ECS service is there",
        r"(?:ECS |Fargate )(?:\w+ )?services?(?: (?:is|are|was|has been))?(?: successfully)?"
        r" (?:created|deployed|exists?|provisioned"
        r"|in place|set ?up|configured|there)|(?:ECS |Fargate )?service(?: (?:is|in))?(?: state)? active",
        aws(
            "ecs",
            "describe_services",
            "services[0].status",
            {"equals": "ACTIVE"},
            cluster="{ecs-cluster}",
            services=["{ecs-service}"],
        ),
        "active, not: that its tasks run",
        ("ECS service created", "ECS service deployed", "ECS service is active"),
        ("ECS service limits agreed", "Service created"),
        names={"ecs-cluster": _CLUSTER, "ecs-service": _SERVICE},
        around=r"(?i)\becs\b|fargate",
    ),
    Rule(
        "ECS cluster",
        rf"(?:Amazon |AWS )?(?:ECS|Fargate) cluster{MADE}",
        aws("ecs", "describe_clusters", "clusters[0].status", {"equals": "ACTIVE"}, clusters=["{ecs-cluster}"]),
        "active, not: that something runs on it",
        ("ECS cluster created",),
        ("Cluster of bugs created", "ECS cluster sized"),
        names={"ecs-cluster": replace(_CLUSTER, code=True)},
    ),
    Rule(
        "task definition",
        r"(?:ECS )?task definitions?(?: (?:is|are))? (?:registered|created|exists|active)",
        aws(
            "ecs",
            "describe_task_definition",
            "taskDefinition.status",
            {"equals": "ACTIVE"},
            taskDefinition="{task-definition}",
        ),
        "registered, not: what it runs",
        ("Task definition registered",),
        ("Task definition of done agreed", "Task definition reviewed"),
        names={"task-definition": Name("What is the task definition called?", option="--task-definition", code=True)},
    ),
    Rule(
        "EKS cluster",
        rf"(?:Amazon |AWS )?EKS cluster{MADE}",
        aws("eks", "describe_cluster", "cluster.status", {"equals": "ACTIVE"}, name="{eks-cluster}"),
        "active, not: that its nodes are ready",
        ("EKS cluster created", "EKS cluster is active"),
        ("EKS cluster upgraded", "Cluster created"),
        names={"eks-cluster": Name("What is the EKS cluster called?", option="--name", code=True)},
    ),
    Rule(
        "registry",
        rf"(?:Amazon |AWS )?ECR (?:repository|repositories|repo){MADE}",
        aws("ecr", "describe_repositories", "repositories[].repositoryName", {"contains": "{repository}"}),
        "there, not: that it has an image",
        ("ECR repository created",),
        ("Repository created", "ECR repository cleaned"),
        names={"repository": Name("What is the repository called?", option="--repository-name", code=True)},
    ),
    Rule(
        "image of this name and tag",
        r"(?:Docker |container )?images? (?P<repository>[a-z0-9][\w./-]*):(?P<tag>[\w.-]+)(?: (?:is|has been|was))? "
        r"(?:pushed to"
        r"|available in|uploaded to|present in|exists? in|in) (?:the )?(?:Amazon |AWS )?ECR",
        aws(
            "ecr",
            "describe_images",
            "imageDetails[].imageDigest",
            "present",
            repositoryName="$repository",
            imageIds=[{"imageTag": "$tag"}],
        ),
        "there under this tag, not: built from which commit",
        ("Docker image `orders-api:1.14.0` pushed to ECR", "Image `shop/web:2.0` exists in ECR"),
        ("Docker image `orders-api:1.14.0` built", "Image of ECR drawn"),
    ),
    Rule(
        "image in the registry",
        r"(?:Docker |container )?image(?: (?:is|has been))? (?:pushed to|available in"
        r"|uploaded to"
        r"|present in|exists? in)"
        r" (?:the )?(?:Amazon |AWS )?ECR(?: repository)?(?: with (?:the |its )?(?:new |release |version )?tag)?"
        r"(?: successfully)?",
        IN_ECR,
        "there under this tag, not: built from which commit",
        ("Docker image pushed to ECR",),
        ("Docker image built", "Image of the logo uploaded"),
        names=IMAGE,
    ),
    Rule(
        "targets of a load balancer",
        r"(?:all )?(?:ECS )?(?:tasks?|targets?|instances?)(?: (?:is|are))? (?:registered|healthy|passing)(?: and "
        r"(?:healthy|passing))? (?:in|with) (?:the )?(?:ALB )?target groups?"
        r"|target groups? (?:has|have|shows?)(?: only)? healthy (?:targets?|hosts?)|(?:All )?(?:(?:ALB|NLB|ELB|load"
        r" balancer) )?target(?: group)?s?(?: targets?)?(?: health checks?)?(?: "
        r"(?:is|are|show(?:ing|s)?))?"
        r" (?:all )?(?:healthy|passing|in service)",
        aws(
            "elbv2",
            "describe_target_health",
            some_and_none("TargetHealthDescriptions", "TargetHealthDescriptions[?TargetHealth.State!='healthy']"),
            HOLDS,
            TargetGroupArn="{target-group-arn}",
        ),
        "healthy by its own check, not: that the application answers right",
        ("ALB target group healthy", "Target group targets are healthy"),
        ("Target audience healthy", "Targets met"),
        names={
            "target-group-arn": Name(
                "What is the ARN of the target group?", option="--target-group-arn", code=True, pattern=ARN
            )
        },
    ),
    Rule(
        "load balancer",
        rf"(?:Application |Network )?(?:ALB|NLB|load balancer)(?: \(ALB\))?{MADE}",
        aws(
            "elbv2",
            "describe_load_balancers",
            "LoadBalancers[0].State.Code",
            {"equals": "active"},
            Names=["{load-balancer}"],
        ),
        "active, not: that its targets are healthy",
        ("ALB created", "Application Load Balancer is active"),
        ("Load balanced work plan created", "Load balancer chosen"),
        names={"load-balancer": Name("What is the load balancer called?", option="--names", code=True)},
    ),
    Rule(
        "auto scaling group",
        rf"(?:EC2 )?Auto ?Scaling groups?(?: \(ASG\))?{MADE}",
        aws(
            "autoscaling",
            "describe_auto_scaling_groups",
            some_and_none("AutoScalingGroups", "AutoScalingGroups[?length(Instances) < DesiredCapacity]"),
            HOLDS,
            AutoScalingGroupNames=["{auto-scaling-group}"],
        ),
        "as many instances as desired, not: that they are healthy",
        ("Auto Scaling Group configured", "Auto Scaling group created"),
        ("Auto-scaling behaviour discussed", "Scaling group therapy created"),
        names={
            "auto-scaling-group": Name(
                "What is the Auto Scaling group called?", option="--auto-scaling-group-name", code=True
            )
        },
    ),
    Rule(
        "desired count",
        r"(?:ECS )?(?:service )?(?:has )?(?:a )?desired (?:task )?count(?: (?:is|of|set to|equals))*:? (?P<count>\d+)"
        r"(?: tasks)?",
        aws(
            "ecs",
            "describe_services",
            "services[0].desiredCount",
            {"equals": "#count"},
            cluster="{ecs-cluster}",
            services=["{ecs-service}"],
        ),
        "so many are desired, not: that they run",
        ("Desired count is 3", "ECS service has desired count of 2"),
        ("Desired count agreed", "Desired head count is 3 people"),
        names={"ecs-cluster": _CLUSTER, "ecs-service": _SERVICE},
    ),
    Rule(
        "size of a task",
        r"(?:ECS )?task definition (?:uses|has|with|is|set to|requests) (?P<cpu>\d+) (?:CPU(?: units)?) (?:and|/) "
        r"(?P<memory>\d+)"
        r" (?:MB|MiB)(?: (?:of )?memory)?",
        aws(
            "ecs",
            "describe_task_definition",
            "taskDefinition.{cpu: cpu, memory: memory}",
            {"equals": {"cpu": "$cpu", "memory": "$memory"}},
            taskDefinition="{task-definition}",
        ),
        "the newest revision asks for so much, not: that it is the one that runs",
        ("Task definition `orders` uses 512 CPU and 1024 MB memory", "Task definition has 256 CPU and 512 MB memory"),
        ("Task definition uses 512 CPU", "Task definition has owners"),
        names={"task-definition": Name("What is the task definition called?", option="--task-definition", code=True)},
    ),
    Rule(
        "scaling of a service between bounds",
        r"(?:(?:ECS )?service )?auto[- ]?scaling(?: (?:is|policy|policies|target))*(?: (?:configured|set ?up|enabled"
        r"|registered|in place))?",
        aws(
            "application-autoscaling",
            "describe_scalable_targets",
            "ScalableTargets[].{min: MinCapacity, max: MaxCapacity}",
            {"contains": {"min": "#min", "max": "#max"}},
            ServiceNamespace="ecs",
            ResourceIds=["service/{ecs-cluster}/{ecs-service}"],
        ),
        "these bounds are registered, not: by what it scales",
        ("Auto scaling configured (min 3, max 12)", "Service auto scaling enabled (min: 2, max: 10)"),
        ("Auto scaling configured", "Auto scaling tested (min 3, max 12)"),
        names={"ecs-cluster": _CLUSTER, "ecs-service": _SERVICE},
        remark=r"(?i)min(?:imum)?:? ?(?P<min>\d+)(?: tasks?)?,? (?:and )?max(?:imum)?:? ?(?P<max>\d+)",
        around=r"(?i)\becs\b|fargate",
    ),
    Rule(
        "scaling of a service",
        r"(?:(?:ECS )?service )?auto[- ]?scaling(?: (?:is|policy|policies|target))* (?:configured|set ?up|enabled"
        r"|registered|in place)",
        aws(
            "application-autoscaling",
            "describe_scaling_policies",
            "ScalingPolicies[].PolicyName",
            "present",
            ServiceNamespace="ecs",
            ResourceId="service/{ecs-cluster}/{ecs-service}",
        ),
        "it has a policy by which it is scaled, not: the right one, and not between which bounds",
        ("Service auto scaling configured", "ECS service auto scaling enabled"),
        ("Auto scaling tested", "Scaling of the team set up"),
        names={"ecs-cluster": _CLUSTER, "ecs-service": _SERVICE},
        around=r"(?i)\becs\b|fargate",
    ),
)
