"""What does a command's exit code say? Commands of each kind; what is in no table says nothing."""

from __future__ import annotations

import pytest

from phases.manual.exit_codes import exit_code_says

PASSED = (
    "make test",
    "cd app && make test",
    "npm test",
    "pytest -q",
    "python3 -m pytest tests",
    "uv run pytest",
    "terraform validate",
    "terraform -chdir=infra validate",
    "cdk list --context env=dev",
    "helm template chart | kubeconform",
    "echo testing && make test",
    "make test; echo done",
    "CI=1 make lint",
    "make build-image && ls dist",
)
HOLDS = (
    "test -e backup.sql",
    "test ! -e backups/old.dump",
    "[ -s dump.sql ]",
    'test -f "$HOME/dump.sql"',
    "grep -q ready status.txt",
    "grep -Eqi 'all ready' status.txt",
    "ls backups | grep -q old",
    "cmp a b",
    "diff -r old new",
    "git diff --exit-code",
    "git diff --quiet HEAD",
    "systemctl is-active shop",
    "systemctl --user is-active shop",
    "kubectl rollout status deployment/shop",
    "kubectl -n shop wait --for=condition=Ready pod/shop",
    "curl -f https://shop.example.org/health",
    "curl -fsS https://shop.example.org/health",
    "curl -sS --fail https://shop.example.org/health",
    "curl -sf https://shop.example.org/health > /dev/null 2>&1",
    "pg_isready -h db",
    "sha256sum -c SUMS",
    "aws dynamodb wait table-exists --table-name orders",
    "jq -e .ready status.json",
    "terraform plan -detailed-exitcode",
)
DONE = (
    "make install",
    "make deploy ENV=$ENV",
    "make backup > log.txt",
    "npm install -g aws-cdk",
    "npm run db:migrate",
    "alembic upgrade head",
    "cdk deploy",
    "terraform -chdir=infra apply",
    "kubectl -n shop apply -f shop.yaml",
    "kubectl delete pod shop",
    "aws s3 cp dump.sql s3://backups",
    "git push --tags",
    "git -C repo tag v1",
    "docker compose up -d",
    "sudo systemctl restart shop",
    "service shop restart",
    "./scripts/deploy.sh prod",
    "bash scripts/promote.sh",
    "python manage.py migrate",
    "touch maintenance",
    "echo on > maintenance",
    "cut -d, -f1 a.csv > b.csv\nwc -l a.csv b.csv",
    "printf x >> ../log && ls",
    "rm -rf backups/old.dump",
    "cp dump.sql /mnt",
    "tar -cf dist.tar dist",
    "cd dist && tar -czf ../dist.tgz .",
    "pg_dump shop",
)
NOTHING = (
    "ls backups",
    "ls -l backups | sort",
    "cat mail.txt",
    "cat < mail.txt",
    "head CHANGELOG.md",
    "tail -n 5 app.log",
    "grep ERROR app.log",
    "grep -c ERROR app.log",
    "df -h",
    "du -sh backups",
    "dig +short shop.example.org",
    "kubectl get pods",
    "kubectl -n shop describe deployment shop",
    "kubectl get pods -o json | jq .items",
    "aws iam list-access-keys",
    "aws --profile prod dynamodb describe-table --table-name orders",
    "aws s3 ls s3://backup",
    "git log -1",
    "git status",
    "git show v1",
    "git diff",
    "git diff --stat",
    "git tag --list",
    "docker ps",
    "docker images",
    "curl https://shop.example.org/health",
    "curl -s -o /dev/null https://shop.example.org/health",
    "systemctl list-units",
    "systemctl status shop",
    "terraform show",
    "terraform output",
    "terraform plan",
    "cdk diff",
    "helm history shop",
    "ps aux",
    "env",
    "echo deployed",
    "echo deployed > /dev/null",
    "ls backups > list.txt",
    "echo on > flag | cat",
    "echo $STATE",
    "printf done",
    "date",
    "true",
    ":",
    "make test || true",
    "make test | tail -n 5",
    "make test &",
    "make deploy --dry-run",
    "git push --dry-run",
    "rsync --dry-run a b",
    "tar -tf dist.tar",
    "tar tzf dist.tgz",
    "unzip -l dist.zip",
    "openssl x509 -in cert.pem",
    "psql -c 'select 1 from backup'",
    "redis-cli info",
    "bash list-backups.sh",
    "./backup-status.sh",
    "./queue.sh",
    "make report",
    "(make test)",
    "if make test; then echo good; fi",
    "! make test",
    "echo `make test`",
    "echo $(make deploy)",
    "echo 'make test'",
    "ssh host 'make deploy'",
    "make 'test",
    "",
)


@pytest.mark.parametrize("command", PASSED)
def test_tests_lints_and_builds_say_that_they_passed(command: str) -> None:
    assert exit_code_says(command) == "passed"


@pytest.mark.parametrize("command", HOLDS)
def test_what_asks_whether_something_is_so_says_that_it_is(command: str) -> None:
    assert exit_code_says(command) == "holds"


@pytest.mark.parametrize("command", DONE)
def test_what_does_something_says_that_it_is_done(command: str) -> None:
    assert exit_code_says(command) == "done"


@pytest.mark.parametrize("command", NOTHING)
def test_what_only_shows_or_is_not_known_says_nothing(command: str) -> None:
    assert exit_code_says(command) == "nothing"
