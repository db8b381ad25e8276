"""Which kinds of objects does kubectl show, how are they called, and when is one of them not as it should be?

Rules:
- `wrong` holds for an object that is not as it should be; a kind without it is only there.
- A state in an item's words counts for a kind only where `wrong` settles it: that a claim is "bound", a node "ready".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

_READY = "status.conditions[?type=='Ready'] | [0].status"
_READY_IS_TRUE = f"!(({_READY}) == 'True')"
_UP = "ready running healthy health up available started deployed"
_SYNCED = "ready synced healthy reconciling reconciled applied installed deployed"


class Kind(NamedTuple):
    """One kind.

    Attributes:
        name: as a check asks for it.
        called: a pattern for what kubectl takes for it.
        said: words by which items call it, in lower case and in the singular.
        wrong: what holds for one that is not as it should be; "" for a kind that is only looked for.
        states: words of state that `wrong` settles.
    """

    name: str
    called: str
    said: str
    wrong: str = ""
    states: str = ""


_DEPLOYED = (
    "status.observedGeneration!=metadata.generation || status.availableReplicas!=spec.replicas"
    " || status.updatedReplicas!=spec.replicas"
)
KINDS: tuple[Kind, ...] = (
    Kind("pods", r"po|pods?", "pod container", f"status.phase!='Succeeded' && {_READY_IS_TRUE}", _UP),
    Kind("nodes", r"no|nodes?", "node worker", _READY_IS_TRUE, "ready healthy up running available joined"),
    Kind(
        "deployments",
        r"deploy|deployments?(?:\.apps)?",
        "deployment replica rollout",
        _DEPLOYED,
        f"{_UP} complete completed finished rolled out",
    ),
    Kind(
        "statefulsets",
        r"sts|statefulsets?",
        "statefulset stateful set replica",
        "status.readyReplicas!=spec.replicas",
        _UP,
    ),
    Kind(
        "daemonsets",
        r"ds|daemonsets?",
        "daemonset daemon set",
        "status.numberReady!=status.desiredNumberScheduled",
        _UP,
    ),
    Kind("jobs", r"jobs?", "job", "!(status.succeeded)", "complete completed succeeded finished successful"),
    Kind("pvc", r"pvcs?|persistentvolumeclaims?", "pvc claim persistent volume", "status.phase!='Bound'", "bound"),
    Kind("pv", r"pvs?|persistentvolumes?", "pv persistent volume", "status.phase!='Bound'", "bound"),
    Kind(
        "hpa",
        r"hpas?|horizontalpodautoscalers?",
        "hpa autoscaler horizontal pod autoscaling",
        "!((status.conditions[?type=='ScalingActive'] | [0].status) == 'True')",
        "active working",
    ),
    Kind(
        "endpoints",
        r"ep|endpoints?",
        "endpoint service",
        "!(subsets[].addresses[])",
        "ready healthy populated available active",
    ),
    Kind("certificates", r"cert|certs|certificates?", "certificate ssl tls", _READY_IS_TRUE, "ready issued valid"),
    Kind("clusterissuers", r"clusterissuers?", "clusterissuer cluster issuer", _READY_IS_TRUE, "ready"),
    Kind("issuers", r"issuers?", "issuer", _READY_IS_TRUE, "ready"),
    Kind("externalsecrets", r"externalsecrets?|es", "externalsecret external secret", _READY_IS_TRUE, _SYNCED),
    Kind("gitrepositories", r"gitrepositor(?:y|ies)", "git source repository gitrepository", _READY_IS_TRUE, _SYNCED),
    Kind("kustomizations", r"kustomizations?|ks", "kustomization flux", _READY_IS_TRUE, _SYNCED),
    Kind("helmreleases", r"helmreleases?|hr", "helmrelease helm release flux", _READY_IS_TRUE, _SYNCED),
    Kind(
        "applications.argoproj.io",
        r"applications?(?:\.argoproj\.io)?|apps?",
        "application app argo argocd cd sync",
        "status.sync.status!='Synced' || status.health.status!='Healthy'",
        "healthy health synced sync syncs",
    ),
    Kind("namespaces", r"ns|namespaces?", "namespace", "status.phase!='Active'", "active"),
    Kind("services", r"svc|services?", "service"),
    Kind("ingress", r"ing|ingress(?:es)?", "ingress"),
    Kind("configmaps", r"cm|configmaps?", "configmap config map"),
    Kind("serviceaccounts", r"sa|serviceaccounts?", "serviceaccount service account"),
    Kind("storageclass", r"sc|storageclass(?:es)?", "storageclass storage class"),
    Kind("cronjobs", r"cj|cronjobs?", "cronjob cron job"),
    Kind("networkpolicies", r"netpol|networkpolic(?:y|ies)", "networkpolicy network policy"),
    Kind("resourcequota", r"quota|resourcequotas?", "quota resource"),
    Kind("limitrange", r"limits|limitranges?", "limitrange limit range"),
    Kind("pdb", r"pdb|poddisruptionbudgets?", "pdb budget disruption pod"),
    Kind("roles", r"roles?", "role"),
    Kind("rolebindings", r"rolebindings?", "rolebinding role binding"),
    Kind("clusterroles", r"clusterroles?", "clusterrole cluster role"),
    Kind("clusterrolebindings", r"clusterrolebindings?", "clusterrolebinding cluster role binding"),
    Kind("servicemonitors", r"servicemonitors?", "servicemonitor service monitor"),
    Kind("ingressclass", r"ingressclass(?:es)?", "ingressclass ingress class"),
    Kind("crd", r"crds?|customresourcedefinitions?", "crd custom resource definition"),
    Kind("secret", r"secrets?", "secret"),
)
ADDRESS = "status.loadBalancer.ingress"
# services that are to have an address, and those that have none
_BALANCED = "spec.type=='LoadBalancer'"
HAS_ADDRESS: Mapping[str, tuple[str, str]] = {
    "services": (f"items[?{_BALANCED}]", f"{_BALANCED} && !({ADDRESS})"),
    "ingress": ("items", f"!({ADDRESS})"),
}
_COMPILED = tuple((re.compile(each.called), each) for each in KINDS)


def kind_called(word: str) -> Kind:
    """The kind that kubectl takes this word for; one that is only looked for where nothing more is known of it."""
    known = next((kind for pattern, kind in _COMPILED if pattern.fullmatch(word.lower())), None)
    return known or Kind(word, word, re.sub(r"[^a-z]+", " ", word.lower()))


def singular(word: str) -> str:
    """A word of an item as a kind's `said` has it."""
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    if word.endswith(("sses", "xes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word
