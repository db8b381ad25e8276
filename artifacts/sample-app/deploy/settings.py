"""What config/<environment>.env says."""

import os
from pathlib import Path

ENVIRONMENT = os.environ["PHASEGATE_ENVIRONMENT"]


def settings():
    lines = Path(f"config/{ENVIRONMENT}.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
