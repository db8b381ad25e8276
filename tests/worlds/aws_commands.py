"""The AWS commands of a document: found, looked up in botocore, and run through boto3."""

from __future__ import annotations

import re
import shlex

import botocore.session
from botocore import xform_name

from phases.documents.markdown import code_blocks
from workflow.sandbox.inprocess import Sandbox

SESSION = botocore.session.Session()
GLOBAL_OPTIONS = {"--region", "--query", "--output", "--profile", "--max-items"}
# The command line renames it. Source: https://docs.aws.amazon.com/cli/latest/reference/sns/subscribe.html
RENAMED = {("sns", "subscribe", "--notification-endpoint"): "--endpoint"}
WORDS_WITHOUT_VALUES = {"--no-deletion-protection-enabled": "--deletion-protection-enabled"}


def aws_commands(text: str) -> list[list[str]]:
    """The words of every AWS command in the bash blocks and in code spans, continuation lines joined."""
    blocks = [block.replace("\\\n", " ") for block in code_blocks(text, "bash")]
    prose = re.sub(r"^(`{3,}).*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL)
    spans = [span for _, span in re.findall(r"(`+)(.+?)\1", prose)]
    found = re.findall(r"(?:^|\$\(|`)\s*(aws [a-z].*)", "\n".join([*blocks, *spans]), re.MULTILINE)
    return [shlex.split(_one_command(line)) for line in found]


def _one_command(line: str) -> str:
    """The command up to what is no part of it: a pipe, a list operator, a redirection or its closing parenthesis."""
    quote = ""
    depth = 0
    for at, character in enumerate(line):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
            if depth < 0:
                return line[:at]
        elif character in "|;&" or line.startswith(" 2>", at):
            return line[:at]
    return line


def fault(words: list[str]) -> str:
    """What is wrong with the command, or ""."""
    _, service, operation, *rest = words
    model = SESSION.get_service_model(service)
    if operation == "wait":
        waiters = SESSION.get_waiter_model(service).waiter_names
        waiter, *rest = rest
        by_name = {xform_name(name, "-"): name for name in waiters}
        if waiter not in by_name:
            return f"{service} has no waiter {waiter}"
        config = SESSION.get_waiter_model(service).get_waiter(by_name[waiter])
        operation = xform_name(config.operation, "-")
    operations = {xform_name(name, "-"): name for name in model.operation_names}
    if operation not in operations:
        return f"{service} has no operation {operation}"
    shape = model.operation_model(operations[operation]).input_shape
    members = {f"--{xform_name(name, '-')}": member for name, member in (shape.members if shape else {}).items()}
    given = [word for word in rest if word.startswith("--")]
    for option in given:
        name = RENAMED.get((service, operation, option)) or WORDS_WITHOUT_VALUES.get(option, option)
        if name not in members and name not in GLOBAL_OPTIONS:
            return f"{service} {operation} has no {option}"
        value = rest[rest.index(option) + 1 : rest.index(option) + 2]
        enum = members[name].enum if name in members and members[name].type_name == "string" else []
        if enum and value[0] not in enum:
            return f"{service} {operation} {option} does not take {value[0]}"
    required = {f"--{xform_name(name, '-')}" for name in (shape.required_members if shape else [])}
    missing = required - {WORDS_WITHOUT_VALUES.get(option, option) for option in given}
    return f"{service} {operation} lacks {sorted(missing)}" if missing else ""


def run_command(sandbox: Sandbox, region: str, words: list[str]) -> None:
    """The command as boto3 would do it; a waiter does not wait, since the sandbox needs no time."""
    _, service, operation, *rest = words
    client = sandbox.client(service, region)
    waits = operation == "wait"
    if waits:
        operation, *rest = rest
        call = client.get_waiter(operation.replace("-", "_")).wait
        method = {"table-exists": "describe_table", "table-not-exists": "describe_table"}.get(
            operation, "describe_stacks"
        )
    else:
        method = operation.replace("-", "_")
        call = getattr(client, method)
    shape = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method]).input_shape
    names = {f"--{xform_name(name, '-')}": name for name in shape.members}
    params: dict[str, object] = {}
    for at, option in enumerate(rest):
        if option == "--no-deletion-protection-enabled":
            params["DeletionProtectionEnabled"] = False
        elif option.startswith("--") and option != "--region":
            params[names[option]] = rest[at + 1]
    if waits:
        params["WaiterConfig"] = {"Delay": 0, "MaxAttempts": 50}
    call(**params)
