"""What do the commands of an item look at in a cluster? `kubectl get`, and what shows the same in other words.

Rules:
- `kubectl describe`, `rollout status`, `wait`, `flux get` and `argocd app get` look at what `kubectl get` shows.
- A command that this does not know, a pipe into something else than one plain word of `grep`, and an option that picks
  a field make the whole of it nobody's look. What was applied before the look is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from phases.checks.suggest.kubectl_kinds import Kind, kind_called

_NAME = r"(?!-)[a-z0-9<{$][\w.<>{}$-]*"
_SPACE = re.compile(r" (?:(?:-n|--namespace)[ =](?P<one>[\w<>{}$-]+)|(?P<all>-A|--all-namespaces))(?= |$)")
_SELECTOR = re.compile(r" (?:-l|--selector)[ =][\"']?(?P<is>[\w./=,<>{}$-]+)[\"']?(?= |$)")
_CONTEXT = re.compile(r" --context[ =](?P<is>[\w.:/@<>{}$-]+)(?= |$)")
_GREP = re.compile(r" \| grep(?: -[iE]+)? [\"']?(?P<is>[a-z0-9][a-z0-9-]*)[\"']?$")
# what changes how it is shown, and nothing of what
_SHOWN = re.compile(
    r" (?:-o[ =]?(?:wide|yaml|json|name)|--output[ =](?:wide|yaml|json|name)|--show-labels|-w|--watch|--no-headers"
    r"|(?:-L|--label-columns|--sort-by|--timeout|--request-timeout)[ =][^\s|]+|--all)(?= |$)"
)
_ADDRESS = re.compile(
    r" (?:-o[ =]?|--output[ =])[\"']?(?:jsonpath|go-template)=[\"']?\{?[^\s|]*loadBalancer\.ingress[^\s|]*(?= |$)"
)
_FORMS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (rf"kubectl get (?P<kind>[a-z][\w.,]*)(?:[ /](?P<name>{_NAME}))?", ""),
        (rf"kubectl describe (?P<kind>[a-z][\w.]*)(?:[ /](?P<name>{_NAME}))?", ""),
        (rf"kubectl rollout status (?P<kind>[a-z]+)[ /](?P<name>{_NAME})", ""),
        (
            rf"kubectl wait --for[ =](?:condition=)?[\"']?(?i:ready|available|complete)[\"']?"
            rf" (?P<kind>[a-z]+)(?:[ /](?P<name>{_NAME}))?",
            "",
        ),
        (rf"argocd app (?:get|wait|sync) (?P<name>{_NAME})(?: --(?:sync|health|refresh|hard-refresh))*", "apps"),
        (r"argocd app list", "apps"),
        (r"flux get sources? git", "gitrepositories"),
        (rf"flux get (?:kustomizations?|ks)(?: (?P<name>{_NAME}))?", "kustomizations"),
        (rf"flux get (?:helmreleases?|hr)(?: (?P<name>{_NAME}))?", "helmreleases"),
    )
)
# what a look may stand behind: it makes what is looked at
_BEFORE = re.compile(
    r"kubectl (?:apply|create (?!job)(?:-f|ns|namespace|secret|configmap)) ?.*|helm (?:repo|install|upgrade) .*"
)
_ALL = ("pods", "deployments", "statefulsets")


class Look(NamedTuple):
    """What one command looks at; `name`, `space`, `selector`, `word` are "" where it has none, `space` "*" for all.

    Attributes:
        word: the word that names have to have.
        command: as it stands there.
    """

    kind: Kind
    name: str
    space: str
    selector: str
    word: str
    context: str
    wants_address: bool
    command: str


def looks_of(commands: Iterable[str]) -> list[Look] | None:
    """What these commands look at; None where one of them does something else, or none looks at anything."""
    found: list[Look] = []
    for command in commands:
        if not found and _BEFORE.fullmatch(command):
            continue
        looks = _looks_in(command)
        if not looks:
            return None
        found += looks
    return found or None


def _looks_in(command: str) -> list[Look]:
    bare = command.removesuffix(" &").replace("kubectl -n ", "kubectl get -n ") if "kubectl -n " in command else command
    if moved := re.fullmatch(r"kubectl (-n \S+) ((?:get|describe|rollout|wait) .+)", command):
        bare = f"kubectl {moved[2]} {moved[1]}"
    bare, word = _without(_GREP, f"{bare}")
    bare, space = _without(_SPACE, bare)
    bare, selector = _without(_SELECTOR, bare)
    bare, context = _without(_CONTEXT, bare)
    bare, address = _without(_ADDRESS, bare)
    while (shorter := _SHOWN.sub("", bare)) != bare:
        bare = shorter
    for pattern, kind in _FORMS:
        if found := pattern.fullmatch(bare):
            said = found.groupdict()
            kinds = [kind] if kind else said["kind"].split(",")
            if bare.startswith("kubectl wait") and not (said.get("name") or selector or "--all" in command):
                return []
            if kinds == ["all"]:
                kinds = list(_ALL)
            name = said.get("name") or ""
            if kind and not bare.startswith("flux"):
                space = space or "{argocd-namespace}"
            if len(kinds) > 1 and name:
                return []
            return [
                Look(kind_called(each), name, space, selector, word, context, bool(address), command) for each in kinds
            ]
    return []


def _without(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    """The text without what this finds in it, and what that says: "*" for a namespace that is all."""
    found = pattern.search(text)
    if found is None:
        return text, ""
    groups = found.groupdict()
    value = "*" if groups.get("all") else groups.get("one") or groups.get("is") or found[0].strip()
    return text[: found.start()] + text[found.end() :], value
