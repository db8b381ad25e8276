"""Rules for Kubernetes: what kubectl shows of nodes, pods, deployments and what stands beside them."""

from __future__ import annotations

from dataclasses import replace

from phases.checks.suggest.proposal import Name, Rule
from phases.checks.suggest.rules.entries import (
    HOLDS,
    IS_SET,
    THERE,
    called,
    command,
    objects_by_name,
    output,
    some_and_none,
)

_SPACE = {"namespace": Name("Which namespace?", option="-n")}
_DEPLOYMENT = {**_SPACE, "deployment": Name("What is the deployment called?", code=True)}
_CONTAINERS = "items[].spec.template.spec.containers[]"
_READY = "status.conditions[?type=='Ready'] | [0].status"


def _of(kind: str) -> str:
    return f"kubectl get {kind} -n {{namespace}} -o json"


RULES = (
    Rule(
        "nodes",
        r"(?:All )?(?:(?:cluster|worker|kubernetes|k8s) )?nodes?(?: (?:is|are))?(?: in)?(?: a)? (?:ready|healthy|up"
        r"|ready state|Ready status)(?: state| status)?",
        output("kubectl get nodes -o json", some_and_none("items", f"items[?!({_READY} == 'True')]"), HOLDS),
        "ready now, not: that they have room",
        ("All nodes ready", "Nodes are healthy"),
        ("Nodes upgraded", "Node.js ready"),
        context="kubernetes",
    ),
    Rule(
        "pods",
        r"(?:All )?(?:(?:application|app|new|kubernetes|k8s|the) )?pods?(?: (?:is|are))?(?: in)?(?: a)?(?: \d/\d)? "
        r"(?:passing readiness probes|running|ready"
        r"|healthy|up|running and ready|running/ready|Running state|Ready state)"
        r"(?: (?:and (?:healthy|ready|running|stable)|state|status|without restarts|in (?:the )?[\w-]+ namespace))?",
        output(
            _of("pods"),
            some_and_none(
                "items[?status.phase!='Succeeded']", f"items[?status.phase!='Succeeded' && !({_READY} == 'True')]"
            ),
            HOLDS,
        ),
        "ready now, not: that they stay so",
        ("All pods running", "Pods are healthy", "All pods are in Running state"),
        ("Pods deleted", "Pod limits agreed"),
        context="kubernetes",
        names=_SPACE,
    ),
    Rule(
        "pods of a name",
        r"(?:All )?(?P<pod>(?!(?:all|application|app|new|kubernetes|k8s|the|system|no|old|failed|each|every"
        r"|verify|check"
        r"|ensure|confirm|and)\b)[A-Za-z][\w-]+) pods?(?: (?:is|are))?(?: in)?(?: a)?"
        r" (?:running|ready|healthy|up|running and ready|Running state|Ready state)",
        output(
            "kubectl get pods -A -l {selector} -o json",
            some_and_none(
                "items[?status.phase!='Succeeded']", f"items[?status.phase!='Succeeded' && !({_READY} == 'True')]"
            ),
            HOLDS,
        ),
        "ready now, those with these labels, not: that they stay so",
        ("Backend pods running", "Cilium pods running"),
        ("Old pods running", "Backend pods deleted", "Pods running"),
        context="kubernetes",
        names={**_SPACE, "selector": Name("Which labels do the {} pods have? (app=shop)", group="pod")},
    ),
    Rule(
        "pods of the system",
        r"(?:All )?(?:system|kube-system|core) pods?(?: (?:is|are))?(?: in)?(?: a)?"
        r" (?:running|ready|healthy|up|running and ready|Running state|Ready state)",
        output(
            "kubectl get pods -n kube-system -o json",
            some_and_none(
                "items[?status.phase!='Succeeded']", f"items[?status.phase!='Succeeded' && !({_READY} == 'True')]"
            ),
            HOLDS,
        ),
        "ready now, not: that they stay so",
        ("All system pods running", "System pods are healthy"),
        ("System pods deleted", "System limits agreed"),
        context="kubernetes",
    ),
    Rule(
        "deployment",
        r"(?:(?:All )?(?:kubernetes |k8s )?(?:deployments?|rollouts?(?: status)?))(?: (?:is|are|has|have))?"
        r"(?: successfully)? (?:available|complete[d]?|ready|successful(?:ly)?|rolled out|healthy|finished)"
        r"(?: successfully)?",
        output(
            _of("deployments"),
            some_and_none(
                "items",
                "items[?status.observedGeneration!=metadata.generation || status.availableReplicas!=spec.replicas"
                " || status.updatedReplicas!=spec.replicas]",
            ),
            HOLDS,
        ),
        "as many replicas as asked, not: that they answer right",
        ("Deployment rolled out", "Rollout complete", "Deployments are available"),
        ("Deployment planned", "Rollout strategy complete and reviewed"),
        context="kubernetes",
        names=_SPACE,
    ),
    Rule(
        "replicas",
        r"(?:at least |minimum (?:of )?|min(?:imum)? )?(?P<count>\d+)\+? replicas?(?: (?:are|is))?(?: (?:running"
        r"|ready|available))",
        output(_of("deployment {deployment}"), "status.availableReplicas", {"at-least": "#count"}),
        "so many are available now, not: for how long",
        ("At least 3 replicas running", "3 replicas available"),
        ("Replicas of the painting sold", "3 read replicas discussed"),
        context="kubernetes",
        names=_DEPLOYMENT,
    ),
    Rule(
        "limits",
        r"(?:(?:CPU|memory|CPU and memory|CPU/memory|resource|container) )+limits?(?: (?:is|are))? (?:set|defined"
        r"|configured|specified)(?: (?:for|on) (?:all )?(?:the )?(?:containers|pods|deployments|workloads))?",
        output(
            _of("deployments"),
            some_and_none(_CONTAINERS, f"{_CONTAINERS} | [?!(resources.limits.cpu && resources.limits.memory)]"),
            HOLDS,
        ),
        "both set on each container of a deployment, not: to sensible values",
        ("CPU and memory limits configured", "Resource limits defined for all containers"),
        ("Rate limits set", "Resource limits agreed"),
        context="kubernetes",
        names=_SPACE,
    ),
    Rule(
        "requests and limits",
        r"(?:(?:CPU|memory|CPU and memory|CPU/memory|resource|container) )+(?:requests?(?: and | ?/ ?|, )limits?"
        r"|limits?(?: and | ?/ ?|, )requests?|requests?)"
        r"(?: (?:is|are))?(?: (?:set|defined|configured|specified))(?: (?:for|on) (?:all )?(?:the )?(?:containers"
        r"|pods|deployments|workloads))?",
        output(
            _of("deployments"),
            some_and_none(
                _CONTAINERS,
                f"{_CONTAINERS} | [?!(resources.requests.cpu && resources.requests.memory && resources.limits.cpu"
                " && resources.limits.memory)]",
            ),
            HOLDS,
        ),
        "all four set on each container, not: to sensible values",
        (
            "Resource requests and limits set",
            "CPU requests and limits defined for all containers",
        ),
        ("Rate limits set", "Resource limits agreed"),
        context="kubernetes",
        names=_SPACE,
    ),
    *(
        Rule(
            f"{probe} probes",
            rf"{probe} (?:probes?|checks)(?: (?:is|are))? (?:configured|set|defined|enabled|in place|implemented)"
            r"(?: (?:for|on) (?:all )?(?:the )?(?:containers|pods|deployments|services|workloads))?",
            output(
                _of("deployments"),
                some_and_none(_CONTAINERS, f"{_CONTAINERS} | [?!({probe}Probe)]"),
                HOLDS,
            ),
            f"each container of a Deployment has a {probe} probe, not: that it asks the right thing",
            (f"{probe.capitalize()} probes configured", f"{probe} probe set for all containers"),
            (f"{probe.capitalize()} of the team", f"{probe.capitalize()} probes discussed"),
            context="kubernetes",
            names=_SPACE,
            around=r"(?i)probes?",
        )
        for probe in ("readiness", "liveness", "startup")
    ),
    Rule(
        "readiness probes that pass",
        r"readiness probes? (?:are |is )?(?:passing|working|succeeding|pass(?:es)?|succeeds?)",
        output(
            _of("pods"),
            some_and_none(
                "items[?status.phase!='Succeeded']",
                f"items[?status.phase!='Succeeded' && (!({_READY} == 'True') || spec.containers[?!(readinessProbe)])]",
            ),
            HOLDS,
        ),
        "each container has one and each pod is ready now, not: that the probe asks the right thing",
        ("Readiness probes passing", "Readiness probes are working"),
        ("Readiness probes agreed", "Liveness probes passing"),
        context="kubernetes",
        names=_SPACE,
    ),
    Rule(
        "probes",
        r"(?!(?:readiness|liveness) (?:probes?|checks))(?:(?:readiness|liveness|health)(?:,? (?:and|&) |/|, )?)+"
        r" ?(?:probes?|checks)(?: (?:is|are))? "
        r"(?:configured|set|defined|enabled|in place|implemented)(?: (?:for|on) (?:all )?(?:the )?(?:containers"
        r"|pods|deployments|services|workloads))?",
        output(
            _of("deployments"),
            some_and_none(_CONTAINERS, f"{_CONTAINERS} | [?!(readinessProbe) || !(livenessProbe)]"),
            HOLDS,
        ),
        "each container has both, not: that they ask the right thing",
        ("Readiness and liveness probes configured", "Health probes set"),
        (
            "Probe of the incident set",
            "Health checks discussed",
            "Liveness probes set",
            "Startup and liveness probes set",
        ),
        context="kubernetes",
        names=_SPACE,
        around=r"(?i)probes?",
    ),
    Rule(
        "autoscaler",
        rf"(?:Horizontal ?Pod ?Autoscalers?|HPA|horizontal pod autoscal\w+|pod autoscaling)(?: \(HPA\))?{IS_SET}",
        objects_by_name("hpa", "autoscalers"),
        "each of these is there, not: as somebody wants it",
        ("HPA configured", "HorizontalPodAutoscaler active", "Horizontal Pod Autoscaler configured"),
        ("Autoscaling discussed", "HPA load tested"),
        context="kubernetes",
        names={
            **_SPACE,
            "autoscalers": Name("What are the autoscalers (HPA) called, with spaces between them?", many=True),
        },
    ),
    Rule(
        "disruption budget",
        rf"(?:Pod ?Disruption ?Budgets?|PDBs?)(?: \(PDB\))?{IS_SET}(?: for [\w -]+)?",
        objects_by_name("pdb", "disruption-budgets"),
        "each of these is there, not: as somebody wants it",
        ("PodDisruptionBudget configured", "Pod Disruption Budgets defined"),
        ("Budget configured", "PDB discussed"),
        context="kubernetes",
        names={
            **_SPACE,
            "disruption-budgets": Name("What are the disruption budgets called, with spaces between them?", many=True),
        },
    ),
    Rule(
        "network policy",
        rf"network ?polic(?:y|ies){IS_SET}",
        objects_by_name("networkpolicies", "network-policies"),
        "each of these is there, not: what it lets through",
        ("Network policies applied", "NetworkPolicy configured"),
        ("Network policies reviewed", "Policy created"),
        context="kubernetes",
        names={
            **_SPACE,
            "network-policies": Name("What are the network policies called, with spaces between them?", many=True),
        },
    ),
    Rule(
        "ingress",
        rf"(?:kubernetes |k8s )?ingress(?: (?:resource|rules?))?{IS_SET}",
        objects_by_name("ingress", "ingresses"),
        "each of these is there, not: that it has an address and leads to something",
        ("Ingress configured", "Ingress resource created"),
        ("Ingress controller chosen", "Ingress removed"),
        context="kubernetes",
        names={**_SPACE, "ingresses": called("ingresses")},
    ),
    Rule(
        "address of an ingress",
        r"ingress has (?:an? )?(?:external )?(?:IP|address|hostname)(?: address)?(?: assigned)?",
        output(_of("ingress"), some_and_none("items", "items[?!(status.loadBalancer.ingress)]"), HOLDS),
        "it has an address, not: that something answers there",
        ("Ingress has IP", "Ingress has an external IP"),
        ("Ingress has owners", "Ingress reviewed"),
        context="kubernetes",
        names=_SPACE,
    ),
    Rule(
        "namespace",
        rf"(?:kubernetes |k8s )?namespaces?(?: (?P<space>(?!labels|annotations|isolation|quotas?"
        rf"|limits)[a-z][a-z0-9-]+))?{IS_SET}",
        output("kubectl get namespace {namespace} -o json", "status.phase", {"equals": "Active"}),
        THERE,
        ("Namespace created", "Kubernetes namespace exists"),
        ("Namespaces discussed", "XML namespace fixed", "Namespace labels applied"),
        context="kubernetes",
        names={"namespace": replace(_SPACE["namespace"], group="space", code=True)},
    ),
    Rule(
        "config map",
        rf"config ?maps?{IS_SET}",
        output(_of("configmap {config-map}"), "data", "present"),
        "there and not empty, not: its values",
        ("ConfigMap created", "ConfigMap `shop` applied"),
        ("Config mapped", "ConfigMaps reviewed"),
        context="kubernetes",
        names={**_SPACE, "config-map": Name("What is the ConfigMap called?", code=True)},
    ),
    Rule(
        "volumes",
        r"(?:All )?(?:persistent volume claims?|PVCs?)(?: \(PVCs?\))?(?: (?:is|are))? (?:bound|healthy)",
        output(_of("pvc"), some_and_none("items", "items[?status.phase!='Bound']"), HOLDS),
        "bound, not: that they have room",
        ("PVCs bound", "All persistent volume claims are bound"),
        ("Volumes backed up", "PVC pipes bought"),
        context="kubernetes",
        names=_SPACE,
    ),
    Rule(
        "endpoints of a service",
        r"(?:kubernetes |k8s )?services?(?: (?:has|have|is|are))?(?: healthy| ready| active)? endpoints?(?: "
        r"(?:available|healthy|ready|populated))?",
        output(_of("endpoints {kubernetes-service}"), "subsets[].addresses[].ip", "present"),
        "somebody is behind it, not: that it answers",
        ("Service endpoints available", "Service has healthy endpoints"),
        ("Service endpoint documented", "Endpoints deprecated"),
        context="kubernetes",
        names={**_SPACE, "kubernetes-service": Name("What is the Kubernetes service called?", code=True)},
    ),
    Rule(
        "chart",
        r"helm lint(?: (?:is|was))? (?:passes|passed|passing|clean|successful)",
        command("helm lint {chart}", changes=True),
        "well-formed, not: that what it installs works",
        ("Helm lint passes",),
        ("Helm releases listed", "Helm chart reviewed"),
        context="kubernetes",
        names={"chart": Name("In which directory is the chart?", code=True)},
    ),
)
