"""Rules for Kubernetes: all objects of a kind in a namespace, and what each container of it is set to."""

from __future__ import annotations

from phases.checks.suggest.proposal import Entry, Name, Rule
from phases.checks.suggest.rules.entries import HOLDS, IS_SET, objects_by_name, output, some_and_none

_SPACE = {"namespace": Name("Which namespace?", option="-n")}
_READY = "status.conditions[?type=='Ready'] | [0].status"
_ARE = r"(?: (?:is|are|all))*"


def _all_of(kind: str, wrong: str, some: str = "items") -> Entry:
    """There are some of this kind in the namespace, and none of them is wrong."""
    run = f"kubectl get {kind} -n {{namespace}} -o json"
    entry = output(run, some_and_none(some, wrong), HOLDS)
    return entry if "secret" not in kind else {**entry, "command": {"run": run, "changes": True}}


def _rule(name: str, head: str, check: Entry, unproved: str, words: tuple[str, ...], *, around: str = "") -> Rule:
    return Rule(
        name,
        rf"(?:all |each |every )?{head}",
        check,
        unproved,
        words[:2],
        words[2:],
        context="kubernetes",
        names=_SPACE,
        around=around,
    )


_CONTAINERS = "items[].spec.template.spec.containers[]"

RULES = (
    Rule(
        "config maps there",
        rf"(?:all |each |every )?config ?maps{IS_SET}",
        objects_by_name("configmaps", "config-maps"),
        "each of these is there, not: its values",
        ("ConfigMaps applied", "All ConfigMaps created", "ConfigMaps `shop` and `shop-env` created"),
        ("Config of maps created", "ConfigMaps reviewed"),
        context="kubernetes",
        names={**_SPACE, "config-maps": Name("What are the ConfigMaps called, with spaces between them?", many=True)},
    ),
    _rule(
        "address of load balancers",
        r"load ?balancer(?: services?)?(?: (?:has|have|got))(?: an?)? (?:external|public)? ?(?:IP|address|hostname)s?"
        r"(?: address(?:es)?)?(?: assigned)?|external (?:IP|address)(?:es)? (?:is |are )?(?:assigned|available)"
        r"(?: (?:to|for) (?:the )?(?:load ?balancer|service)s?)?",
        _all_of(
            "services",
            "items[?spec.type=='LoadBalancer' && !(status.loadBalancer.ingress)]",
            "items[?spec.type=='LoadBalancer']",
        ),
        "each has one, not: that something answers there",
        (
            "LoadBalancer service has external IP",
            "Load balancer has an external address",
            "Load balancer has owners",
            "External IP planned",
        ),
    ),
    _rule(
        "stateful sets ready",
        rf"stateful ?sets{_ARE} (?:ready|running|healthy|available)",
        _all_of("statefulsets", "items[?status.readyReplicas!=spec.replicas]"),
        "as many pods as asked are ready, not: for how long",
        ("StatefulSets ready", "All StatefulSets are running", "StatefulSets resized", "Sets ready"),
    ),
    _rule(
        "jobs that ended",
        r"(?:(?:kubernetes|k8s|migration|database migrations?|init) )*jobs?(?: (?:has|have|is|are))?(?: successfully)?"
        r" (?:complete[d]?|finished|succeeded)(?: successfully)?",
        _all_of("jobs", "items[?!(status.succeeded >= `1`)]"),
        "each job that is there ended well once, not: what it did",
        ("Jobs completed successfully", "Database migrations job completed", "Jobs advertised", "Job well done"),
    ),
    _rule(
        "containers without root",
        r"(?:containers?|pods?|workloads?)(?: (?:run|runs|running|are running))(?: as)? (?:a )?non-?root(?: users?)?"
        r"|non-?root (?:containers?|users?)(?: (?:is|are))? (?:enforced|configured|used|enabled)|run(?:ning)? as"
        r" non-?root(?: user)?",
        _all_of(
            "deployments",
            "items[?!(spec.template.spec.securityContext.runAsNonRoot)"
            " && spec.template.spec.containers[?!(securityContext.runAsNonRoot)]]",
        ),
        "each deployment says so of its pods or containers, not: as whom they run",
        (
            "Containers run as non-root",
            "All containers running as non-root user",
            "Containers rerouted",
            "Users are not rooted",
        ),
    ),
    _rule(
        "file systems that are only read",
        r"read-?only root file ?systems?(?: (?:is|are))?(?: (?:enabled|configured|set|enforced|used|in place))?"
        r"(?: (?:for|on) (?:all )?containers)?",
        _all_of("deployments", f"{_CONTAINERS} | [?!(securityContext.readOnlyRootFilesystem)]", _CONTAINERS),
        "each container says so, not: that it needs nothing to write to",
        (
            "Read-only root filesystem",
            "Read-only root file system enabled",
            "Read-only access discussed",
            "Root file system read",
        ),
    ),
    _rule(
        "no more privileges",
        r"(?:no )?privilege escalation(?: (?:is))?(?: (?:disabled|disallowed|prevented|blocked|off))"
        r"|no privilege escalation(?: allowed)?|allowPrivilegeEscalation(?:: | ?= ?| is | set to )false",
        _all_of("deployments", f"{_CONTAINERS} | [?securityContext.allowPrivilegeEscalation!=`false`]", _CONTAINERS),
        "each container says so, not: of pods that no deployment has",
        (
            "Privilege escalation disabled",
            "No privilege escalation",
            "Privilege escalation explained",
            "Escalation path disabled",
        ),
    ),
    _rule(
        "certificates of cert-manager",
        rf"(?:TLS |SSL )?certificates{_ARE} (?:ready|issued)(?: by cert-manager)?|(?:TLS |SSL )?certificates? issued by"
        r" cert-manager",
        _all_of("certificates", f"items[?!({_READY} == 'True')]"),
        "each that cert-manager has is ready, not: that it is the one in use",
        (
            "Certificates are ready",
            "TLS certificate issued by cert-manager",
            "Certificates of the course ready",
            "Certificates ordered",
        ),
        around="",
    ),
    _rule(
        "endpoints of services",
        r"services(?: (?:has|have|with))?(?: healthy| ready| active)? endpoints",
        _all_of("endpoints", "items[?!(subsets[].addresses[])]"),
        "somebody is behind each, not: that they answer",
        (
            "All services have endpoints",
            "Services have ready endpoints",
            "Services have owners",
            "Endpoints deprecated",
        ),
    ),
    _rule(
        "secrets from elsewhere",
        rf"external ?secrets{_ARE} (?:synced|synchronized|ready|in sync)",
        _all_of("externalsecrets", f"items[?!({_READY} == 'True')]"),
        "each is synced now, not: their values, which are not read",
        ("External secrets synced", "ExternalSecrets are ready", "External secrets kept", "Secrets synced by mail"),
    ),
    Rule(
        "volumes bound",
        rf"(?:all )?(?:persistent ?volumes|PVs)(?: \(PVs\))?{_ARE} bound",
        output("kubectl get pv -o json", some_and_none("items", "items[?status.phase!='Bound']"), HOLDS),
        "each is, not: that they have room",
        ("PersistentVolumes bound", "All persistent volumes are bound"),
        ("Volumes bound in leather", "Persistent volumes backed up"),
        context="kubernetes",
    ),
    Rule(
        "context of kubectl by its name",
        r"(?:kubectl |kube(?:config)? )context(?: (?:is|set|points|pointing|to|switched))+ (?:the )?"
        r"(?P<name>[a-z0-9]+(?:[-_.:/@]+[\w.:/@-]*\w))(?: cluster| context)?",
        {"command": {"run": "kubectl config current-context", "changes": True}, "expect": {"equals": "$name"}},
        "this machine's kubectl is there now, not: that it may do what is needed",
        ("kubectl context is `prod-eu`", "kubectl context set to `arn:aws:eks:eu-west-1:123456789012:cluster/shop`"),
        ("kubectl context is production", "kubectl context is well-known to everybody"),
        context="kubernetes",
    ),
    Rule(
        "context of kubectl",
        r"(?:kubectl |kube(?:config)? )context(?: (?:is|set|points|pointing|to|switched))+ (?:the )?"
        r"(?P<cluster>production|prod|staging|target|right|correct|new|[a-z][\w-]*)(?: cluster| context)?",
        {
            "command": {"run": "kubectl config current-context", "changes": True},
            "expect": {"equals": "{kube-context}"},
        },
        "this machine's kubectl is there now, not: that it may do what is needed",
        ("kubectl context is set to production", "kubectl context points to the right cluster"),
        ("Context of the talk set", "kubectl context explained"),
        context="kubernetes",
        names={"kube-context": Name("What is the context of kubectl called?", code=True)},
    ),
    Rule(
        "application of Argo CD",
        r"Argo ?CD app(?:lication)?s?(?: status)?(?: (?:is|are|shows?|in))*(?: (?:synced|healthy|and|&|,))+",
        output(
            "kubectl get applications.argoproj.io {argocd-application} -n {argocd-namespace} -o json",
            "status.[sync.status, health.status]",
            {"equals": ["Synced", "Healthy"]},
        ),
        "in step with its repository and healthy now, not: with the newest commit",
        ("ArgoCD application synced", "Argo CD app is healthy and synced"),
        ("ArgoCD application written", "ArgoCD explained"),
        context="kubernetes",
        names={
            "argocd-application": Name("What is the Argo CD application called?", code=True),
            "argocd-namespace": Name("In which namespace is Argo CD?"),
        },
    ),
    Rule(
        "administrator of a cluster",
        r"kubectl(?: is)? (?:configured|set ?up|working)? ?(?:with|has) (?:cluster[- ])?admin(?:istrator)?"
        r" (?:access|rights|permissions|privileges)(?: (?:to|on|for) (?:the )?cluster)?",
        {
            "command": {"run": "kubectl auth can-i '*' '*' --all-namespaces", "changes": True},
            "expect": {"matches": "yes\\s*"},
        },
        "this machine's kubectl may do everything there, not: that it is the right cluster",
        ("kubectl configured with cluster admin access", "kubectl has admin access to the cluster"),
        ("kubectl access explained", "Admin access to the cluster revoked"),
        context="kubernetes",
    ),
)
