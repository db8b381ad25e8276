"""What does a command leave that may not be run to find out? "kubectl apply -f x.yaml" leaves what x.yaml has.

Rules:
- Each row is the form of one command and the check for what is there once it has run. Nothing of it is run.
- Blanks (`<x>`, `$NAME`) are asked for; a name that the command computes (`$(...)`) is none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from phases.checks.suggest.checklist import ListedItem, Words
from phases.checks.suggest.clause import without_code
from phases.checks.suggest.commands import commands_of, with_blanks
from phases.checks.suggest.left_here import HERE_ROWS
from phases.checks.suggest.left_in_git import GIT_ROWS, TAG_HERE, TAG_THERE, LeftBy
from phases.checks.suggest.proposal import Entry, filled_in
from phases.checks.suggest.rules.entries import aws
from state.json_values import Json

_NAME = r"(?P<name>[A-Za-z0-9<{$][\w.:/<>{}$@-]*)"
_IN = r"(?:.*? (?:-n|--namespace)[ =](?P<namespace>[\w<>{}$-]+))?.*"
_STACK = aws(
    "cloudformation",
    "describe_stacks",
    "Stacks[0].StackStatus",
    {"one-of": ["CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"]},
    StackName="$name",
)


def _shown(run: str, expect: Json = None) -> Entry:
    entry: dict[str, Json] = {"command": {"run": run, "changes": True}}
    return {**entry, "expect": expect} if expect is not None else entry


TABLE = (
    LeftBy(
        rf"kubectl (?:apply|create) (?:-f|--filename)[ =](?P<name>(?!-)(?:https://[\w./%~@=?&+:-]+"
        rf"|(?!\w+://)[\w./<>{{}}$-]+))(?= |$){_IN}",
        _shown("kubectl get -f $name$space -o name"),
        "each object of it is there, not: as the file has it, and not ready",
        ("kubectl apply -f k8s/rbac.yaml", "kubectl apply -f k8s/ -n shop"),
        (
            "kubectl delete -f k8s/rbac.yaml",
            "kubectl apply -f a.yaml -f b.yaml",
            "kubectl apply -f a.yaml b.yaml",
            "kubectl apply -k overlays/prod",
            "kubectl apply -f -",
        ),
    ),
    LeftBy(
        r"minikube addons enable (?P<name>[a-z][a-z-]*)",
        {
            "command": {"run": "minikube addons list -o json", "changes": True},
            "expression": '"$name".Status',
            "expect": {"equals": "enabled"},
        },
        "enabled, not: that its pods are ready",
        ("minikube addons enable metrics-server", "minikube addons enable ingress"),
        ("minikube addons disable ingress", "minikube addons list"),
    ),
    LeftBy(
        rf"kubectl create (?:namespace|ns) {_NAME}.*",
        {
            "command": {"run": "kubectl get namespace $name -o json"},
            "expression": "status.phase",
            "expect": {"equals": "Active"},
        },
        "there, not: what is in it",
        ("kubectl create namespace shop", "kubectl create ns shop"),
        ("kubectl delete namespace shop", "kubectl get namespace shop"),
    ),
    LeftBy(
        rf"kubectl create secret (?:generic|tls|docker-registry) {_NAME}{_IN}",
        _shown("kubectl get secret $name$space -o name", {"contains": "secret/"}),
        "there by its name, not: its values, which are not read",
        ("kubectl create secret generic shop-db --from-literal=a=b -n shop", "kubectl create secret tls shop-tls"),
        ("kubectl delete secret shop-db", "kubectl get secret shop-db"),
    ),
    LeftBy(
        rf"helm install (?!-){_NAME}(?: [\w./<>{{}}$-]+){_IN}",
        {
            "command": {"run": "helm status $name$space -o json", "changes": True},
            "expression": "info.status",
            "expect": {"equals": "deployed"},
        },
        "installed by Helm without an error, not: that it works",
        ("helm install shop ./chart -n shop", "helm install shop acme/shop --namespace shop"),
        ("helm uninstall shop", "helm upgrade --install shop acme/shop", "helm repo add acme https://acme.org"),
    ),
    LeftBy(
        r"docker push (?P<name>[\w./:<>{}$@-]+)",
        _shown("docker manifest inspect $name"),
        "there under this tag, not: built from which commit",
        ("docker push acme/shop:1.2", "docker push <registry>/shop:latest"),
        ("docker pull acme/shop:1.2", "docker build -t acme/shop ."),
    ),
    LeftBy(
        r"docker build (?!.*--push)(?:.* )?(?:-t|--tag)[ =](?P<name>[\w./:<>{}$@-]+)(?: .*)?",
        _shown("docker image inspect --format ok $name", {"contains": "ok"}),
        "there on this machine under this tag, not: built from which commit",
        ("docker build -t acme/shop:1.2 .", "docker build --platform linux/amd64 -t shop -f web/Dockerfile web"),
        ("docker build .", "docker push acme/shop:1.2"),
    ),
    LeftBy(
        r"docker pull (?P<name>[\w./:<>{}$@-]+)",
        _shown("docker manifest inspect $name"),
        "the registry has it under this tag, not: built from which commit",
        ("docker pull acme/shop:1.2", "docker pull <registry>/shop:latest"),
        ("docker push acme/shop:1.2", "docker compose pull", "docker pull -a acme/shop"),
    ),
    LeftBy(
        r"docker(?:-compose| compose)(?P<options>(?: (?:-f|--file|-p|--env-file)[ =][\w./-]+)*) up"
        r"(?: (?:-d|--detach|--build|--wait|--force-recreate|--remove-orphans))+",
        _shown(
            'test -n "$(docker compose$options ps -q --status running)"'
            ' && test -z "$(docker compose$options ps -a -q --status exited --status restarting --status dead)"'
        ),
        "some run and none has stopped, not: that they answer",
        ("docker compose up -d", "docker-compose -f compose.prod.yml up -d --build"),
        ("docker compose up", "docker compose down", "docker compose up -d redis", "docker compose --profile x up -d"),
    ),
    LeftBy(
        r"kubectl autoscale deployment[ /](?=.* --min=(?P<min>\d+))(?=.* --max=(?P<max>\d+))"
        rf"(?P<name>[a-z0-9<{{$][\w.<>{{}}$-]*){_IN}",
        {
            "command": {"run": "kubectl get hpa $name$space -o json"},
            "expression": "spec.minReplicas==`$min` && spec.maxReplicas==`$max`",
            "expect": {"equals": True},
        },
        "there, with these bounds, not: by what it scales",
        ("kubectl autoscale deployment shop -n shop --cpu-percent=70 --min=2 --max=5",),
        ("kubectl autoscale deployment shop", "kubectl scale deployment shop --replicas=2"),
    ),
    LeftBy(
        r"docker network create (?:(?:-d|--driver|--subnet|--gateway)[ =]\S+ |--(?:attachable|internal) )*"
        r"(?P<name>[A-Za-z0-9][\w.-]*)",
        _shown("docker network inspect $name"),
        "there, not: who is on it",
        ("docker network create shop-net", "docker network create -d bridge shop-net"),
        ("docker network rm shop-net", "docker network ls"),
    ),
    LeftBy(
        r"(?:npx )?cdk deploy (?P<name>[A-Za-z<$][\w<>{}$-]*)(?: --(?:require-approval|profile|context|c)(?: \S+)?)*",
        _STACK,
        "settled, not: with the newest template",
        ("npx cdk deploy ShopStack --require-approval never", "cdk deploy ShopStack"),
        ("cdk deploy --all", "cdk destroy ShopStack", "cdk deploy A B"),
    ),
    LeftBy(
        r"aws cloudformation (?:deploy|create-stack|update-stack) (?:.* )?--stack-name[ =]"
        r"(?P<name>[A-Za-z<$][\w<>{}$-]*).*",
        _STACK,
        "settled, not: with the newest template",
        ("aws cloudformation deploy --stack-name shop --template-file t.yaml",),
        ("aws cloudformation delete-stack --stack-name shop", "aws cloudformation deploy --template-file t.yaml"),
    ),
    LeftBy(
        r"aws s3 mb s3://(?P<name>[a-z0-9<$][\w.<>{}$-]*).*",
        aws("s3", "list_buckets", "Buckets[].Name", {"contains": "$name"}),
        "there, not: how it is set",
        ("aws s3 mb s3://acme-uploads",),
        ("aws s3 rb s3://acme-uploads", "aws s3 cp a s3://acme-uploads"),
    ),
    LeftBy(
        r"aws ecr create-repository (?:.* )?--repository-name[ =](?P<name>[a-z0-9<$][\w./<>{}$-]*).*",
        aws("ecr", "describe_repositories", "repositories[].repositoryName", {"contains": "$name"}),
        "there, not: that it has an image",
        ("aws ecr create-repository --repository-name shop",),
        ("aws ecr delete-repository --repository-name shop", "aws ecr get-login-password"),
    ),
    LeftBy(
        r"aws ecs create-cluster (?:.* )?--cluster-name[ =](?P<name>[A-Za-z<$][\w<>{}$-]*).*",
        aws("ecs", "describe_clusters", "clusters[0].status", {"equals": "ACTIVE"}, clusters=["$name"]),
        "active, not: that something runs on it",
        ("aws ecs create-cluster --cluster-name shop",),
        ("aws ecs delete-cluster --cluster shop", "aws ecs list-clusters"),
    ),
    LeftBy(
        r"aws dynamodb create-table (?:.* )?--table-name[ =](?P<name>[A-Za-z<$][\w.<>{}$-]*).*",
        aws("dynamodb", "describe_table", "Table.TableStatus", {"equals": "ACTIVE"}, TableName="$name"),
        "in service, not: its keys and settings",
        ("aws dynamodb create-table --table-name orders --billing-mode PAY_PER_REQUEST",),
        ("aws dynamodb delete-table --table-name orders", "aws dynamodb list-tables"),
    ),
    LeftBy(
        r"aws logs create-log-group (?:.* )?--log-group-name[ =](?P<name>[\w/.<>{}$-]+).*",
        aws(
            "logs", "describe_log_groups", "logGroups[].logGroupName", {"contains": "$name"}, logGroupNamePrefix="$name"
        ),
        "there, not: what stands in it",
        ("aws logs create-log-group --log-group-name /ecs/shop",),
        ("aws logs delete-log-group --log-group-name /ecs/shop", "aws logs tail /ecs/shop"),
    ),
    LeftBy(
        r"eksctl create cluster (?:.* )?--name[ =](?P<name>[A-Za-z<$][\w<>{}$-]*).*",
        aws("eks", "describe_cluster", "cluster.status", {"equals": "ACTIVE"}, name="$name"),
        "active, not: that its nodes are ready",
        ("eksctl create cluster --name shop --nodes 3",),
        ("eksctl delete cluster --name shop", "eksctl get cluster"),
    ),
    *HERE_ROWS,
    *GIT_ROWS,
)
# a command of a block that is no step of its own: it prepares one, or it shows something
_BESIDE = re.compile(
    r"(?:kubectl (?:get|describe|logs|config|cluster-info|version|explain|top)|helm (?:repo|list|ls|status|dep"
    r"|dependency|search|template|lint|show)|docker (?:login|tag|images?|ps|build|pull|inspect|buildx)"
    r"|aws (?:sts|configure|ecr get-login-password|\S+ (?:describe|get|list|wait)\b)|git|cd|echo|export|source|cat|ls"
    r"|mkdir|sleep|watch|curl|grep|head|less|eval|doctl registry login|(?:npx )?cdk (?:synth|diff|list)"
    r"|[A-Za-z_]\w*=)(?=[\s-]|$|\S*=)|[A-Za-z_]\w*="
)
_BACK = re.compile(r"(?i)\broll(?:ing)? ?back|previous|revert|undo|restore")
_MORE_TO_DO = re.compile(r"(?im)^\s*#\s*(?:update|set|change|edit|replace|fill|add|first|then)\b")
_OF_A_PIPELINE = re.compile(r"(?m)^\s*(?:-\s*)?(?:runs-on|uses|steps|jobs|stages?|run|script):")
_OF_EACH = re.compile(r"(?i)\b(?:each|every|all|both|services|deployments|functions|tables|buckets|queues)\b")
_ABLE = re.compile(r"(?i)^\W*(?:can|able to|permission to)\b")  # what it tries is cleaned up again
_ONLY_RUN = re.compile(
    r"(?i)\W*(?:run|execute|using|re-?run|upgrade|update|roll)?\W*(?:the )?(?:command|release|deployment)?\W*"
    r"(?:with |using )?x?\W*(?:executed|run|ran|done|again|completed)?\W*"
)
_MANIFEST = re.compile(r"(?<=\s)(?:(?:-f|--filename)[ =]\S+|\S+\.(?:ya?ml|json)(?=\s|$))")
_COMPILED = [(re.compile(each.command), each) for each in TABLE]


def left_by(item: ListedItem, of: str = "") -> tuple[Entry, Mapping[str, str], str, Words] | None:
    """The check for what the one command of an item, or of its block, leaves; None for none, and for several.

    What several commands of a release leave is looked at together. `of`: what the document is called, with its version.
    """
    bare = without_code(item.text, "x")
    if _BACK.search(item.text) or _ABLE.search(item.text) or _MOVED.search(bare):
        return None
    if any(_MORE_TO_DO.search(block.text) for block in item.own):
        return None  # the command is the last of what is to be done
    if _OF_EACH.search(bare) and any("<name>" in each for each in item.code):
        return None  # one command stands for several
    given = [(each, item.words) for code in item.code for each in _parts(code)]
    blocks = [block for block in item.own if not _OF_A_PIPELINE.search(block.text)]
    spoken = _OF_A_RELEASE.search(bare) is not None
    given += [
        (each, Words(line, "block", block.line))
        for block in blocks
        for line in commands_of(block)
        for each in _parts(line)
        if (spoken or not _is_of_release(each)) and not _is_of_here(each)
    ]
    found = [(made, words, command) for command, words in given if (made := check_left(command, of))]
    looked_at = {command for _made, _words, command in found}
    if any(not _BESIDE.match(each) for each, words in given if words.where == "block" and each not in looked_at):
        return None  # it is one of several steps
    release = all(_is_of_release(command) for _made, _words, command in found)
    if len(found) == 1 and re.match(r"docker pu(?:sh|ll) ", found[0][2]) and re.search(r"(?i)\bimages\b", bare):
        return None  # it is about several
    moves_an_image = bare.strip(" .") == "x" and all(re.match(r"docker pu(?:sh|ll) ", each[2]) for each in found)
    if not found or (_ONLY_RUN.fullmatch(bare) and not release and not moves_an_image):
        return None  # it is about the running, not about what is there
    left = [each for each, _words, _command in found]
    commits = _SAYS_COMMIT.search(bare) or any(re.match(r"git commit\b", each) for each, _words in given)
    if commits and release and "status --porcelain" not in str(found):
        left.append(({"command": {"run": 'test -z "$(git status --porcelain)"'}}, {}, "nothing is changed or new here"))
    if len(left) == 1:
        return *left[0], found[0][1]
    return _together(left, found[0][1]) if release else None


Left = tuple[Entry, Mapping[str, str], str]


def _parts(code: str) -> list[str]:
    """The commands of a line that git's own join: "git tag v1 && git push origin v1"."""
    parts = [each.strip() for each in code.split("&&")]
    known = all(_is_of_release(each) or re.match(r"git (?:add|commit|fetch)\b", each) for each in parts)
    return parts if len(parts) > 1 and known else [code]


