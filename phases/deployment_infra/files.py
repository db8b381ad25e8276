"""Which task writes which file of the module? By path from the top of the repository, tasks in order.

A file that several tasks write grows: each adds its part, and the last one's bytes are the finished file's.
"""

from __future__ import annotations

ANSWERS = "infrastructure.yaml"  # the answers, as the module has them
LOG = "artifacts/deployment-infra/working_log.md"
CHECKPOINTS = ("3", "6", "9", "18")
ENVIRONMENTS = ("dev", "staging", "prod")

_CI = ".github/workflows/ci.yml"
_CD = ".github/workflows/cd.yml"
_STACK = "terraform/stack"
_MODULES = "terraform/modules"


def _environments(*names: str) -> list[str]:
    return [f"terraform/environments/{each}/{name}.tf" for each in ENVIRONMENTS for name in names]


def _module(name: str, *files: str) -> list[str]:
    return [f"{_MODULES}/{name}/{file}" for file in ("versions.tf", "variables.tf", "outputs.tf", *files)]


WRITTEN: dict[str, list[str]] = {
    "1.1": [
        ANSWERS,
        "docs/README.md",
        "terraform/.gitignore",
        "terraform/versions.md",
        "ci/README.md",
        "cd/README.md",
        "monitoring/README.md",
        "scripts/README.md",
        ".github/dependabot.yml",
        ".yamllint.yaml",
        ".checkov.yaml",
        ".github/zizmor.yml",
    ],
    "1.2": [
        "terraform/bootstrap/main.tf",
        "terraform/bootstrap/github.tf",
        *_environments("versions", "backend", "providers"),
    ],
    "1.3": [
        "Makefile",
        "docs/tests.md",
        "tests/infrastructure/requirements.txt",
        "tests/infrastructure/pytest.ini",
        "tests/infrastructure/conftest.py",
        "tests/infrastructure/module_files.py",
        "tests/infrastructure/test_files.py",
        *(
            f"tests/infrastructure/schema/{name}"
            for name in ("provider_schema.py", "serve_schema.py", "validate.py", "requirements.txt", "bindings.txt")
        ),
    ],
    "2.1": [_CI, "ci/eslint.config.mjs", "ci/prettier.json", "ci/tsconfig.json"],
    "2.2": [_CI, "scripts/coverage_gate.py"],
    "2.3": ["tests/infrastructure/workflow_graph.py", "tests/infrastructure/test_property_02_coverage.py"],
    "2.4": [_CI, "scripts/secret_scan.sh"],
    "2.5": ["tests/infrastructure/test_property_03_security_scan.py"],
    "2.6": [_CI, "ci/Dockerfile", "terraform/bootstrap/registry.tf"],
    "2.7": ["tests/infrastructure/test_property_01_ci_gate.py"],
    "4.1": [_CD, "scripts/deploy.sh"],
    "4.2": [_CD],
    "4.3": ["tests/infrastructure/test_property_04_staging.py"],
    "4.4": [_CD],
    "4.5": [_CD, "scripts/rollback.sh", "scripts/previous_release.py"],
    "4.6": ["tests/infrastructure/test_property_05_rollback.py"],
    "4.7": [_CD, "scripts/notify.sh"],
    "5.1": [f"{_STACK}/versions.tf", f"{_STACK}/variables.tf", *_environments("main", "outputs")],
    "5.2": _environments("settings"),
    "5.3": ["terraform/environments/preview/main.tf", ".github/workflows/preview.yml"],
    "5.4": [*_environments("flags"), "tests/infrastructure/test_environments.py"],
    "7.1": [*_module("vpc", "main.tf"), f"{_STACK}/network.tf"],
    "7.2": [*_module("ecs", "main.tf"), f"{_STACK}/services.tf", f"{_STACK}/dns.tf"],
    "7.3": [f"{_MODULES}/ecs/autoscaling.tf"],
    "7.4": ["tests/infrastructure/test_property_09_scaling.py"],
    "7.5": [f"{_MODULES}/ecs/balancer.tf"],
    "7.6": [f"{_MODULES}/ecs/service.tf"],
    "7.7": ["tests/infrastructure/test_property_10_zero_downtime.py"],
    "8.1": [*_module("secrets", "main.tf"), f"{_STACK}/secrets.tf"],
    "8.2": [f"{_STACK}/services.tf"],
    "8.3": [
        f"{_MODULES}/secrets/rotation.tf",
        f"{_MODULES}/secrets/rotate.py",
        "scripts/package_rotation.py",
        "docs/runbooks/secrets.md",
    ],
    "8.4": ["tests/infrastructure/policies.py", "tests/infrastructure/test_property_06_secrets.py"],
    "10.1": [*_module("rds", "main.tf"), f"{_STACK}/database.tf", f"{_STACK}/services.tf"],
    "10.2": [f"{_MODULES}/rds/main.tf"],
    "10.3": ["docs/runbooks/point-in-time.md"],
    "10.4": [f"{_MODULES}/rds/replicas.tf"],
    "11.1": [*_module("elasticache", "main.tf"), f"{_STACK}/cache.tf", f"{_STACK}/services.tf"],
    "11.2": [f"{_MODULES}/elasticache/main.tf", "tests/infrastructure/test_data_stores.py"],
    "12.1": [*_module("cloudfront", "main.tf"), f"{_STACK}/cdn.tf"],
    "12.2": [_CD, "scripts/invalidate.sh"],
    "13.1": [
        *_module("monitoring", "main.tf"),
        f"{_STACK}/monitoring.tf",
        "monitoring/prometheus/prometheus.yml",
        "monitoring/grafana/app.json",
    ],
    "13.2": [
        f"{_MODULES}/monitoring/alerting.tf",
        "monitoring/prometheus/rules.yml",
        "monitoring/prometheus/rules_test.yml",
        "tests/infrastructure/test_monitoring.py",
    ],
    "14.1": [*_module("dr", "main.tf"), f"{_STACK}/dr.tf"],
    "14.2": ["docs/runbooks/restore.md", "docs/runbooks/failover.md", "docs/runbooks/rollback.md"],
    "14.3": [
        ".github/workflows/backup-verification.yml",
        f"{_MODULES}/dr/restore_testing.tf",
        "scripts/backup_age.py",
        "scripts/verify_backup.sh",
        "scripts/compare_rows.py",
        "tests/infrastructure/test_property_08_backup.py",
        "tests/infrastructure/test_restore.py",
    ],
    "15.1": [*_module("residency", "main.tf"), f"{_STACK}/residency.tf", "docs/residency.md"],
    "15.2": ["tests/infrastructure/test_property_07_residency.py"],
    "15.3": ["docs/data-flows.md"],
    "15.4": ["docs/guardrails.md"],
    "16.1": ["docs/reservations.md"],
    "16.2": [f"{_MODULES}/cost/batch.tf"],
    "16.3": ["tests/infrastructure/test_tags.py"],
    "16.4": [*_module("cost", "main.tf"), f"{_STACK}/cost.tf"],
    "17.1": ["scripts/deploy.sh", "scripts/rollback.sh"],
    "17.2": [
        "scripts/smoke.sh",
        "tests/infrastructure/test_scripts.py",
        *(f"{_STACK}/tests/{name}" for name in ("mocks/aws.tfmock.hcl", "stack.tftest.hcl", "modules.tftest.hcl")),
        *(f"terraform/environments/{each}/tests/plan.tftest.hcl" for each in (*ENVIRONMENTS, "preview")),
    ],
}


def _tasks_by_file() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for task, paths in WRITTEN.items():
        for path in paths:
            found[path] = (*found.get(path, ()), task)
    return found


FILES = _tasks_by_file()


def written_by(path: str, task: str = "") -> tuple[str, ...]:
    """The tasks that have written a file once that task is done; all of them without one.

    Raises KeyError for a file that is not the module's, ValueError for a task that does not write it.
    """
    tasks = FILES[path]
    return tasks[: tasks.index(task) + 1] if task else tasks
