"""Rules for Kubernetes: what a rollout's list has: claims, services, secrets, controllers, releases."""

from __future__ import annotations

from phases.checks.suggest.proposal import Name, Rule
from phases.checks.suggest.rules.entries import (
    HOLDS,
    IS_SET,
    THERE,
    aws,
    command,
    objects_by_name,
    output,
    some_and_none,
)

_SPACE = {"namespace": Name("Which namespace?", option="-n")}
_READY = "status.conditions[?type=='Ready'] | [0].status"
_WORKLOAD = (
    r"(?P<workload>backend|frontend|API|web|worker|gateway|scheduler|redis|postgres(?:ql)?|mysql|mongo(?:db)?|kafka"
    r"|rabbitmq"
    r"|elasticsearch|minio|nginx|keycloak)"
)


def _some(name: str, kind: str, head: str, unproved: str, words: tuple[str, ...], *, spaced: bool = True) -> Rule:
    """A rule for the objects of one kind being there, each by its name."""
    named = f"{name.removesuffix(' there').lower().replace(' ', '-')}-by-name"
    asked = {named: Name(f"What are the {name.removesuffix(' there')} called, with spaces between them?", many=True)}
    return Rule(
        name,
        rf"(?:All |required )?(?:kubernetes |k8s )?{head}",
        objects_by_name(kind, named, spaced=spaced),
        unproved,
        words[:2],
        words[2:],
        context="kubernetes",
        names={**_SPACE, **asked} if spaced else asked,
    )


