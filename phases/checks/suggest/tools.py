"""Which tool, in which version, does an item ask for? "Python 3.11+ installed", "Node.js >= 18", "jq installed"."""

from __future__ import annotations

import re
from collections.abc import Mapping

from phases.checks.suggest.checklist import ListedItem
from phases.checks.suggest.clause import clause_of, plain_text
from phases.checks.suggest.proposal import Entry
from state.json_values import Json

# how people call a tool -> what prints its version
TOOLS: Mapping[str, str] = {
    "python": "python3 --version",
    "python3": "python3 --version",
    "pip": "pip --version",
    "uv": "uv --version",
    "poetry": "poetry --version",
    "node": "node --version",
    "node.js": "node --version",
    "nodejs": "node --version",
    "npm": "npm --version",
    "yarn": "yarn --version",
    "pnpm": "pnpm --version",
    "bun": "bun --version",
    "deno": "deno --version",
    "go": "go version",
    "golang": "go version",
    "rust": "rustc --version",
    "cargo": "cargo --version",
    "java": "java -version",
    "jdk": "java -version",
    "maven": "mvn --version",
    "gradle": "gradle --version",
    "ruby": "ruby --version",
    "php": "php --version",
    "composer": "composer --version",
    ".net sdk": "dotnet --version",
    "git": "git --version",
    "docker": "docker --version",
    "docker compose": "docker-compose --version",
    "docker-compose": "docker-compose --version",
    "podman": "podman --version",
    "kubectl": "kubectl version --client",
    "helm": "helm version --short",
    "minikube": "minikube version",
    "kind": "kind --version",
    "terraform": "terraform --version",
    "opentofu": "tofu --version",
    "packer": "packer --version",
    "ansible": "ansible --version",
    "aws cli": "aws --version",
    "aws cdk": "cdk --version",
    "aws cdk cli": "cdk --version",
    "cdk cli": "cdk --version",
    "cdk": "cdk --version",
    "aws sam cli": "sam --version",
    "sam cli": "sam --version",
    "eksctl": "eksctl version",
    "gcloud cli": "gcloud --version",
    "gcloud": "gcloud --version",
    "google cloud sdk": "gcloud --version",
    "azure cli": "az --version",
    "github cli": "gh --version",
    "gh": "gh --version",
    "make": "make --version",
    "cmake": "cmake --version",
    "gcc": "gcc --version",
    "jq": "jq --version",
    "yq": "yq --version",
    "curl": "curl --version",
    "openssl": "openssl version",
    "psql": "psql --version",
    "postgresql client": "psql --version",
    "ffmpeg": "ffmpeg -version",
    "xcode": "xcodebuild -version",
    "tflint": "tflint --version",
    "tfsec": "tfsec --version",
    "checkov": "checkov --version",
    "terragrunt": "terragrunt --version",
    "terraform-docs": "terraform-docs --version",
    "trivy": "trivy --version",
    "hadolint": "hadolint --version",
    "shellcheck": "shellcheck --version",
    "flutter": "flutter --version",
    "dart": "dart --version",
    "swift": "swift --version",
    "kotlin": "kotlin -version",
    "scala": "scala -version",
    "sbt": "sbt --version",
    "bazel": "bazel --version",
    "nginx": "nginx -v",
    "redis-cli": "redis-cli --version",
    "mysql client": "mysql --version",
    "sqlite3": "sqlite3 --version",
    "dbt": "dbt --version",
    "dbt-core": "dbt --version",
    "kustomize": "kustomize version",
    "skaffold": "skaffold version",
    "argocd cli": "argocd version --client",
    "istioctl": "istioctl version --remote=false",
    "pulumi": "pulumi version",
    "vault cli": "vault version",
    "serverless framework": "serverless --version",
    "cosign": "cosign version",
    "protoc": "protoc --version",
    "buf": "buf --version",
    "pre-commit": "pre-commit --version",
    "hugo": "hugo version",
    "elixir": "elixir --version",
    "cuda": "nvcc --version",
    "k6": "k6 version",
    "just": "just --version",
    "rsync": "rsync --version",
    "tmux": "tmux -V",
    "sops": "sops --version",
    "fastlane": "fastlane --version",
    "eb cli": "eb --version",
    "vercel cli": "vercel --version",
    "firebase cli": "firebase --version",
    "netlify cli": "netlify --version",
    "railway cli": "railway --version",
    "heroku cli": "heroku --version",
    "fly cli": "flyctl version",
    "flyctl": "flyctl version",
    "supabase cli": "supabase --version",
    "wrangler": "wrangler --version",
    "pulumi cli": "pulumi version",
    "stripe cli": "stripe --version",
    "eas cli": "eas --version",
    "pm2": "pm2 --version",
    "certbot": "certbot --version",
    "ssh client": "ssh -V",
    "doctl": "doctl version",
    "k9s": "k9s version",
    "k3s": "k3s --version",
    "dapr cli": "dapr --version",
    "oci cli": "oci --version",
    "cocoapods": "pod --version",
}
_NAMES = "|".join(sorted((re.escape(name) for name in TOOLS), key=len, reverse=True))
_VERSION = r"v?(\d+(?:\.\d+){0,2})(?:\.x)?"
_LEAST = r"(?:\+| ?or (?:higher|newer|later|above|greater)| ?and (?:above|higher|up)| minimum| at least)"
_THERE = (
    r"(?:(?:is |are )?(?:installed|available|set up)|version (?:verified|checked|confirmed))"
    r"(?: (?:and (?:available|verified|in (?:the )?PATH)|locally|globally"
    r"|on (?:your|the|this) (?:local |build )?(?:machine|system|host)|for [\w -]+))?"
)
_HAS = re.compile(
    rf"(?:have |install )?(?P<tool>{_NAMES})(?: CLI| runtime| tool)?(?: version)?"
    rf"(?: ?(?:(?P<sign>>=|≥|>) ?{_VERSION}|{_VERSION.replace('(', '(?P<plain>', 1)} ?(?P<plus>{_LEAST})?))?"
    rf"(?: {_THERE})?(?: ?\(?(?:>=|≥) ?v?(?P<last>\d+(?:\.\d+){{0,2}})\)?)?",
    re.IGNORECASE,
)

