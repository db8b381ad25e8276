"""Rules for Kubernetes: what a namespace, an ingress, a container is set to; whether kubectl may act."""

from __future__ import annotations

from phases.checks.suggest.proposal import Entry, Name, Rule
from phases.checks.suggest.rules.entries import HOLDS, IS_SET, called, command, output, some_and_none

_SPACE = {"namespace": Name("Which namespace?", option="-n")}
_INGRESSES = {**_SPACE, "ingresses": called("ingresses")}
_ON = r"(?: (?:is|are))? (?:enabled|configured|set ?up|set|enforced|active|applied|on|in place)"
_IN_INGRESS = r"(?: (?:in|on|for) (?:the )?(?:nginx )?ingress(?:es)?(?: annotations?| resources?)?)"


def _annotated(condition: str) -> Entry:
    """Each of the ingresses that are asked for has an annotation for which this holds."""
    return output(
        "kubectl get ingress -n {namespace} -o json",
        f"items[?{condition}].metadata.name",
        {"contains-each": "{ingresses}"},
    )


_REDIRECTS = " || ".join(
    f"metadata.annotations.\"{name}\"=='{value}'"
    for name, value in (
        ("nginx.ingress.kubernetes.io/ssl-redirect", "true"),
        ("nginx.ingress.kubernetes.io/force-ssl-redirect", "true"),
        ("alb.ingress.kubernetes.io/ssl-redirect", "443"),
    )
)
_LIMITS = " || ".join(
    f'metadata.annotations."nginx.ingress.kubernetes.io/limit-{name}"' for name in ("rps", "rpm", "connections")
)
_ALL_CONTAINERS = "items[].spec.template.spec.containers[]"
_CLUSTER = r"(?:(?:kubernetes|k8s|EKS|k3s|target) )?cluster"
_ILL = (
    "items[?status.phase=='Failed' || status.containerStatuses[?state.waiting.reason=='CrashLoopBackOff'"
    " || state.waiting.reason=='Error' || state.terminated.reason=='Error']]"
)

