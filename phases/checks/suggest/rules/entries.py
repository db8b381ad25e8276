"""How is a rule's check written? Short forms of a checks file's entries, and how single things are called in words."""

from __future__ import annotations

from phases.checks.suggest.proposal import Entry, Name
from state.json_values import Json

THERE = "there, not: as somebody wants it"
DONE = r"(?: (?:is|are|was|were|has been|have been))?(?: successfully)?"
MADE = (
    rf"{DONE} (?:deployed|created|exists?|provisioned|available|active|ready|set ?up|in place|up|live|running|launched"
    r"|configured|applied|present|there)(?: and (?:active|ready|available|running"
    r"|healthy"
    r"|configured))?"
)
IS_SET = (
    r"(?: (?:is|are|has been|have been))? (?:configured|created|set ?up|enabled|active|in place|exists?|defined"
    r"|deployed|applied|set|on|present|there|available|installed|armed)(?: and (?:active|enabled|configured|running"
    r"|ready|working))?"
)


def aws(service: str, operation: str, expression: str, expect: Json, **parameters: Json) -> Entry:
    """A question to AWS."""
    given: dict[str, Json] = {"service": service, "operation": operation}
    if parameters:
        given["parameters"] = parameters
    return {**given, "expression": expression, "expect": expect}


IMAGE = {
    "repository": Name(
        "What is the repository called?", option="--repository-name", code=True, pattern=r"[a-z0-9][\w./-]*"
    ),
    "image-tag": Name("Which tag has the image?", option="--image-tag"),
}
IN_ECR = aws(
    "ecr",
    "describe_images",
    "imageDetails[].imageDigest",
    "present",
    repositoryName="{repository}",
    imageIds=[{"imageTag": "{image-tag}"}],
)
LAMBDA = r"(?:AWS )?(?:Lambda(?: functions?)?|functions?)"
FUNCTION = {"function": Name("Which Lambda function is {}?", option="--function-name", group="function", code=True)}
MEMORY_AND_TIMEOUT = aws(
    "lambda",
    "get_function_configuration",
    "{memory: MemorySize, timeout: Timeout}",
    {"equals": {"memory": "#memory", "timeout": "#timeout"}},
    FunctionName="{function}",
)


# alarms that act: each has an action, and may take it; which of them, and which groups of logs, is asked
ACTING = "MetricAlarms[?ActionsEnabled && length(AlarmActions) > `0`].AlarmName"
ALARMS = {"alarms": Name("What are the alarms called, with spaces between them?", many=True)}
LOG_GROUPS = {
    "log-groups": Name(
        "What are the log groups called, with spaces between them?", many=True, pattern=r"/?[\w.#-][\w./#-]*"
    )
}


def called(several: str) -> Name:
    """What asks for the names of several things."""
    return Name(f"What are the {several} called, with spaces between them?", many=True)


def objects_by_name(kind: str, named: str, *, spaced: bool = True) -> Entry:
    """Each of the objects of one kind whose names `named` stands for is there."""
    run = f"kubectl get {kind}{' -n {namespace}' if spaced else ''} -o json"
    return output(run, "items[].metadata.name", {"contains-each": f"{{{named}}}"})


def some_and_none(some: str, wrong: str) -> str:
    """An expression: there is at least one, and none of them is wrong. Nothing at all does not hold."""
    return f"length({some}) > `0` && length({wrong}) == `0`"


HOLDS: Json = {"equals": True}


def command(run: str, *, changes: bool = False) -> Entry:
    """A command that ends with 0."""
    given: dict[str, Json] = {"run": run}
    return {"command": {**given, "changes": True} if changes else given}


def for_each(run: str, name: str) -> Entry:
    """A command for each of several values, which are given as words: `$each` is the one; all have to end with 0.

    None at all does not hold.
    """
    return command(f"sh -c 'test -n \"$1\" && for each in $1; do {run} || exit 1; done' _ {{{name}}}", changes=True)


FILLED = r"(change[-_ ]?me|your[-_]|placeholder|xxx|TODO|<[^>]*>)"


def filled_in(path: str) -> Entry:
    """A file that is there, and has no value that only shows where one goes."""
    return command(f"test -s {path} && ! grep -qiE '[=:].*{FILLED}' {path}", changes=True)


# as it stands between double quotes of the shell; a file that is asked about stands in front of them
_QUOTE = r"""[\"']"""
# what only shows where a value goes, right behind `=` and a quote, or anywhere in it
_SHOWS_WHERE = (
    rf"= *{_QUOTE}?((your|replace|todo|tbd|fixme|placeholder|dummy|insert|enter[-_ ]|paste|put[-_ ]|<|none$|null$)"
    r"|.*(change[-_ ]?(me|this|in)|your[-_]|placeholder|xxx|<[a-z][^>]*>|replace[-_]?(me|with|this)|\.\.\.))"
)


def has_value(path: str, variable: str) -> Entry:
    """A variable to which an environment file gives a value that is no placeholder; nothing prints it."""
    line = rf"^ *(export +)?{variable} *= *{_QUOTE}?[^ #{_QUOTE[1:-1]}]"
    return command(f'< {path} grep -E "{line}" | grep -qivE "{_SHOWS_WHERE}"', changes=True)


def is_set_to(path: str, variable: str, value: str) -> Entry:
    """A variable that an environment file sets to this value; a comment does not set it."""
    line = rf"^ *(export +)?{variable} *= *{_QUOTE}?{value}{_QUOTE}? *(#.*)?$"
    return command(f'< {path} grep -qE "{line}"', changes=True)


def output(run: str, expression: str, expect: Json) -> Entry:
    """What a command prints as JSON."""
    return {"command": {"run": run}, "expression": expression, "expect": expect}


# where a backup is kept (a directory, a provider) is nowhere said: whoever answers knows how it is looked for
BACKUP = {"backup-command": Name("Which command ends with 0 only when a backup of the last day is there?")}
BACKUP_OF_THE_DAY = command("sh -c {backup-command}", changes=True)
# a host or a password on the line would be wrong for a database in a private network: the command is asked for whole
DATABASE = {"database-command": Name("Which command ends with 0 only when the database can be reached?")}
DATABASE_REACHED = command("sh -c {database-command}", changes=True)
REDIS = {"redis-command": Name("Which command sends Redis a PING, without a password in it, and prints its answer?")}
REDIS_ANSWERS: Entry = {"command": {"run": "sh -c {redis-command}", "changes": True}, "expect": {"equals": "PONG"}}
SQL = {
    "sql-command": Name(
        "Which command runs the SQL query that is its last word, without a password in it, and prints bare rows?"
        " (psql -X -At service=shop -c)"
    )
}
SITE = {"site-url": Name("What is the URL of the site? (https://shop.example.com)")}
LEADS = {"names-and-addresses": Name("Which names lead where, as name=address, with spaces between them?")}
# to the address or name itself, or (what stands before a load balancer) to an address that the name has now
EACH_LEADS = for_each(
    'there=${each#*=}; found=$(dig +short "${each%%=*}"); echo "$found" | grep -qixF -e "$there" -e "$there." '
    '|| echo "$found" | grep -qxF -e "$(dig +short "$there" | grep -E "^[0-9.]+$" | head -n 1 | grep . || echo none)"',
    "names-and-addresses",
)


def each_available(cache: str) -> str:
    """Whether each cluster of a cache is available, whether it is a replication group or one by itself."""
    own = f"CacheClusters[?ReplicationGroupId=='{cache}' || CacheClusterId=='{cache}'].CacheClusterStatus"
    return f"length({own}) > `0` && length({own} | [?@!='available']) == `0`"
