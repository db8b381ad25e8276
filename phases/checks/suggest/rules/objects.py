"""Rules for Kubernetes: single objects, by their names, and what they are set to."""

from __future__ import annotations

from phases.checks.suggest.proposal import Name, Rule
from phases.checks.suggest.rules.entries import HOLDS, IS_SET, THERE, called, objects_by_name, output, some_and_none

_SPACE = {"namespace": Name("Which namespace?", option="-n")}
_NAME = Name("What is the {} called?", group="kind", code=True)
# how people call a kind -> what kubectl calls it
_KINDS = (
    ("hpa", r"(?:HPA|Horizontal ?Pod ?Autoscaler|autoscaler)"),
    ("pdb", r"(?:PDB|Pod ?Disruption ?Budget)"),
    ("networkpolicy", r"network ?policy"),
    ("ingress", r"ingress(?: resource)?"),
    ("cronjob", r"cron ?job"),
    ("statefulset", r"stateful ?set"),
    ("daemonset", r"daemon ?set"),
    ("pvc", r"(?:PVC|persistent ?volume ?claim)"),
    ("clusterissuer", r"cluster ?issuer"),
    ("servicemonitor", r"(?:prometheus )?service ?monitor"),
    ("rolebinding", r"role ?binding"),
    ("limitrange", r"limit ?range"),
)


def _get(kind: str) -> str:
    return f"kubectl get {kind} {{{kind}}} -n {{namespace}} -o json"


def _named(kind: str) -> dict[str, Name]:
    return {**_SPACE, kind: Name(f"What is the {kind} called?", code=True)}


def _is_there(kind: str, words: str) -> Rule:
    """The rule for one object of this kind, which the item names."""
    shown = words.split("|")[0].strip("(?:)").replace(" ?", "").replace("(?:", "")
    shown = {"clusterissuer": "cluster issuer", "servicemonitor": "ServiceMonitor"}.get(kind, shown)
    return Rule(
        f"named {kind}",
        rf"(?:kubernetes |k8s )?{words}{IS_SET}",
        output(_get(kind), "metadata.name", "present"),
        THERE,
        (f"{shown} `shop` exists", f"{shown} `shop` created"),
        (f"{shown} `shop` reviewed", f"{shown} of the team created"),
        context="kubernetes",
        names=_named(kind),
        named=True,
    )


_DEPLOYED = (
    "status.observedGeneration==metadata.generation && spec.replicas > `0` && status.availableReplicas==spec.replicas"
    " && status.updatedReplicas==spec.replicas"
)
_CONTAINERS = "spec.template.spec.containers"
_ALL_CONTAINERS = "items[].spec.template.spec.containers[]"
_DONE = (
    r"(?: (?:is|has|was))?(?: successfully)? (?:complete[d]?|finished|succeeded|done|rolled out|available|ready"
    r"|healthy)"
)

