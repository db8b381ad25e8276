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

# What the stage leaves, in the runbook's order, and what each file holds.
DOCUMENTS = (
    (CONTRACT, "the contract that the tables were made from, byte for byte"),
    (TEMPLATE, "the CloudFormation template that was deployed"),
    (PARAMETERS, "its parameters"),
    (CONFIG, "what was asked, answered and approved before the deployment, with cost"),
    (RESULTS, "what CloudFormation reported"),
    (VALIDATION, "tables and indexes compared with the contract after the deployment"),
    (FEATURES, "backup, encryption, protection and alarms as found"),
    (IAM_POLICY, "IAM statements for applications"),
    (ACCESS, "who may do what, and from where"),
    (SUMMARY, "this overview, and how to run, change and remove the deployment"),
    (CONTRACT_VALIDATION, "reads and writes tried on every table"),
    (INTEGRATION_GUIDE, "how an application uses the tables"),
    (WORKING_LOG, "what happened, task by task"),
)
