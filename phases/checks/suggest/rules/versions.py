"""Rules for the version of what runs: a cluster, its nodes, a release of Helm."""

from __future__ import annotations

from phases.checks.suggest.proposal import Name, Rule
from phases.checks.suggest.rules.entries import HOLDS, aws, output, some_and_none

_VERSION = r"v?(?P<version>1\.\d\d?)(?:\.x)?"
_AT = r"(?: (?:is|are|on|at|running|runs|upgraded to|updated to|version|kubernetes|now))*:?"
_MORE = r"(?:\+| or (?:higher|newer|later|above)| minimum)"
_CLUSTER = r"(?:kubernetes |k8s )?(?:cluster|control plane|API server|server)(?: kubernetes)?(?: version)?"
_EKS = r"(?:Amazon |AWS )?(?:EKS )?(?:cluster|control plane)(?: kubernetes)?(?: version)?"
_SERVER = ("kubectl version -o json", "serverVersion.gitVersion")
_SPACE = {"namespace": Name("Which namespace?", option="-n")}

RULES = (
    Rule(
        "version of EKS",
        rf"{_EKS}{_AT} {_VERSION}",
        aws("eks", "describe_cluster", "cluster.version", {"equals": "$version"}, name="{eks-cluster}"),
        "its control plane is, not: its nodes and add-ons",
        ("EKS cluster version is 1.29", "EKS control plane upgraded to 1.30"),
        ("EKS cluster upgraded", "EKS cluster 1.30 planned", "EKS version agreed"),
        names={"eks-cluster": Name("What is the EKS cluster called?", option="--name", code=True)},
        around=r"\bEKS\b",
    ),
    Rule(
        "least version of EKS",
        rf"{_EKS}{_AT} (?:>=? ?)?{_VERSION} ?{_MORE}",
        aws("eks", "describe_cluster", "cluster.version", {"version-at-least": "$version"}, name="{eks-cluster}"),
        "its control plane is, not: its nodes and add-ons",
        ("EKS cluster version 1.28+", "EKS cluster running 1.29 or newer"),
        ("EKS cluster bigger than 1.28", "EKS 1.28+ planned"),
        names={"eks-cluster": Name("What is the EKS cluster called?", option="--name", code=True)},
        around=r"\bEKS\b",
    ),
    Rule(
        "version of a cluster",
        rf"{_CLUSTER}{_AT} {_VERSION}",
        output(*_SERVER, {"matches": r"v$version\..*"}),
        "its API server is, not: its nodes, and not that it is the right cluster",
        ("Cluster version is v1.29", "Control plane upgraded to 1.30"),
        ("Cluster upgraded", "Cluster 1.30 planned", "Server version agreed"),
        context="kubernetes",
    ),
    Rule(
        "least version of a cluster",
        rf"(?:{_CLUSTER}|kubernetes(?: version)?|k8s(?: version)?){_AT} (?:>=? ?|\u2265 ?)?{_VERSION} ?{_MORE}"
        r"(?: (?:cluster|running|available|installed|provisioned|ready))*"
        rf"|(?:{_CLUSTER}|kubernetes(?: version)?|k8s(?: version)?) (?:>=|\u2265) ?"
        rf"{_VERSION.replace('<v', '<other_v')}",
        output(*_SERVER, {"version-at-least": "$version$other_version"}),
        "its API server is, not: its nodes, and not that it is the right cluster",
        ("Kubernetes version 1.28+", "Kubernetes 1.27 or higher cluster available", "Cluster version >= 1.26"),
        ("Kubernetes 1.28 explained", "Kubernetes knowledge 1.28+", "Kubernetes 1.28"),
        context="kubernetes",
    ),
    Rule(
        "version of nodes",
        rf"(?:all )?(?:worker )?nodes(?: kubelet)?{_AT} {_VERSION}",
        output(
            "kubectl get nodes -o json",
            some_and_none("items", "items[?!starts_with(status.nodeInfo.kubeletVersion, 'v$version.')]"),
            HOLDS,
        ),
        "each node's kubelet is, not: what runs on it",
        ("All nodes upgraded to 1.29", "Nodes running v1.30"),
        ("Nodes upgraded", "Nodes 1.30 planned"),
        context="kubernetes",
    ),
    Rule(
        "version of a release",
        r"helm (?:chart|release)(?: (?P<release>[a-z][\w-]*))?(?: (?:is|at|on|upgraded to|version|deployed|chart))+"
        r" v?(?P<version>\d+\.\d+\.\d+)",
        {
            "command": {"run": "helm list -n {namespace} -o json", "changes": True},
            "expression": "[?name=='{release-name}' && status=='deployed'].chart | [0]",
            "expect": {"matches": r".*-v?$version"},
        },
        "this version of the chart is deployed, not: that it works",
        ("Helm release `shop` at version 1.2.3", "Helm chart upgraded to 2.0.1"),
        ("Helm release 1.2.3 announced", "Helm release upgraded"),
        context="kubernetes",
        names={**_SPACE, "release-name": Name("What is the Helm release called?", code=True)},
    ),
)
