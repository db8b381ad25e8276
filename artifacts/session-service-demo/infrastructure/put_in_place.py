"""What the demo of the deployment checklist does beside `make deploy`: users before, the endpoint written down after.

    python infrastructure/put_in_place.py users infrastructure/config/dev.json
    python infrastructure/put_in_place.py saved infrastructure/config/dev.json

`users` makes the stack with the user pool and its client alone, which the checklist asks for before the deployment;
`make deploy` updates the same stack.
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from deploy import connect, outputs_file, read_config, settled, stack_name, status, upload


def users_alone():
    """As much of the template as makes the users."""
    head, _, rest = (HERE / "template.yaml").read_text("utf-8").partition("Resources:\n")
    users = rest.partition("# --- users ---")[2].partition("\n")[2].partition("# --- the WebSocket API ---")[0]
    lines = rest.partition("\nOutputs:\n")[2].splitlines()
    outputs = "\n".join(line for line in lines if line.strip().startswith(("UserPoolId:", "UserPoolClientId:")))
    return f"{head}Resources:\n{users}\nOutputs:\n{outputs}\n"


def users(session, config):
    cloudformation, name = session.client("cloudformation"), stack_name(config)
    if status(cloudformation, name) == "not there":
        bucket, key = upload(session, config)
        values = {"Stage": config["stage"], "AlarmEmail": config["alarmEmail"], "CodeBucket": bucket, "CodeKey": key}
        cloudformation.create_stack(
            StackName=name,
            TemplateBody=users_alone(),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()],
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
    ended = settled(cloudformation, name)
    print(f"{name}: {ended}")
    return 0 if ended in ("CREATE_COMPLETE", "UPDATE_COMPLETE") else 1


def saved(session, config):
    (outputs,) = json.loads(outputs_file(config).read_text("utf-8")).values()
    endpoint = outputs["WebSocketEndpoint"]
    (HERE / f"endpoint-{config['stage']}.txt").write_text(f"{endpoint}\n", "utf-8")
    told = f"# Where clients connect\n\n- {config['stage']}: {endpoint}\n"
    (HERE.parent / "docs" / "websocket-endpoint.md").write_text(told, "utf-8")
    print(f"{endpoint} is saved in infrastructure/ and docs/")
    return 0


if __name__ == "__main__":
    settings = read_config(sys.argv[2])
    sys.exit({"users": users, "saved": saved}[sys.argv[1]](connect(settings), settings))
