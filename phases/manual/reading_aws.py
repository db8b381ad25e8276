"""Does this call of the AWS CLI only read? Decided on the parsed call; what is not known does not.

Rules:
- Global options in front of the service and of the operation are taken off with their values. Any other word that
  begins with a hyphen there is refused, abbreviations too: argparse takes `--outp` for `--output`.
- Operations: the one list of those that only read settings (`phases/checks/read_operations.py`), and DATA, which
  shows data: a person asked for it. `describe-*` and `list-*` whose answer holds a secret are SECRETS, and refused.
- An operation is followed by options, never by a bare word: a file to write, or the operation that was meant.
- Never: `--debug` (its log holds the answers of STS, with the keys), `--cli-auto-prompt` (the request is made up
  elsewhere), `--cli-input-json` and `file://` (the request is in a file; of any file, it sends the content).

Sources: awscli/data/cli.json and awscli/argparser.py (AWS CLI 1.45), AWS CLI Command Reference, version 2, "Command
line options"; botocore's service models for SECRETS.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from phases.checks.api_model import ApiOperation
from phases.checks.read_operations import refusal
from state.late_pattern import late

_FLAGS = frozenset({"--no-verify-ssl", "--no-paginate", "--no-sign-request", "--no-cli-pager", "--no-cli-auto-prompt"})
_VALUED = {
    "--output": late(r"json|text|table|yaml|yaml-stream|off"),
    "--query": late(r"[^-][\s\S]*"),
    "--profile": late(r"[^-\s][^\s]*"),
    "--region": late(r"[a-z][a-z0-9-]*"),
    "--endpoint-url": late(r"https?://[^\s@]+"),
    "--color": late(r"on|off|auto"),
    "--ca-bundle": late(r"[^-\s][^\s]*"),
    "--cli-read-timeout": late(r"[0-9]+"),
    "--cli-connect-timeout": late(r"[0-9]+"),
    "--cli-binary-format": late(r"base64|raw-in-base64-out"),
}
_NEVER = (
    "--debug",
    "--v2-debug",
    "--cli-auto-prompt",
    "--cli-input-json",
    "--cli-input-yaml",
    "--generate-cli-skeleton",
    "--with-decryption",
    "--include-values",
)
_NAME = late(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_FILE = late(r"(?i)fileb?://")

# names of the CLI's own, for services that botocore calls otherwise
_SERVICES = {"s3api": "s3", "configservice": "config", "deploy": "codedeploy"}

# service (as in boto3) -> operations that read data rather than settings, or settings that no check needs
DATA: dict[str, tuple[str, ...]] = {
    "accessanalyzer": ("validate_policy",),
    "cloudformation": ("validate_template",),
    "cloudtrail": ("lookup_events",),
    "codebuild": ("batch_get_builds",),
    "dynamodb": ("batch_get_item", "get_item", "query", "scan"),
    "ecr": ("batch_get_image",),
    "iam": ("get_access_key_last_used", "get_login_profile", "simulate_custom_policy", "simulate_principal_policy"),
    "kinesis": ("get_records", "get_shard_iterator"),
    "logs": ("filter_log_events", "get_log_events", "get_log_group_fields", "get_query_results"),
    "resource-groups": ("search_resources",),
    "xray": ("get_service_graph", "get_trace_summaries"),
}

# service (as in boto3) -> operations that are named like readers and answer a secret, or stream their answer to a file
SECRETS: dict[str, tuple[str, ...]] = {
    "amplify": ("list_apps", "list_branches"),
    "appstream": ("describe_directory_configs",),
    "chime": ("list_bots",),
    "chime-sdk-meetings": ("list_attendees",),
    "cloudhsmv2": ("describe_clusters",),
    "codepipeline": ("list_webhooks",),
    "cognito-idp": ("describe_user_import_job", "describe_user_pool_client", "list_user_import_jobs"),
    "dataexchange": ("list_jobs", "list_revision_assets"),
    "directconnect": ("describe_virtual_interfaces",),
    "ec2": (
        "describe_instance_attribute",  # user data
        "describe_launch_template_versions",  # user data
        "describe_verified_access_trust_providers",
        "describe_vpn_connections",
    ),
    "eks": ("describe_eks_anywhere_subscription", "list_eks_anywhere_subscriptions"),
    "emr": ("describe_cluster",),
    "firehose": ("describe_delivery_stream",),
    "grafana": ("describe_workspace", "list_workspaces"),
    "mailmanager": ("list_address_list_import_jobs",),
    "mediapackage": ("describe_channel", "describe_origin_endpoint", "list_channels", "list_origin_endpoints"),
    "medialive": ("describe_input_device_thumbnail",),
    "wafv2": ("list_api_keys",),
}


class _OwnCommand(NamedTuple):
    """A command of the AWS CLI's own: its options without and with a value, and the place that it may name."""

    flags: Sequence[str]
    valued: Sequence[str]
    places: re.Pattern[str]