RULES = (
    _some(
        "volume claims",
        "pvc",
        rf"(?:persistent volume claims?|PVCs?)(?: \(PVCs?\))?{IS_SET}",
        "there, not: bound",
        ("PVCs created", "Persistent volume claims applied", "PVCs planned", "Claims created"),
    ),
    _some(
        "volumes there",
        "pv",
        rf"(?:persistent volumes|PVs)(?: \(PVs\))?{IS_SET}",
        "there, not: that they have room",
        ("PVs created", "Persistent volumes created", "Volumes of the encyclopedia created", "PVs counted"),
        spaced=False,
    ),
    _some(
        "services there",
        "services",
        rf"(?:(?:kubernetes|k8s) services|services? (?:objects|resources|manifests)){IS_SET}",
        "there, not: that somebody is behind them",
        ("Kubernetes services created", "Kubernetes services deployed", "Services deployed", "Services planned"),
    ),
    *(
        _some(
            f"{kind} there",
            kind.lower(),
            rf"{words}{IS_SET}",
            THERE,
            (f"{one} created", f"{one} applied", f"{one} reviewed", f"{one} explained"),
        )
        for kind, words, one in (
            ("PrometheusRules", "PrometheusRules?", "PrometheusRule"),
            ("VirtualServices", "VirtualServices?", "VirtualService"),
            ("DestinationRules", "DestinationRules?", "DestinationRule"),
            ("AuthorizationPolicies", "AuthorizationPolic(?:y|ies)", "AuthorizationPolicy"),
            ("PeerAuthentications", "PeerAuthentications?", "PeerAuthentication"),
        )
    ),
    _some(
        "roles of RBAC",
        "roles",
        rf"RBAC roles?{IS_SET}",
        "some are there, not: who has them, and what they may do",
        ("RBAC roles created", "RBAC role defined", "RBAC roles reviewed", "Roles created"),
    ),
    _some(
        "bindings of roles",
        "rolebindings",
        rf"RBAC (?:(?:policies|policy|rules|permissions|manifests?|resources|roles and bindings"
        rf"|roles and rolebindings)){IS_SET}",
        "some role is bound, not: to whom, and what it may do",
        ("RBAC manifests applied", "RBAC policies configured", "RBAC reviewed", "RBAC explained"),
    ),
    _some(
        "storage classes",
        "storageclass",
        rf"storage ?class(?:es)?{IS_SET}",
        THERE,
        ("Storage class available", "StorageClass configured", "Storage class chosen", "Class available"),
        spaced=False,
    ),
    _some(
        "classes of ingress",
        "ingressclass",
        rf"ingress[- ]class{IS_SET}",
        "one is registered, not: that it answers",
        (
            "Ingress class installed",
            "Ingress class present",
            "Ingress controller chosen",
            "Controller installed",
        ),
        spaced=False,
    ),
    Rule(
        "secrets there",
        rf"(?:All |required )?(?:kubernetes |k8s |application |database )?secrets{IS_SET}(?: in (?:the )?cluster)?|"
        rf"(?:kubernetes|k8s) secret{IS_SET}",
        {
            "command": {
                "run": 'sh -c \'test -n "$1" && for each in $1; do'
                ' kubectl get secret "$each" -n "$2" -o name || exit 1; done\' _'
                " {secret-names} {namespace}",
                "changes": True,
            },
            "expect": {"contains": "secret/"},
        },
        "each of these is there by its name, not: its values, which are not read",
        ("Secrets applied", "Kubernetes secrets created"),
        ("Secrets rotated", "Secrets kept"),
        context="kubernetes",
        names={
            **_SPACE,
            "secret-names": Name("What are the Kubernetes secrets called, with spaces between them?", many=True),
        },
    ),
    Rule(
        "number of nodes",
        r"(?:(?:the )?(?:cluster )?(?:has |with )?)?(?:at least|minimum(?: of)?|min) (?P<count>\d+) "
        r"(?:worker )?nodes?(?: for [\w -]+)?"
        r"(?: (?:in (?:the )?cluster|ready|running|available|are ready))*",
        output(
            "kubectl get nodes -o json",
            f"length(items[?{_READY} == 'True'])".replace("status.conditions", "status.conditions"),
            {"at-least": "#count"},
        ),
        "so many are ready now, not: that they have room",
        ("Minimum 3 nodes in cluster", "At least 2 worker nodes ready"),
        ("Minimum 3 notes in the file", "At least 2 nodes of the graph drawn"),
        context="kubernetes",
    ),
    Rule(
        "storage class by its name",
        rf"(?P<storageclass>[a-z][a-z0-9]*(?:-[a-z0-9]+)+|gp[23]|standard) storage ?class{IS_SET}",
        output("kubectl get storageclass -o json", "items[].metadata.name", {"contains": "$storageclass"}),
        THERE,
        ("fast-ssd storage class available", "gp3 storage class configured"),
        ("fast-ssd storage class chosen", "first class available"),
        context="kubernetes",
    ),
    _some(
        "accounts of services",
        "serviceaccounts",
        rf"service ?accounts{IS_SET}",
        "there, not: what they may do",
        (
            "All service accounts created",
            "Kubernetes ServiceAccounts configured",
            "Service accounts reviewed",
            "Accounts created",
        ),
    ),
    _some(
        "roles of a namespace",
        "roles",
        rf"roles{IS_SET}",
        "there, not: what they allow",
        ("Roles created", "Kubernetes roles applied", "Roles of the team planned", "Roles reviewed"),
    ),
    _some(
        "monitors of services",
        "servicemonitors -A",
        rf"service ?monitors?(?: CRDs?| resources)?{IS_SET}(?: for [\w -]+)?",
        "some are there, not: that Prometheus reads them",
        (
            "ServiceMonitors configured",
            "ServiceMonitor CRDs are configured",
            "Service monitors read",
            "Monitors bought",
        ),
        spaced=False,
    ),
    Rule(
        "replicas of every deployment",
        r"(?:all|every|each|critical) (?:critical )?(?:services?|deployments?|workloads?|pods?)(?: (?:have|has|run"
        r"|runs|with))?(?: at least| a minimum of| minimum)? (?P<count>\d+)\+? replicas?"
        r"(?: (?:for [\w -]+|running|ready|configured))?",
        output(
            "kubectl get deployments -n {namespace} -o json",
            some_and_none("items", "items[?!(status.availableReplicas >= `$count`)]"),
            HOLDS,
        ),
        "so many of each are available now, not: for how long",
        ("All services have at least 2 replicas", "Every deployment has 3 replicas"),
        ("All services have owners", "All services need 2 reviews"),
        context="kubernetes",
        names=_SPACE,
    ),
    Rule(
        "spread of pods",
        r"(?:pod )?anti[- ]affinity(?: rules?)?(?: (?:is|are))? (?:configured|set|defined|in place|prevents? [\w -]+)",
        output(
            "kubectl get deployments -n {namespace} -o json",
            some_and_none("items", "items[?!(spec.template.spec.affinity.podAntiAffinity)]"),
            HOLDS,
        ),
        "each deployment has a rule, not: the right one",
        ("Pod anti-affinity configured", "Anti-affinity rules prevent pods from running on same node"),
        ("Affinity of the team set", "Anti-affinity discussed"),
        context="kubernetes",
        names=_SPACE,
    ),
    Rule(
        "secrets to pull images",
        rf"image ?pull ?secrets?{IS_SET}",
        output(
            "kubectl get deployments -n {namespace} -o json",
            some_and_none("items", "items[?!(spec.template.spec.imagePullSecrets)]"),
            HOLDS,
        ),
        "each deployment names one, not: that it opens the registry",
        ("Image pull secrets configured", "ImagePullSecrets are set"),
        ("Image pulled", "Pull secrets discussed"),
        context="kubernetes",
        names=_SPACE,
    ),
    Rule(
        "groups of nodes",
        r"(?:EKS )?(?:managed )?node ?groups(?: (?:are|have been))? (?:created|deployed|exists?|present|provisioned"
        r"|configured)",
        aws("eks", "list_nodegroups", "nodegroups", {"contains-each": "{node-groups}"}, clusterName="{eks-cluster}"),
        "each of these is there, not: that their nodes are ready",
        ("EKS node groups created", "EKS managed node groups exist"),
        ("Node groups sized", "Groups created"),
        context="aws",
        names={
            "eks-cluster": Name("What is the EKS cluster called?", option="--name", code=True),
            "node-groups": Name("What are the node groups called, with spaces between them?", many=True),
        },
        around=r"(?i)\beks\b",
    ),
    Rule(
        "node group",
        r"(?:EKS )?(?:managed )?node ?group(?: (?:is|has been))?(?: (?:status|created and|in))?"
        r" (?:created|active|running|healthy|ready|provisioned|deployed)",
        aws(
            "eks",
            "describe_nodegroup",
            "nodegroup.status",
            {"equals": "ACTIVE"},
            clusterName="{eks-cluster}",
            nodegroupName="{node-group}",
        ),
        "active, not: that each of its nodes is ready",
        ("EKS node group created", "EKS managed node group active"),
        ("Node group sized", "Group created"),
        context="aws",
        names={
            "eks-cluster": Name("What is the EKS cluster called?", option="--name", code=True),
            "node-group": Name("What is the node group called?", option="--nodegroup-name"),
        },
        around=r"(?i)\beks\b",
    ),
    Rule(
        "cluster answers",
        r"(?:(?:kubernetes|k8s|k3s|minikube|kind|target) )?cluster(?: (?:is|status|access))? (?:(?:installed|up"
        r"|created|provisioned) and )?"
        r"(?:running|accessible|reachable|up|healthy|ready|provisioned|available|operational)(?: and (?:accessible"
        r"|running|ready|healthy))?",
        output("kubectl get nodes -o json", some_and_none("items", f"items[?!({_READY} == 'True')]"), HOLDS),
        "its nodes are ready now, not: that it is the right cluster",
        ("Kubernetes cluster running", "k3s cluster installed and running", "Cluster is accessible"),
        ("Cluster of grapes ready to eat", "Cluster upgraded", "Redis cluster running"),
        context="kubernetes",
    ),
    Rule(
        "kubectl reaches the cluster",
        r"kubectl(?: is)?(?: installed and)? (?:configured|working|connected|set ?up|authenticated)(?: (?:and|,) ?"
        r"(?:working|connected|authenticated))?"
        r"(?: (?:to|for|with) (?:access )?(?:to )?(?:the )?(?:\w+ )?cluster(?: access)?)?|kubectl "
        r"(?:can )?(?:access|connects? to|has access to) (?:the )?cluster",
        command("kubectl cluster-info", changes=True),
        "some cluster answers, not: the right one",
        ("kubectl configured and working", "kubectl configured to access the cluster", "kubectl can access cluster"),
        ("kubectl installed", "kubectl explained"),
        context="any",
        firm=True,
    ),
    Rule(
        "restarts",
        r"no (?:unexpected |recent )?(?:pods?|containers?) (?:restarts?|restarting)|(?:all )?pods? (?:have|has|with"
        r"|show(?:s|ing)?) (?:no|zero|0) restarts?|no restarts?",
        output(
            "kubectl get pods -n {namespace} -o json",
            some_and_none("items", "items[?status.containerStatuses[?restartCount > `0`]]"),
            HOLDS,
        ),
        "some pods are there, and no container of theirs was restarted, not: of pods before them",
        ("No pod restarts", "Pods have no restarts"),
        ("No restarts of the project", "Pods restarted"),
        context="kubernetes",
        names=_SPACE,
    ),
    Rule(
        "issuers of certificates",
        r"(?:(?:certificate|cluster|cert-manager|Let's Encrypt) ?)+issuers?(?: (?:is|are))? (?:configured|created"
        r"|ready|applied|set ?up|installed)",
        output("kubectl get clusterissuer -o json", some_and_none("items", f"items[?!({_READY} == 'True')]"), HOLDS),
        "ready, not: that a certificate was issued",
        ("Certificate issuer configured", "ClusterIssuer created"),
        ("Issuer of the card blocked", "Certificate issuer chosen"),
        context="kubernetes",
    ),
    Rule(
        "workload by what it does",
        rf"{_WORKLOAD}(?: (?:service|server|database|cache|broker))?(?: (?:deployment|stateful ?set|pods?"
        rf"|replicas?))?(?: (?:is|are))?"
        r" (?:deployed|running|ready|healthy)(?: and (?:running|ready|healthy))?(?: in (?:the )?cluster)?",
        output(
            "kubectl get deployments,statefulsets -n {namespace} -o json",
            "items[?metadata.name=='{workload}' && status.readyReplicas==spec.replicas].metadata.name",
            "present",
        ),
        "as many replicas are ready as asked, not: that they answer right",
        ("Redis deployed", "Backend deployment running", "PostgreSQL StatefulSet ready"),
        ("Redis considered", "Backend running late", "Backend deployed by hand"),
        context="kubernetes",
        names={**_SPACE, "workload": Name("Which deployment or stateful set is {}?", group="workload", code=True)},
    ),
    Rule(
        "release by Helm",
        r"helm (?:chart|release)s?(?: (?:is|has been|was))?(?: successfully)? (?:deployed|installed)"
        r"(?: successfully)?",
        {
            "command": {"run": "helm status {release-name} -n {namespace} -o json", "changes": True},
            "expression": "info.status",
            "expect": {"equals": "deployed"},
        },
        "installed by Helm without an error, not: that it works",
        ("Helm chart deployed", "Helm release installed successfully"),
        ("Helm chart written", "Helm release announced", "Helm release upgraded"),
        context="kubernetes",
        names={**_SPACE, "release-name": Name("What is the Helm release called?", code=True)},
    ),
)