def _is_of_release(command: str) -> bool:
    return any(re.fullmatch(row.command, command) for row in GIT_ROWS)


def _is_of_here(command: str) -> bool:
    """Whether it changes this machine alone: in a block it is one step of several, and none of them is the item."""
    return any(re.fullmatch(row.command, command) for row in HERE_ROWS)


def _together(made: list[Left], words: Words) -> tuple[Entry, Mapping[str, str], str, Words] | None:
    """One check for what several commands of a release leave; a tag that is pushed is looked for on the remote only."""
    pushed = any(unproved in (TAG_THERE, _TAGS) for _entry, _asks, unproved in made)
    kept = [each for each in made if not (pushed and each[2] == TAG_HERE)]
    here = next((entry for entry, _asks, unproved in made if unproved == TAG_HERE), None)
    tag = str(here).rpartition("refs/tags/")[2].partition("'")[0] if here is not None else ""
    runs: list[str] = []
    asks: dict[str, str] = {}
    unproved: list[str] = []
    for entry, asked, less in kept:
        run = str(entry["command"]["run"]) if isinstance(entry["command"], dict) else ""
        if less == _TAGS and tag:
            run = run.replace("{tag}", tag)
            asked = next(each[1] for each in made if each[2] == TAG_HERE)
        if less == TAG_THERE and tag and f"refs/tags/{tag} " not in run:
            return None  # it is another one that is pushed
        runs.append(run)
        asks.update(asked)
        unproved.append(less)
    entry = {"command": {"run": " && ".join(dict.fromkeys(runs)), "changes": True}}
    return entry, asks, "; ".join(dict.fromkeys(unproved)), words


