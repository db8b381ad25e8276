"""The service as a CDK app: `cdk list`, `cdk diff`, `cdk destroy`, each with `--context env=STAGE` (dev, if left out).

An app is a program that writes a cloud assembly where CDK_OUTDIR says; this one writes what deploy.py deploys, with the
same name and parameters, and needs no library of CDK's. `make deploy` puts the zip where Lambda finds it.

Source: https://github.com/aws/aws-cdk-cli/tree/main/packages/%40aws-cdk/cloud-assembly-schema (manifest.json)
"""

import hashlib
import json
import os
import sys
from pathlib import Path

from cfnlint.decode.cfn_yaml import load
from deploy import HERE, package, read_config, stack_name

TEMPLATE = "service.template.json"
SCHEMA = "36.0.0"  # of the manifest; newer command lines read it, too


def stack(config):
    """The one artifact of the assembly."""
    account, region = config["account"], config["region"]
    values = {
        "Stage": config["stage"],
        "AlarmEmail": config["alarmEmail"],
        "CodeBucket": f"session-service-code-{account}-{region}",
        "CodeKey": f"{hashlib.sha256(package()).hexdigest()}.zip",
    }
    return {
        "type": "aws:cloudformation:stack",
        "environment": f"aws://{account}/{region}",
        "properties": {"templateFile": TEMPLATE, "stackName": stack_name(config), "parameters": values},
    }


def main(directory, stage):
    path = HERE / "config" / f"{stage}.json"
    if not path.is_file():
        sys.exit(f"--context env={stage}: there is no {path.relative_to(HERE.parent)}")
    config = read_config(path)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / TEMPLATE).write_text(json.dumps(load(str(HERE / "template.yaml")), indent=2) + "\n", "utf-8")
    manifest = {"version": SCHEMA, "artifacts": {stack_name(config): stack(config)}}
    (directory / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    if "CDK_OUTDIR" not in os.environ:
        sys.exit(__doc__)
    main(Path(os.environ["CDK_OUTDIR"]), json.loads(os.environ.get("CDK_CONTEXT_JSON", "{}")).get("env", "dev"))