RULES = (
    Rule(
        "rollout of one deployment",
        rf"(?:(?:rollout of|deployment)(?: deployment)?|rollout)(?: status)?{_DONE}(?: and (?:ready|healthy|stable))?",
        output(_get("deployment"), _DEPLOYED, HOLDS),
        "as many replicas as asked, all of the newest, not: that they answer right",
        ("Rollout of `shop-worker` complete", "Deployment `shop` is available", "`shop` rollout finished"),
        ("Rollout of `shop` planned", "Deployment `shop` of the week done by Ada"),
        context="kubernetes",
        names=_named("deployment"),
        named=True,
    ),
    Rule(
        "ready pods of a set",
        r"stateful ?set(?: (?:has|is|with|at))* (?P<ready>\d+)(?:/\d+| of \d+)? (?:pods? |replicas? )?(?:ready|running)"
        r"(?: (?:pods?|replicas?))?",
        output(_get("statefulset"), "status.readyReplicas", {"at-least": "#ready"}),
        "so many are ready now, not: for how long",
        ("StatefulSet `redis` has 3 of 3 pods ready", "StatefulSet `redis` 3/3 ready"),
        ("StatefulSet `redis` has 3 owners", "Set of 3 ready"),
        context="kubernetes",
        names=_named("statefulset"),
        named=True,
    ),
    Rule(
        "one on every node",
        r"daemon ?set(?: is)? (?:scheduled|running|ready|available|deployed) on (?:every|all|each) (?:worker )?nodes?",
        output(
            _get("daemonset"),
            "status.numberReady > `0` && status.numberReady==status.desiredNumberScheduled",
            HOLDS,
        ),
        "ready wherever it should run, not: on nodes that it leaves out",
        ("DaemonSet `fluent-bit` running on all nodes", "DaemonSet `fluent-bit` scheduled on every node"),
        ("DaemonSet `fluent-bit` considered", "Agents running on all nodes"),
        context="kubernetes",
        names=_named("daemonset"),
        named=True,
        firm=True,
    ),
    Rule(
        "job that ended",
        rf"(?:[a-z]+ )?job{_DONE}",
        output(_get("job"), "status.succeeded", {"at-least": 1}),
        "it ended well once, not: what it did",
        ("Job `shop-migrate` completed", "Migration job `shop-migrate` completed", "Job `seed` succeeded"),
        ("Job `seed` reviewed", "Job well done"),
        context="kubernetes",
        names=_named("job"),
        named=True,
    ),
    Rule(
        "probes of one deployment",
        r"(?:(?:readiness|liveness|startup|health)(?:,? (?:and|&) |/|, )?)+ ?(?:probes?)(?: (?:is|are))? (?:configured"
        r"|set|defined|enabled|in place)",
        output(
            _get("deployment"),
            some_and_none(_CONTAINERS, f"{_CONTAINERS}[?!(readinessProbe) || !(livenessProbe)]"),
            HOLDS,
        ),
        "each container of it has both, not: that they ask the right thing",
        ("Readiness and liveness probes configured for `shop`", "Liveness and readiness probes set on `shop`"),
        ("Readiness probes of `shop` discussed", "Liveness `probe` considered"),
        context="kubernetes",
        names=_named("deployment"),
        named=True,
    ),
    Rule(
        "pinned images",
        r"(?:all )?(?:container )?images?(?: (?:is|are))? (?:pinned|referenced) by digest(?:,? not"
        r" (?:by )?(?:tag|latest))?|(?:all )?(?:containers|deployments) (?:use|reference) images by digest",
        output(
            "kubectl get deployments -n {namespace} -o json",
            some_and_none(_ALL_CONTAINERS, f"{_ALL_CONTAINERS} | [?!contains(image, '@sha256:')]"),
            HOLDS,
        ),
        "each names a digest, not: that it is the right one",
        ("Images pinned by digest", "All images are pinned by digest, not latest"),
        ("Images of the shop pinned to the board", "Image digests discussed"),
        context="kubernetes",
        names=_SPACE,
    ),
    Rule(
        "no image without a tag",
        r"no (?:containers?|pods?|deployments?|images?|workloads?) (?:uses?|using|with|runs?|tagged)(?: the)?"
        r"(?: image)?(?: tag)? latest(?: tag| images?)?|no latest(?: image)? tags?(?: used| in use)?|(?:all )?"
        r"(?:container )?images? (?:are |is )?(?:tagged|use[sd]?)(?: with)? (?:specific|semantic|explicit|immutable"
        r"|version(?:ed)?) (?:versions?|(?:image )?tags?|version tags?)",
        output(
            "kubectl get deployments -n {namespace} -o json",
            some_and_none(
                _ALL_CONTAINERS, f"{_ALL_CONTAINERS} | [?ends_with(image, ':latest') || !contains(image, ':')]"
            ),
            HOLDS,
        ),
        "each names a tag that is not latest, not: that it never moves",
        ("No containers use the `latest` tag", "No `latest` tags"),
        ("No latest news", "No containers use too much memory"),
        context="kubernetes",
        names=_SPACE,
    ),
    Rule(
        "release of a chart",
        r"(?:helm )?release(?: (?:is|status is|has status|status))* (?:deployed|healthy|installed)",
        {
            "command": {"run": "helm status {release-name} -n {namespace} -o json", "changes": True},
            "expression": "info.status",
            "expect": {"equals": "deployed"},
        },
        "installed by Helm without an error, not: that it works",
        ("Helm release `shop` deployed", "Release `shop` status is deployed"),
        ("Release `shop` announced", "Helm release notes written"),
        context="kubernetes",
        names={**_SPACE, "release-name": Name("What is the Helm release called?", code=True)},
        named=True,
    ),
    Rule(
        "secret of a namespace",
        rf"(?:kubernetes |k8s |TLS |image pull |registry )*secret{IS_SET}",
        {
            "command": {"run": "kubectl get secret {secret-name} -n {namespace} -o name", "changes": True},
            "expect": {"contains": "secret/"},
        },
        "there by its name, not: its values, which are not read",
        ("Secret `shop-db` present", "TLS secret `shop-tls` exists in namespace `shop`"),
        ("Secret kept", "Secret `shop-db` rotated"),
        context="kubernetes",
        names={**_SPACE, "secret-name": Name("What is the secret called?", code=True)},
        named=True,
    ),
    Rule(
        "bounds of an autoscaler",
        r"(?:HPA|Horizontal ?Pod ?Autoscaler|autoscaler)(?: (?:has|is|with|set to|scales|configured))*:? min"
        r"(?:imum)?(?: replicas)?:? (?P<min>\d+)"
        r",? (?:and )?max(?:imum)?(?: replicas)?:? (?P<max>\d+)(?: replicas)?",
        output(_get("hpa"), "spec.{min: minReplicas, max: maxReplicas}", {"equals": {"min": "#min", "max": "#max"}}),
        "these bounds, not: by what it scales",
        ("HPA `shop` min 3 max 10", "HPA has min 2 and max 8 replicas"),
        ("HPA min and max agreed", "Meeting min 3 max 10"),
        context="kubernetes",
        names=_named("hpa"),
    ),
    Rule(
        "disruptions allowed",
        r"(?:PDBs?|Pod ?Disruption ?Budgets?) allows? (?:at least )?(?:one|1|a) disruptions?",
        output(
            "kubectl get pdb -n {namespace} -o json",
            some_and_none("items", "items[?!(status.disruptionsAllowed > `0`)]"),
            HOLDS,
        ),
        "each allows one now, not: that all workloads have one",
        ("PodDisruptionBudget allows one disruption", "PDB allows at least 1 disruption"),
        ("PDB allows no mistakes", "Budget allows one disruption"),
        context="kubernetes",
        names=_SPACE,
    ),
    Rule(
        "address of one ingress",
        r"ingress has (?:an? )?(?:external )?(?:IP|address|hostname)(?: address)?(?: assigned)?",
        output(_get("ingress"), "status.loadBalancer.ingress", "present"),
        "it has an address, not: that something answers there",
        ("Ingress `shop` has an address", "Ingress `shop` has an external IP"),
        ("Ingress `shop` has owners", "Ingress `shop` has an open question"),
        context="kubernetes",
        names=_named("ingress"),
        named=True,
    ),
    Rule(
        "volume claim bound",
        r"(?:PVC|persistent ?volume ?claim)(?: is)? bound",
        output(_get("pvc"), "status.phase", {"equals": "Bound"}),
        "bound, not: that it has room",
        ("PersistentVolumeClaim `shop-data` bound", "PVC `shop-data` is bound"),
        ("PVC `shop-data` backed up", "Bound PVC pipes"),
        context="kubernetes",
        names=_named("pvc"),
        named=True,
    ),
    Rule(
        "default storage class",
        r"storage ?class (?:is )?(?:the )?(?:default|set as default)",
        output(
            "kubectl get storageclass {storageclass} -o json",
            'metadata.annotations."storageclass.kubernetes.io/is-default-class"',
            {"equals": "true"},
        ),
        "marked as the default, not: that no other is",
        ("StorageClass `fast` is the default", "Storage class is default"),
        ("Storage class chosen", "Class is default"),
        context="kubernetes",
        names={"storageclass": Name("What is the storage class called?", code=True)},
    ),
    Rule(
        "cron job that runs",
        r"cron ?job(?: is)? (?:not suspended|active|scheduled and active|unsuspended)",
        output(_get("cronjob"), "spec.suspend", {"equals": False}),
        "it may start, not: that it ended well",
        ("CronJob `reindex` not suspended", "CronJob `reindex` is unsuspended"),
        ("CronJob not written", "Job not suspended"),
        context="kubernetes",
        names=_named("cronjob"),
    ),
    Rule(
        "crash loops",
        r"no (?:pods? )?(?:(?:is|are|in|with) )*(?:a )?(?:CrashLoopBackOff|crash ?loops?)(?: pods?| state| status)?"
        r"|no crash(?:ing|[- ]?looping) pods?",
        output(
            "kubectl get pods -n {namespace} -o json",
            some_and_none("items", "items[?status.containerStatuses[?state.waiting.reason=='CrashLoopBackOff']]"),
            HOLDS,
        ),
        "some pods are there, and none waits for that reason now, not: that none did",
        ("No pods in CrashLoopBackOff", "No crashing pods"),
        ("No pods yet", "No crash barriers"),
        context="kubernetes",
        names=_SPACE,
    ),
    Rule(
        "pending pods",
        r"no (?:pods? )?(?:(?:is|are|in|with) )*(?:a )?pending(?: state| status| pods?)?",
        output(
            "kubectl get pods -n {namespace} -o json",
            some_and_none("items", "items[?status.phase=='Pending']"),
            HOLDS,
        ),
        "some pods are there, and none is pending now, not: that all are ready",
        ("No pending pods", "No pods in Pending"),
        ("No pending questions", "Pods pending review"),
        context="kubernetes",
        names=_SPACE,
    ),
    Rule(
        "quota",
        rf"resource ?quotas?{IS_SET}",
        objects_by_name("resourcequota", "quotas"),
        "each of these is there, not: as somebody wants it",
        ("ResourceQuota set", "Resource quotas configured"),
        ("Quota agreed", "Resource quotas discussed"),
        context="kubernetes",
        names={**_SPACE, "quotas": called("quotas")},
    ),
    Rule(
        "add-on of a cluster",
        r"(?P<addon>cert-manager|ingress-nginx|metrics-server|external-dns|cluster-autoscaler|external-secrets|velero"
        r"|argocd"
        r"|keda)(?: (?:pods?|controller|deployment))?(?: (?:is|are))? (?:running|ready|healthy|installed|deployed|up)"
        r"(?: (?:and"
        r" (?:running|healthy|ready)|in [\w-]+|in the cluster))?",
        output(
            "kubectl get deployments -A -o json",
            "items[?contains(metadata.name, '$addon') && status.availableReplicas > `0`].metadata.name",
            "present",
        ),
        "a replica of it is available, not: in which version, and not that it does its work",
        ("cert-manager running in `cert-manager`", "metrics-server installed", "external-dns is deployed and running"),
        ("cert-manager upgraded", "velero considered"),
        context="kubernetes",
    ),
    Rule(
        "default deny",
        r"(?:network ?polic(?:y|ies) )?default[- ]deny(?: network ?polic(?:y|ies))?" + IS_SET,
        output(
            "kubectl get networkpolicies -n {namespace} -o json",
            "items[?spec.podSelector==`{}` && contains(spec.policyTypes, 'Ingress') && !(spec.ingress)].metadata.name",
            "present",
        ),
        "one selects every pod and lets nothing in, not: what others let in",
        ("NetworkPolicy default deny in place", "Default-deny network policy applied"),
        ("Default deny discussed", "Deny by default"),
        context="kubernetes",
        names=_SPACE,
    ),
    # what is set comes before what is there
    *(_is_there(kind, words) for kind, words in _KINDS),
)