_TAGS = next(row.unproved for row in GIT_ROWS if "git push --tags" in row.examples)
_OF_A_RELEASE = re.compile(r"(?i)\b(?:tag|push|publish|branch|upload)(?:s|ed|ing|e[sd])?\b|\brelease\b")
# another branch will do; a tag that is there already is moved
_MOVED = re.compile(r"(?i)\bor (?:whatever|whichever|any|another)\b|\b(?:update|move|force|re-?tag)\b.*\btags?\b")
_SAYS_COMMIT = re.compile(r"(?i)\bcommit(?:s|ted)?\b")


def check_left(command: str, of: str = "") -> Left | None:
    """The check for what this command leaves, its open questions, what it does not prove.

    A version that `of` does not name is an example, and asked about.
    """
    if re.search(r"\$\(|[|;&`]|\{\{|--dry-run\b", command):
        return None
    if command.startswith("kubectl ") and len(_MANIFEST.findall(command)) > 1:
        return None  # of several files one would be looked at
    for pattern, row in _COMPILED:
        if found := pattern.fullmatch(command):
            asks: dict[str, str] = dict(row.asks)
            space = found.groupdict().get("namespace") or ""
            words = {"space": f" -n {with_blanks(space, asks)}" if space else ""}
            words |= {"options": found.groupdict().get("options") or ""}
            for group in ("name", "remote", "min", "max"):
                if said := found.groupdict().get(group):
                    words[group] = with_blanks(said, asks)
            if row in GIT_ROWS and of and "name" in words:
                words["name"] = _of_this_release(words["name"], of, asks)
            return filled_in(row.check, words), asks, row.unproved
    return None


_CONCRETE = re.compile(r"v?(\d+\.\d+)[\w.-]*")


def _of_this_release(name: str, of: str, asks: dict[str, str]) -> str:
    """The name, where it has the version that the document is about; else a question: it is an example."""
    found = _CONCRETE.search(name)
    if found is None or "{" in name or re.search(rf"(?<![\d.]){re.escape(found[1])}(?!\d)", of):
        return name
    placeholder = "now-" + re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    asks[placeholder] = f"What stands in this release where the list says {name}?"
    return f"{{{placeholder}}}"