_TWO = re.compile(rf"(?P<tool>{_NAMES}) (?:and|&) (?P<other>{_NAMES})(?: (?:are|is))? installed", re.IGNORECASE)
_VERSION_AND = re.compile(rf"(.+\d\S*) (?:and|&) (?P<other>{_NAMES})(?: (?:are|is))? installed", re.IGNORECASE)
_IN_REMARK = re.compile(rf"(?:>=|≥)\s*{_VERSION}|{_VERSION} ?{_LEAST}|^version (\d+)\.x$", re.IGNORECASE)


_ASKED = re.compile(
    rf"(?:Verify |Check )?`(?P<run>[a-z][\w.+-]* (?:--version|-V|-v|version))`(?: (?:is|shows|prints|reports|>=|≥|at"
    rf" least))*"
    rf" {_VERSION} ?(?:{_LEAST})?(?<=[+a-z])",
    re.IGNORECASE,
)
_NOT_A_TOOL = ("rm", "cp", "mv", "kill")


# headings of what this machine is to have before anything else; a server's has another machine's tools
_FOR_THIS_MACHINE = re.compile(
    r"(?i)\W*(?:\d+(?:\.\d+)*[.):]?\s*)?(?:(?:required|needed|necessary|local|development|dev|software|CLI"
    r"|command[- ]line|build"
    r"|system|the) )*(?:tools?|tooling|prerequisites?|software|dependencies|requirements|utilities|toolchain"
    r"|environment|setup"
    r"|machine)(?: (?:installed|required|needed|available|setup|tools?|\(.*(?:local|installed|this machine).*\)))*"
    r"(?: \([^)]*(?:\blocal|installed)[^)]*\))?\W*"
)
_OF_TOOLS = re.compile(r"(?i)\b(?:tools?|tooling|prerequisites?|software|CLI|utilities|toolchain)\b")
_A_PURPOSE = re.compile(
    r"(?i)(?:for [a-z][\w ,/-]*|(?:usually |often )?(?:pre-?)?installed (?:on|with|by) [\w/ ,]+|required|latest|CLI"
    r"|\[[^\]]*(?:install|download|guide)[^\]]*\]\([^)]*\)|(?:install|download)(?: guide)?(?::? https?://\S+)?)"
)
_NAMED = re.compile(
    rf"(?:\*\*)?(?P<install>install )?(?P<tool>{_NAMES})(?: CLI"
    rf"| runtime)?(?: (?:v?(?P<plain>\d+(?:\.\d+){{0,2}})(?P<plus>{_LEAST})"
    rf"|(?:>=|≥) ?v?(?P<least>\d+(?:\.\d+){{0,2}})))?(?:\*\*)?(?: (?:globally"
    rf"|locally))?(?: \((?P<remark>(?:[^()]|\([^)]*\))+)\))?",
    re.IGNORECASE,
)
# in any language: what prints the version stands in brackets
_ITS_OWN = re.compile(
    rf"(?:\*\*)?(?P<tool>{_NAMES})(?: CLI)?(?: v(?P<major>\d+)| ?(?:>=|≥) ?v?(?P<least>\d+(?:\.\d+){{0,2}})"
    rf"| v?(?P<plain>\d+(?:\.\d+){{0,2}})(?P<plus>{_LEAST}))?(?:\*\*)?(?: [^\W\d]+)? \(`(?P<run>[^`]+)`\)",
    re.IGNORECASE,
)
_ON_PATH = "found on this machine's PATH, not: on others"