_OWN_COMMANDS = {
    ("s3", "ls"): _OwnCommand(("--recursive", "--human-readable", "--summarize"), ("--page-size",), late(r"s3://\S*")),
    ("logs", "tail"): _OwnCommand(
        (),
        ("--since", "--format", "--filter-pattern", "--log-stream-name-prefix"),
        late(r"[\w/.#][\w/.#-]*"),
    ),
}


def reads_aws(words: Sequence[str]) -> bool:
    """Whether the AWS CLI, called with these words, is known to read and nothing else."""
    if list(words) == ["--version"]:
        return True
    service, rest = _next_name(words)
    operation, options = _next_name(rest)
    if not service or not operation:
        return False
    if service == "configure":
        return _reads_configuration(operation, options)
    if own := _OWN_COMMANDS.get((service, operation)):
        return _only(options, own.flags, own.valued, places=own.places)
    if operation == "wait":
        waiter, options = _next_name(options)
        return bool(waiter) and _harmless(options)
    name = operation.replace("-", "_")
    if service in _SERVICES.values() or not _accepted(_SERVICES.get(service, service), name):
        return False
    return _harmless(options, template=name == "validate_template")


def _accepted(service: str, name: str) -> bool:
    if name in SECRETS.get(service, ()):
        return False
    return name in DATA.get(service, ()) or not refusal(ApiOperation(service, name, "POST", None, None), ())


def _next_name(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The first word that is no global option, and what follows it; ("", ...) where something unknown stands before."""
    at = 0
    while at < len(words) and words[at].startswith("-"):
        taken = _global(words[at:])
        if not taken:
            return "", words
        at += taken
    if at == len(words) or not _NAME.fullmatch(words[at]):
        return "", words
    return words[at], words[at + 1 :]


def _global(words: Sequence[str]) -> int:
    """How many words the global option at the beginning takes; 0 where it is none, or its value is not of its kind."""
    option, equals, value = words[0].partition("=")
    if words[0] in _FLAGS:
        return 1
    if option not in _VALUED or not (equals or len(words) > 1):
        return 0
    return (1 if equals else 2) if _VALUED[option].fullmatch(value if equals else words[1]) else 0


def _harmless(options: Sequence[str], *, template: bool = False) -> bool:
    """Whether these words, after an operation that reads, leave it one."""
    if options and not options[0].startswith("--"):
        return False
    for before, word in zip(["", *options], options, strict=False):
        is_template = template and "--template-body" in (before, word.partition("=")[0])
        if _does_more(word) or (_FILE.search(word) and not is_template):
            return False
    return True


def _does_more(word: str) -> bool:
    """Whether this word is, or may be, an option that makes more of a command than one that reads."""
    if not word.startswith("--"):
        return word.startswith("-") and not _negative(word)
    name = word.partition("=")[0]
    if name.startswith("--cli-") and name not in _VALUED:
        return True
    return word == "--" or any(each.startswith(name) for each in _NEVER)


def _only(words: Sequence[str], flags: Sequence[str], valued: Sequence[str], *, places: re.Pattern[str]) -> bool:
    """Whether these words are global options, the command's own, and at most one place."""
    at = found = 0
    while at < len(words):
        taken = _own(words[at:], flags, valued) or _global(words[at:])
        if not taken and not found and places.fullmatch(words[at]):
            taken = found = 1
        if not taken:
            return False
        at += taken
    return True


def _own(words: Sequence[str], flags: Sequence[str], valued: Sequence[str]) -> int:
    """How many words the command's own option at the beginning takes; 0 where it is none, or has no value."""
    option, equals, _value = words[0].partition("=")
    if words[0] in flags or (option in valued and equals):
        return 1
    return 2 if option in valued and len(words) > 1 and not words[1].startswith("-") else 0


def _reads_configuration(operation: str, rest: Sequence[str]) -> bool:
    """`configure list` shows the last four characters of the keys; `configure get` shows what it is asked for."""
    places = {"list": "(?!)", "list-profiles": "(?!)", "get": "region|output|cli_pager"}.get(operation)
    return places is not None and _only(rest, (), (), places=late(places))


def _negative(word: str) -> bool:
    return word[1:].replace(".", "", 1).isdigit()
