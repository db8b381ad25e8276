"""Where does aws-deploy keep its artifacts? Workspace paths, POSIX, relative to the workspace.

The number in front is the phase that writes it.
"""

from __future__ import annotations

RUNBOOK = "aws-deploy.md"  # where `init` puts it; checks stand beside it
DEPLOYMENT = "deployment.yaml"  # the user's own

STAGE = "artifacts/aws-deploy"

DEPLOYMENT_COPY = f"{STAGE}/deployment.yaml"  # as in force
INVENTORY = f"{STAGE}/01-inventory.json"
PLAN = f"{STAGE}/01-deployment-plan.md"
PREPARATION = f"{STAGE}/02-preparation.md"
BACKUPS = f"{STAGE}/02-backups.json"
SNAPSHOT = f"{STAGE}/02-configuration.json"
INFRASTRUCTURE = f"{STAGE}/03-infrastructure.md"
APPLICATION = f"{STAGE}/04-application.md"
VALIDATION = f"{STAGE}/05-validation.md"
MONITORING = f"{STAGE}/06-monitoring.md"
OPERATIONS = f"{STAGE}/06-operations.md"
ROLLBACK_PLAN = f"{STAGE}/07-rollback.md"
CONFIGURATION_CHANGES = f"{STAGE}/08-configuration-changes.md"
SNAPSHOT_AFTER = f"{STAGE}/08-configuration.json"
ROLLBACK_RECORD = f"{STAGE}/rollback-record.md"
REPORT = f"{STAGE}/08-report.md"
MANIFEST = f"{STAGE}/08-manifest.json"
WORKING_LOG = f"{STAGE}/working_log.md"
