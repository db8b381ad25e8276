"""Rules for AWS: services that run an application by themselves, mail, scans, and what a cluster's identity needs."""

from __future__ import annotations

from phases.checks.suggest.proposal import Name, Rule
from phases.checks.suggest.rules.entries import MADE, THERE, aws, command

_REPOSITORY = {
    "repository": Name(
        "What is the repository called?", option="--repository-name", code=True, pattern=r"[a-z0-9][\w./-]*"
    ),
    "image-tag": Name("Which tag has the image?", option="--image-tag"),
}
_EB = {
    "eb-environment": Name("What is the Elastic Beanstalk environment called?", option="--environment-name", code=True)
}

RULES = (
    Rule(
        "application of Elastic Beanstalk",
        rf"(?:AWS )?(?:Elastic ?Beanstalk|EB) application{MADE}",
        aws(
            "elasticbeanstalk",
            "describe_applications",
            "Applications[].ApplicationName",
            {"contains": "{eb-application}"},
        ),
        "there, not: that an environment runs it",
        ("Elastic Beanstalk application created", "EB application deployed"),
        ("EB application reviewed", "Application created"),
        names={
            "eb-application": Name(
                "What is the Elastic Beanstalk application called?", option="--application-name", code=True
            )
        },
    ),
    Rule(
        "environment of Elastic Beanstalk",
        rf"(?:AWS )?(?:(?:Elastic ?Beanstalk|EB) )?environment(?:{MADE}| (?:is |status |health )*(?:green|healthy|ok))",
        aws(
            "elasticbeanstalk",
            "describe_environments",
            "Environments[].{s: Status, h: Health}",
            {"contains": {"s": "Ready", "h": "Green"}},
            EnvironmentNames=["{eb-environment}"],
        ),
        "ready and green, not: which version it runs",
        ("Elastic Beanstalk environment created", "EB environment is green", "Elastic Beanstalk environment ready"),
        ("Environment of the team is healthy and well", "EB environment chosen"),
        names=_EB,
        around=r"Beanstalk|\bEB\b",
    ),
    Rule(
        "sender of mail",
        r"(?:(?:Amazon |AWS )?SES )(?:sender |domain |email |identity |sender email |email address )*(?:is "
        r"|has been )?verified"
        r"|(?:SES )?(?:sender|domain) (?:identity|email)(?: is)? verified in SES",
        aws(
            "sesv2",
            "get_email_identity",
            "VerifiedForSendingStatus",
            {"equals": True},
            EmailIdentity="{mail-identity}",
        ),
        "verified, not: out of the sandbox",
        ("SES email verified", "SES domain verified", "SES sender identity verified"),
        ("Email verified", "SES limits verified by support"),
        names={"mail-identity": Name("Which address or domain sends the mail?", code=True, pattern=r"\S+\.\S+")},
    ),
    Rule(
        "scan of an image",
        r"(?:ECR )?(?:container )?image (?:vulnerability )?scan(?: (?:is|was|has))? (?:complete[d]?|finished|done)",
        aws(
            "ecr",
            "describe_image_scan_findings",
            "imageScanStatus.status",
            {"one-of": ["COMPLETE", "ACTIVE"]},
            repositoryName="{repository}",
            imageId={"imageTag": "{image-tag}"},
        ),
        "it was scanned, not: that nothing was found",
        ("ECR image scan completed", "ECR image scan finished"),
        ("Image scanned on paper", "Image scan planned"),
        names=_REPOSITORY,
        around=r"\bECR\b",
    ),
    Rule(
        "identity of an EKS cluster",
        r"(?:Amazon |AWS )?EKS cluster(?: (?:is|has|with|and))*(?: an?)? (?:OIDC|IRSA)(?: identity)?(?: provider)?"
        r"(?: (?:is )?(?:configured|enabled|associated|set ?up))?",
        aws(
            "iam",
            "list_open_id_connect_providers",
            "OpenIDConnectProviderList[?ends_with(Arn, '/id/{oidc-issuer-id}')].Arn",
            "present",
        ),
        "IAM knows the cluster's issuer, not: which roles trust it",
        ("EKS cluster with OIDC provider configured", "EKS cluster has OIDC provider"),
        ("EKS cluster with options", "OIDC provider chosen"),
        names={"oidc-issuer-id": Name("What is the id at the end of the OIDC issuer's URL of the EKS cluster?")},
    ),
    Rule(
        "policies of a user",
        r"(?:IAM |custom |required |managed )*polic(?:y|ies)(?: (?:is|are))? attached to (?:the )?(?:IAM )?user",
        aws("iam", "list_attached_user_policies", "AttachedPolicies[].PolicyName", "present", UserName="{iam-user}"),
        "some policy is attached, not: which, and what it allows",
        ("Managed policies attached to the IAM user", "IAM policies attached to the user"),
        ("Policy attached to the mail", "Policies reviewed"),
        names={"iam-user": Name("What is the IAM user called?", option="--user-name", code=True)},
        around=r"\b(?:[Uu]sers?)\b(?!.*\b[Rr]oles?\b)",
    ),
    Rule(
        "locked objects",
        r"(?:Amazon |AWS )?S3 (?:buckets? )?(?:has )?object lock(?: (?:is )?(?:enabled|on|configured))?",
        aws(
            "s3",
            "get_object_lock_configuration",
            "ObjectLockConfiguration.ObjectLockEnabled",
            {"equals": "Enabled"},
            Bucket="{bucket}",
        ),
        "on, not: for how long",
        ("S3 object lock enabled", "S3 bucket has object lock"),
        ("Lock of the object enabled", "S3 object lock considered"),
        names={"bucket": Name("Which bucket?", option="--bucket", code=True)},
    ),
    Rule(
        "words left in the code",
        r"(?:no|(?:check for|remove)(?: all| any)?) ?(?P<word>console\.log|print"
        r"|debugger)s?(?: statements?| calls?)?(?: (?:left|remaining|remain|removed))?"
        r"(?: (?:in|from) (?:the )?(?:production |source )?(?:code|build|codebase))?",
        command("test -d {source-directory} && ! grep -rqF -- '$word' {source-directory}", changes=True),
        "those words are in no file of it, not: that nothing else is logged",
        ("No console.log in production code", "No console.log statements", "Remove console.logs"),
        ("No console errors", "No print in the papers"),
        context="operations",
        names={"source-directory": Name("In which directory is the code?")},
    ),
    Rule(
        "network of Docker",
        r"(?:(?:docker|monitoring|compose|bridge|overlay) )+network(?: (?:is|has been))? (?:created|exists?|present"
        r"|there)",
        command("docker network inspect {docker-network}", changes=True),
        THERE,
        ("Docker network created", "Docker network `shop` exists"),
        ("Network of friends created", "Docker network drawn"),
        context="operations",
        names={"docker-network": Name("What is the Docker network called?", code=True)},
        around=r"(?i)docker",
    ),
    Rule(
        "merge conflicts",
        r"no (?:unresolved )?merge conflicts?(?: (?:left|remaining|with (?:main|master)))?(?<!with main)"
        r"(?<!with master)",
        {"command": {"run": "git ls-files --unmerged"}, "expect": {"equals": ""}},
        "none is open here, not: that a merge would have none",
        ("No merge conflicts", "No unresolved merge conflicts"),
        ("No merge yet", "Merge conflicts explained"),
        context="any",
        firm=True,
    ),
    Rule(
        "templates of Terraform",
        r"terraform validate(?: (?:completed?|passes|passed|succeeds|succeeded|successful(?:ly)?|is clean))",
        command("terraform validate", changes=True),
        "well-formed, not: that it can be applied",
        ("terraform validate passes", "terraform validate completed"),
        ("Terraform validated by the team", "terraform plan completed"),
        context="any",
    ),
    Rule(
        "path of metrics",
        r"(?:[\w-]+ ){0,2}(?:exposes|serves|answers(?: at| on)?) (?P<path>/[\w/.-]+)(?: (?:endpoint|route|page))?",
        command("curl -fsS -o /dev/null {base-url}$path"),
        "it answers without an error now, not: with the right content",
        ("Backend exposes `/metrics` endpoint", "App serves `/healthz`"),
        ("Backend exposes too much", "App serves `/healthz` to nobody but friends"),
        context="operations",
        names={"base-url": Name("What is the base URL? (https://shop.example.com)")},
    ),
)