def listed_tool(item: ListedItem) -> tuple[Entry, str] | None:
    """The check of a tool that stands in a list of what this machine needs; None where the list is about another one.

    "**jq** (for JSON in scripts)" below "Tools installed", "Install Node.js 18+" below "Prerequisites", and in any
    language "kubectl >= 1.28 instalado (`kubectl version --client`)".
    """
    text = item.text.strip().rstrip(".")
    own = _ITS_OWN.fullmatch(text)
    if own and own["run"] in _asked_by(own["tool"]):
        least = own["least"] or own["major"] or own["plain"]
        return _tool(own["tool"], least), _ON_PATH
    found = _NAMED.fullmatch(text)
    if found is None or not item.headings[1:]:
        return None
    nearest = plain_text(item.headings[-1].text)
    remark = (found["remark"] or "").strip()
    if not _FOR_THIS_MACHINE.fullmatch(nearest) or (remark and not _A_PURPOSE.fullmatch(remark)):
        return None
    least = found["least"] or found["plain"]
    if found["install"] and not least:
        return None
    return (_tool(found["tool"], least), _ON_PATH) if least or _OF_TOOLS.search(nearest) else None


def _asked_by(tool: str) -> frozenset[str]:
    """The commands that print this tool's version, as people write them."""
    run = TOOLS[tool.lower()]
    program = run.split()[0]
    return frozenset((run, f"{program} --version", f"{program} version", f"{program} -v", f"{program} -V"))


def _tool(tool: str, least: str | None) -> Entry:
    run = TOOLS[tool.lower()]
    return {"tool": {"run": run, "at-least": least} if least else {"run": run}}


_ONLY_ASKED = re.compile(
    r"(?:(?:verify|check|confirm|run|test)(?: (?:the )?installation)?(?: with)?:? )?`(?P<run>[^`]+)`"
    r"(?: to (?:verify|confirm|check)(?: that)? [\w. -]+ (?:is|are) (?:installed|available))?\.?",
    re.IGNORECASE,
)


def asked_version(text: str) -> tuple[Entry, str] | None:
    """The check of a tool whose version the item only asks for: "Verify: `cdk --version`"; None for any other."""
    found = _ONLY_ASKED.fullmatch(plain_text(text).strip())
    if found is None or found["run"] not in TOOLS.values():
        return None
    return {"tool": {"run": found["run"]}}, "found on this machine's PATH, not: in the version that is wanted"


_PLUGIN = re.compile(r"\bdocker compose [a-z-]")
_PROGRAM = re.compile(r"\bdocker-compose [a-z-]")


def as_the_document_has_it(entry: Entry, text: str) -> Entry:
    """The check of Docker Compose as the document runs it: `docker compose` is a part of Docker, and no program."""
    tool = entry.get("tool")
    if not isinstance(tool, dict) or tool["run"] != TOOLS["docker compose"] or _PROGRAM.search(text):
        return entry
    if not _PLUGIN.search(text):
        return entry
    command: Entry = {"command": {"run": "docker compose version --short", "changes": True}}
    return {**command, "expect": {"version-at-least": tool["at-least"]}} if "at-least" in tool else command


def tool_of(text: str) -> tuple[Entry, str] | None:
    """The check of the tool that this item asks for, and what it does not prove; None where it asks for none.

    A name alone asks for nothing; a version without a plus and without "installed" neither.
    """
    head, remark, _asserted = clause_of(text)
    if (asked := _ASKED.fullmatch(text.strip().rstrip("."))) and asked["run"].split()[0] not in _NOT_A_TOOL:
        return {"tool": {"run": asked["run"], "at-least": asked[2]}}, "found on this machine's PATH, not: on others"
    head = re.sub(r"^(?i:installed) (.+)$", r"\1 installed", head)
    if two := _two_tools(head):
        return two
    found = _HAS.fullmatch(head)
    if found is None or head.lower().startswith("install "):
        return None
    there = re.search(_THERE, head, re.IGNORECASE) is not None
    least = _least(found, remark, there=there)
    if not least and not there:
        return None
    tool: dict[str, Json] = {"run": TOOLS[found["tool"].lower()]}
    if least:
        tool["at-least"] = least
    exactly = "" if found["plus"] or not found["plain"] else "; that version or a newer one, not: exactly that one"
    return {"tool": tool}, f"found on this machine's PATH, not: on others{exactly}"


def _two_tools(head: str) -> tuple[Entry, str] | None:
    """The check for two tools in one clause: both are there; of a version, the first one's."""
    if both := _TWO.fullmatch(head):
        run = f"{TOOLS[both['tool'].lower()]} && {TOOLS[both['other'].lower()]}"
        return {"command": {"run": run, "changes": True}}, "found on this machine's PATH, not: in which versions"
    if (more := _VERSION_AND.fullmatch(head)) and (first := tool_of(f"{more[1]} installed")):
        return first[0], f"{first[1]}; nor: that {more['other']} is there"
    return None


def _least(found: re.Match[str], remark: str, *, there: bool) -> str:
    """The version from which on the tool will do; "" where clause and remark name none, or do not ask for it."""
    if found["last"]:
        return str(found["last"])
    if found["plain"] and there:
        return str(found["plain"])
    least: str = found[3] or (found["plain"] if found["plus"] else "")
    if not least and (bounds := _IN_REMARK.findall(remark)):
        return next(each for each in bounds[0] if each) if len(bounds) == 1 else ""
    return least