RULES = (
    Rule(
        "standards of pod security",
        rf"pod security (?:standards?|admission)(?: \(PSS\))?{_ON}",
        output(
            "kubectl get namespace {namespace} -o json",
            'metadata.labels."pod-security.kubernetes.io/enforce"',
            "present",
        ),
        "some level is enforced in this namespace, not: which, and not in others",
        ("Pod Security Standards enabled", "Pod security standards enforced", "Pod Security Admission configured"),
        ("Pod security discussed", "Security standards enabled", "Pod security policies enabled"),
        context="kubernetes",
        names=_SPACE,
    ),
    Rule(
        "roles of service accounts",
        rf"(?:IAM roles for service accounts(?: \(IRSA\))?|IRSA(?: roles?)?|service accounts? with IAM roles?){IS_SET}",
        output(
            "kubectl get serviceaccounts -A -o json",
            'items[?metadata.annotations."eks.amazonaws.com/role-arn"]'
            ".join('/', [metadata.namespace, metadata.name])",
            {"contains-each": "{irsa-accounts}"},
        ),
        "each of these names a role, not: that it may be assumed, and what it allows",
        ("IAM roles for service accounts configured", "IRSA configured", "IRSA roles created"),
        ("IAM roles configured", "IRSA explained", "Service accounts reviewed"),
        context="kubernetes",
        names={"irsa-accounts": Name("Which service accounts have a role of IAM (each as NAMESPACE/NAME)?", many=True)},
    ),
    Rule(
        "certificate of an ingress",
        r"(?:ACM (?:TLS |SSL )?certificate(?: ARN)?|(?:TLS |SSL )?certificate ARN)(?: (?:is|has been))?"
        r"(?: (?:set|added|configured|specified))?"
        r" (?:in|to|on) (?:the )?ingress(?: annotations?| resource| manifest)?",
        _annotated('metadata.annotations."alb.ingress.kubernetes.io/certificate-arn"'),
        "each of these names a certificate of ACM, not: that it is issued and the right one",
        ("Certificate ARN in ingress", "ACM certificate ARN added to the ingress annotations"),
        ("Certificate in ingress expired", "Certificate ARN noted", "Certificate added to the ingress docs"),
        context="kubernetes",
        names=_INGRESSES,
    ),
    Rule(
        "redirect of an ingress",
        rf"(?:(?:HTTP to )?HTTPS|SSL|TLS)[- ]redirect(?: (?:is))? (?:enabled|configured|set){_IN_INGRESS}"
        rf"|ingress (?:has )?(?:SSL|HTTPS)[- ]redirect (?:enabled|configured)",
        _annotated(_REDIRECTS),
        "each of these says so by an annotation of nginx or of AWS, not: that it answers so",
        ("HTTPS redirect enabled in ingress", "SSL redirect configured in the ingress annotations"),
        ("HTTPS redirect enabled", "Redirect of the ingress discussed", "HTTPS enabled in ingress"),
        context="kubernetes",
        names=_INGRESSES,
    ),
    Rule(
        "rate limits of an ingress",
        rf"rate[- ]limit(?:s|ing)?(?: (?:is|are))? (?:enabled|configured|set){_IN_INGRESS}"
        r"|(?:nginx )?ingress rate[- ]limit(?:s|ing)? (?:enabled|configured|set)",
        _annotated(_LIMITS),
        "each of these has one by an annotation of nginx, not: the right one",
        ("Rate limiting configured in the nginx ingress", "nginx ingress rate limiting enabled"),
        ("Rate limiting configured", "Rate limits of the ingress agreed", "Ingress configured"),
        context="kubernetes",
        names=_INGRESSES,
        document=r"(?i)nginx",
    ),
    Rule(
        "autoscaler of a deployment",
        rf"(?:Horizontal ?Pod ?Autoscalers?|HPA|autoscaler)(?: \(HPA\))?{IS_SET} for (?:the )?"
        r"(?P<scaled>(?!all\b|each\b|every\b|both\b)[a-z][\w-]*)(?: (?:deployment|service|pods))?",
        output(
            "kubectl get hpa -n {namespace} -o json",
            "items[?spec.scaleTargetRef.name=='{scaled}'].metadata.name",
            "present",
        ),
        "one scales it, not: by what, and not between which bounds",
        ("HPA configured for backend", "Autoscaler created for the worker deployment"),
        ("HPA configured for all services", "HPA explained for beginners", "HPA configured for CPU and memory"),
        context="kubernetes",
        names={**_SPACE, "scaled": Name("Which deployment is {}?", group="scaled", code=True)},
    ),
    Rule(
        "settings of containers in words",
        r"(?:security ?context:? )?runAsNonRoot(?:: | ?= ?| is | set to )true",
        output(
            "kubectl get deployments -n {namespace} -o json",
            some_and_none(
                "items",
                "items[?!(spec.template.spec.securityContext.runAsNonRoot)"
                " && spec.template.spec.containers[?!(securityContext.runAsNonRoot)]]",
            ),
            HOLDS,
        ),
        "each deployment says so of its pods or containers, not: as whom they run",
        ("runAsNonRoot: true", "`runAsNonRoot: true`", "runAsNonRoot set to true"),
        ("runAsNonRoot: false", "runAsNonRoot discussed"),
        context="kubernetes",
        names=_SPACE,
    ),
    Rule(
        "file systems of containers in words",
        r"(?:security ?context:? )?readOnlyRootFilesystem(?:: | ?= ?| is | set to )true"
        r"|read-?only (?:root )?file ?systems? (?:is )?enforced",
        output(
            "kubectl get deployments -n {namespace} -o json",
            some_and_none(_ALL_CONTAINERS, f"{_ALL_CONTAINERS} | [?!(securityContext.readOnlyRootFilesystem)]"),
            HOLDS,
        ),
        "each container says so, not: that it needs nothing to write to",
        ("readOnlyRootFilesystem: true", "Read-only filesystem enforced"),
        ("readOnlyRootFilesystem: false", "Read-only filesystem discussed"),
        context="kubernetes",
        names=_SPACE,
    ),
    Rule(
        "dropped capabilities",
        r"(?:all )?(?:linux )?capabilities (?:are )?dropped(?: \(ALL\))?|drop(?:s|ped)? (?:all|ALL)"
        r" (?:linux )?capabilities",
        output(
            "kubectl get deployments -n {namespace} -o json",
            some_and_none(
                _ALL_CONTAINERS, f"{_ALL_CONTAINERS} | [?!(contains(securityContext.capabilities.drop || `[]`, 'ALL'))]"
            ),
            HOLDS,
        ),
        "each container drops all, not: that it is given none back",
        ("All capabilities dropped", "Drop all capabilities", "Linux capabilities dropped"),
        ("Capabilities of the team dropped", "Some capabilities dropped"),
        context="kubernetes",
        names=_SPACE,
    ),
    Rule(
        "pods that fail",
        r"(?=.*(?:Error|failed|ImagePull))"
        r"no (?:pods? )?(?:(?:is|are|in|with) )*(?:a )?(?:(?:CrashLoopBackOff|Error|crash ?loops?|failed"
        r"|ImagePullBackOff)(?:,? or |, | and |/)?)+(?: states?| status(?:es)?)?(?: pods)?",
        output(
            "kubectl get pods -n {namespace} -o json",
            some_and_none("items", _ILL.replace("reason=='Error'", "reason=='ImagePullBackOff'", 1)),
            HOLDS,
        ),
        "some pods are there, and none has failed or waits for that now, not: that none did",
        ("No pods in CrashLoopBackOff or Error state", "No pods in Error state"),
        ("No pods yet", "No errors in pods"),
        context="kubernetes",
        names=_SPACE,
    ),
    Rule(
        "ingress controller that is named by whoever answers",
        r"(?:an |the )?ingress[- ]controller(?: (?:is))? (?:installed|running|deployed|ready|available|configured|up)"
        r"(?: and running)?",
        output(
            "kubectl get deployments,daemonsets -A -o json",
            "items[?metadata.name=='{ingress-controller}' && (status.readyReplicas > `0` || status.numberReady > `0`)]"
            ".metadata.name",
            "present",
        ),
        "one of it is ready, not: that it answers",
        ("Ingress controller installed", "Verify ingress controller is installed", "Ingress controller is running"),
        ("Ingress controller chosen", "Controller installed"),
        context="kubernetes",
        names={"ingress-controller": Name("What is the deployment or daemon set of the ingress controller called?")},
    ),
    Rule(
        "kubectl reaches a cluster, said otherwise",
        rf"kubectl(?: is)?(?: (?:installed|configured|set ?up)(?:,| and)?)+ (?:can |able to )?(?:connect(?:s|ed)?"
        rf"|access(?:es)?|reach(?:es)?)(?: to)?(?: the| your| a)? {_CLUSTER}"
        rf"|(?:can |able to )(?:access|connect to|reach) (?:the |your )?{_CLUSTER}(?: (?:via|with|using|from) kubectl)?"
        rf"|(?:verified )?{_CLUSTER} (?:connection|connectivity|access)(?: (?:is|works|ok|verified|confirmed"
        r"|established|tested))*|cluster-info works",
        command("kubectl cluster-info", changes=True),
        "some cluster answers, not: the right one",
        (
            "kubectl is configured and can connect to the cluster",
            "Can access cluster",
            "Cluster connection verified",
        ),
        ("kubectl explained", "Can access the building", "Cluster access reviewed", "Redis cluster connection"),
        context="kubernetes",
    ),
    Rule(
        "what kubectl may make",
        r"(?:kubectl )?(?:can|able to|may|permissions? to|allowed to) create (?P<resource>namespaces|deployments"
        r"|services|secrets|configmaps|ingresses|pods|jobs|roles|clusterroles|customresourcedefinitions)"
        r"(?: in (?:the )?(?:cluster|namespace))?",
        {
            "command": {"run": "kubectl auth can-i create $resource -n {namespace}", "changes": True},
            "expect": {"matches": "yes\\s*"},
        },
        "this machine's kubectl may, not: that a quota or a policy lets it",
        ("Can create namespaces", "Permission to create deployments"),
        ("Can create value", "Create namespaces"),
        context="kubernetes",
        names=_SPACE,
        several=True,
    ),
)
