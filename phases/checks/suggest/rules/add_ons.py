"""Rules for Kubernetes: operators, ingress controllers and add-ons that a cluster has, by what their workloads run."""

from __future__ import annotations

from phases.checks.suggest.proposal import Entry, Name, Rule
from phases.checks.suggest.rules.entries import IS_SET, output

_UP = (
    r"(?: (?:controller|ingress controller|stack|server|pods?|deployment))*(?: (?:is|are))?"
    r"(?: (?:installed|deployed|running|ready|healthy|up|available))(?: and (?:running|ready|healthy))?"
    r"(?: (?:in (?:the )?cluster|for [\w -]+|via helm|with helm))?"
)
# how people call it -> what its workloads have in their names
_ADD_ONS = (
    ("cert-manager", r"cert[- ]?manager"),
    ("metrics-server", r"metrics[- ]server"),
    ("prometheus", r"prometheus(?:/grafana)?"),
    ("grafana", r"grafana"),
    ("traefik", r"traefik"),
    ("argocd", r"argo ?cd"),
    ("external-secrets", r"external[- ]secrets"),
    ("sealed-secrets", r"sealed[- ]secrets"),
    ("aws-load-balancer-controller", r"AWS load balancer"),
    ("cluster-autoscaler", r"cluster[- ]autoscaler"),
    ("istiod", r"istio"),
    ("istio-ingressgateway", r"istio ingress gateway"),
    ("dapr", r"dapr(?: runtime)?"),
    ("loki", r"loki"),
    ("alertmanager", r"alert ?manager"),
    ("vpa", r"VPA"),
    ("jaeger", r"jaeger"),
)
_CALLED = "contains(metadata.name, '{}')"
# what a release named after it has beside it is none of it: it is known by its image
_RUNS = {
    "prometheus": "spec.template.spec.containers[?contains(image, 'prom/prometheus')"
    " || contains(image, 'prometheus/prometheus')]",
    "grafana": "spec.template.spec.containers[?contains(image, 'grafana/grafana:')]",
}


def _ready(name: str) -> Entry:
    """A workload whose name has this is there, and a replica of it is ready."""
    return output(
        "kubectl get deployments,statefulsets -A -o json",
        f"items[?{_RUNS.get(name, _CALLED.format(name))} && status.readyReplicas > `0`].metadata.name",
        "present",
    )


def _add_on(name: str, words: str) -> Rule:
    shown = words.replace("[- ]?", "-").replace("[- ]", "-").replace(" ?", " ").split("(")[0]
    return Rule(
        f"{name} in the cluster",
        rf"(?:the )?{words}(?:{_UP}|(?: stack)? installation(?: exists| running| verified)?)",
        _ready(name),
        "a replica of it is ready, not: in which version, and not that it does its work",
        (f"{shown} stack installed", f"{shown} server ready"),
        (f"{shown} upgraded", f"{shown} operator considered"),
        context="kubernetes",
    )


_OF_INGRESS = {"nginx": " && contains(metadata.name, 'ingress')"}  # many a web server is called nginx


def _ingress(name: str) -> Rule:
    return Rule(
        f"ingress controller {name}",
        rf"(?:the )?{name}(?:[- ]ingress)?[- ](?:ingress[- ])?controller"
        rf"(?:{IS_SET}| (?:is )?(?:running|ready|healthy|up))",
        output(
            "kubectl get deployments,daemonsets -A -o json",
            f"items[?contains(metadata.name, '{name}'){_OF_INGRESS.get(name, '')}"
            " && (status.readyReplicas > `0` || status.numberReady > `0`)]"
            ".metadata.name",
            "present",
        ),
        "one of it is ready, not: that it answers",
        (f"{name} ingress controller running", f"{name} ingress controller installed"),
        (f"{name} ingress controller chosen", f"{name} explained"),
        context="kubernetes",
    )


RULES = (
    Rule(
        "operator in the cluster",
        r"(?:the )?(?P<operator>[\w-]+(?: [\w-]+){0,2}) operator(?: (?:is|has been))?"
        r" (?:installed|deployed|running|ready|available)(?: and (?:running|ready))?",
        output(
            "kubectl get deployments -A -o json",
            "items[?metadata.name=='{operator}' && status.availableReplicas==spec.replicas].metadata.name",
            "present",
        ),
        "as many replicas of it are available as asked, not: that it does its work",
        ("Redis operator installed", "CloudNativePG operator running"),
        ("Machine operator informed", "Redis operator chosen"),
        context="kubernetes",
        names={
            "operator": Name("What is the deployment of the {} operator called?", group="operator", pattern=r"(?!)")
        },
    ),
    Rule(
        "controller of AWS's load balancers",
        rf"(?:the )?ALB(?: ingress)? controller{IS_SET}|(?:the )?ALB(?: ingress)? controller(?: is)? (?:running|ready)",
        _ready("aws-load-balancer-controller"),
        "a replica of it is ready, not: in which version, and not that it does its work",
        ("ALB controller installed", "ALB ingress controller running"),
        ("ALB installed", "ALB controller chosen"),
        context="kubernetes",
    ),
    Rule(
        "autoscaler of the cluster's nodes",
        r"cluster[- ]autoscaler(?: (?:is))? (?:configured|enabled|set ?up|active)",
        _ready("cluster-autoscaler"),
        "a replica of it is ready, not: between which bounds it scales",
        ("Cluster Autoscaler configured", "cluster-autoscaler enabled"),
        ("Cluster Autoscaler discussed", "Autoscaler configured for the cluster of grapes"),
        context="kubernetes",
    ),
    _ingress("nginx"),
    _ingress("traefik"),
    *(_add_on(name, words) for name, words in _ADD_ONS),
)
