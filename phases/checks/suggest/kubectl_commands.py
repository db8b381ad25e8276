"""Does one `kubectl get` in an item, or in its block, say which check it is? Only where the item is to look at that.

Rules:
- One object by its name: it is there. Pods, nodes, claims, deployments of a namespace: some are there, and each of them
  is as it should be; of other kinds: some are there. Nothing at all is no answer.
- A block with a second command, a pipe or an option that this does not know is nobody's check.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from phases.checks.suggest.checklist import ListedItem, Words
from phases.checks.suggest.commands import commands_of, with_blanks
from phases.checks.suggest.proposal import Entry
from phases.checks.suggest.rules.entries import HOLDS, output, some_and_none
from state.json_values import Json

_GET = re.compile(
    r"kubectl get (?P<kind>[a-z][a-z.]*)(?:[ /](?P<name>(?!-)[a-z0-9<{$][\w.<>{}$-]*))?"
    r"(?P<space>(?: (?:-n|--namespace)[ =][\w<>{}$-]+| -A| --all-namespaces)?)(?: -o (?:wide|yaml))?"
)
_LOOKS = re.compile(r"^(?:\*\*)?(?:verify|check|confirm|ensure|see)\b", re.IGNORECASE)
_READY = "status.conditions[?type=='Ready'] | [0].status"
_ACTIVE = "status.conditions[?type=='ScalingActive'] | [0].status"
_AS_IT_SHOULD: Mapping[str, str] = {
    "endpoints": "items[?!(subsets[].addresses[])]",
    "daemonsets": "items[?status.numberReady!=status.desiredNumberScheduled]",
    "jobs": "items[?!(status.succeeded)]",
    "certificates": f"items[?!({_READY} == 'True')]",
    "pods": f"items[?status.phase!='Succeeded' && !({_READY} == 'True')]",
    "hpa": f"items[?!({_ACTIVE} == 'True')]",
    "nodes": f"items[?!({_READY} == 'True')]",
    "pvc": "items[?status.phase!='Bound']",
    "deployments": "items[?status.observedGeneration!=metadata.generation || status.availableReplicas!=spec.replicas"
    " || status.updatedReplicas!=spec.replicas]",
    "statefulsets": "items[?status.readyReplicas!=spec.replicas]",
}
_SAME_KIND: Mapping[str, str] = {
    "endpoint": "endpoints",
    "ep": "endpoints",
    "daemonset": "daemonsets",
    "ds": "daemonsets",
    "job": "jobs",
    "certificate": "certificates",
    "configmap": "configmaps",
    "cm": "configmaps",
    "serviceaccount": "serviceaccounts",
    "sa": "serviceaccounts",
    "pod": "pods",
    "po": "pods",
    "node": "nodes",
    "no": "nodes",
    "persistentvolumeclaims": "pvc",
    "deployment": "deployments",
    "deploy": "deployments",
    "sts": "statefulsets",
    "statefulset": "statefulsets",
}
_STATE = re.compile(r"\b(?:ready|running|healthy|available|up|bound|active|complete[d]?|succeeded)\b", re.IGNORECASE)
_LOOKS_FOR = re.compile(r"(?i)^(?:\*\*)?(?:check|look|watch|search|verify|see) (?:for|if|whether|which|what|how)\b")
# a state, and then the command that shows it: "Nodes ready: `kubectl get nodes`"
_SAYS = re.compile(
    r"(?i)^(?:\*\*)?(?!.*\b(?:no|not|never|if|when|until|once|after|before)\b)[^`]*?\b(?:ready|running|healthy|available|up"
    r"|bound|active|completed?|created|deployed|exists?|applied|present|set|installed|in place)(?:\*\*)?"
    r"(?: ?: ?| (?:with|via|by|using) | ?[-\u2013\u2014(] ?| )`kubectl get [^`]+`\)?\.?$"
)
_LABELLED = re.compile(
    r"^(?:\*\*)?(?!.*\b(?:is|are|has|have|no|not|all|can)\b)[\w ./-]{2,40}(?:\*\*)?:(?:\*\*)? `kubectl get [^`]+`$"
)
_VERIFIES = re.compile(r"(?i)\b(?:verif\w+|validat\w+|checks?|confirm\w*)\b")
_NOT_LOOKED_AT = frozenset({"events", "all", "secret", "secrets"})  # neither a state, nor somebody's to print
KubectlCheck = tuple[Entry, Mapping[str, str], str, Words]  # the check, what it asks, what it does not prove, where


def _is_labelled(item: ListedItem) -> bool:
    """Whether it is a thing's name and the command that shows it, below "Verify deployment"."""
    above = (*item.headings[-1:], *item.parents[-1:])
    return bool(_LABELLED.match(item.text)) and any(_VERIFIES.search(each.text) for each in above)


def kubectl_check_of(item: ListedItem) -> KubectlCheck | None:
    """The check that the one `kubectl get` of an item is; None where it is to do something else, or has another."""
    if _LOOKS_FOR.match(item.text):
        return None
    if not (_LOOKS.match(item.text) or _SAYS.search(item.text) or _is_labelled(item)):
        return None
    inline = [(each, item.words) for each in item.code if each.startswith("kubectl ")]
    below = [(line, Words(line, "block", block.line)) for block in item.own for line in commands_of(block)]
    given = inline or below
    found = _GET.fullmatch(given[0][0]) if len(given) == 1 else None
    if found is None or (found["kind"] in _NOT_LOOKED_AT and not (found["kind"][:6] == "secret" and found["name"])):
        return None
    asks: dict[str, str] = {}
    kind = _SAME_KIND.get(found["kind"], found["kind"])
    space = with_blanks(found["space"].replace("--namespace=", "--namespace "), asks)
    if found["name"] and kind in _AS_IT_SHOULD and _STATE.search(item.text):
        return None  # that it is there says nothing of its state
    if kind[:6] == "secret":
        run = f"kubectl get secret {with_blanks(found['name'], asks)}{space} -o name"
        entry: Entry = {"command": {"run": run, "changes": True}, "expect": {"contains": "secret/"}}
        return entry, asks, "there by its name, not: its values, which are not read", given[0][1]
    if found["name"]:
        run = f"kubectl get {kind} {with_blanks(found['name'], asks)}{space} -o json"
        return output(run, "metadata.name", "present"), asks, "there, not: as somebody wants it", given[0][1]
    wrong = _AS_IT_SHOULD.get(kind)
    expression = some_and_none("items", wrong) if wrong else "items[].metadata.name"
    expect: Json = HOLDS
    unproved = "each is as it should be now, not: that they stay so"
    if not wrong:
        named = f"{re.sub('[^a-z0-9]+', '-', found['kind'])}-names"
        everywhere = "-A" in space or "--all" in space
        form = " (each as NAMESPACE/NAME)" if everywhere else ""
        asks[named] = f"Which of `kubectl get {found['kind']}`, with spaces between their names{form}?"
        expression = "items[].join('/', [metadata.namespace, metadata.name])" if everywhere else expression
        expect, unproved = {"contains-each": f"{{{named}}}"}, "each of these is there, not: as somebody wants it"
    return output(f"kubectl get {kind}{space} -o json", expression, expect), asks, unproved, given[0][1]
