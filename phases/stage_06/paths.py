"""Where does stage 06 keep its artifacts? Workspace paths, POSIX, relative to the workspace.

The names are the runbook's; every task of the stage reads and writes them by these constants.
"""

from __future__ import annotations

STAGE = "artifacts/stage-06"

CONTRACT = f"{STAGE}/migrationContract.json"
TEMPLATE = f"{STAGE}/dynamodb-infrastructure.yaml"
PARAMETERS = f"{STAGE}/deployment-parameters.json"
CONFIG = f"{STAGE}/deployment-config.md"
RESULTS = f"{STAGE}/deployment-results.md"
VALIDATION = f"{STAGE}/deployment-validation.md"
FEATURES = f"{STAGE}/production-features.md"
IAM_POLICY = f"{STAGE}/sample-iam-policy.json"
ACCESS = f"{STAGE}/access-and-security.md"
SUMMARY = f"{STAGE}/deployment-summary.md"
CONTRACT_VALIDATION = f"{STAGE}/contract-validation.md"
INTEGRATION_GUIDE = f"{STAGE}/application-integration-guide.md"
ROLLBACK = f"{STAGE}/rollback-results.md"
WORKING_LOG = f"{STAGE}/06_working_log.md"

# Where stage 02 leaves the contract: by hand, or by the MCP approach.
CONTRACT_SOURCES = ("artifacts/stage-02/migrationContract.json", "artifacts/stage-02-a/migrationContract.json")
