"""What an item claims beyond its check, or about another thing, makes the check possible, and it is not proposed."""

from __future__ import annotations

import pytest

from phases.checks.suggest.rules.entries import is_set_to
from phases.checks.suggest.whole import POSSIBLE
from tests.worlds.checklists import TITLES, check_words, proposed, suggested

AWS, CLUSTER = TITLES["aws"], TITLES["kubernetes"]
LONGER = (
    ("ECS service running (2+ tasks)", AWS),
    ("RDS instance created (db.t3.micro)", AWS),
    ("Security group configured (ports 22, 443)", AWS),
    ("CloudWatch alarms configured (errors > 5)", AWS),
    ("Bucket policy configured (public read access)", AWS),
    ("Secrets stored in Secrets Manager (not in code)", AWS),
    ("AWS budget configured ($300 limit)", AWS),
    ("DNS records created (Route 53 or other)", AWS),
    ("`dist/app.zip` created (about 5 MB)", TITLES["operations"]),
    ("`.env` created with all required variables", TITLES["operations"]),
    ("`npm test` passes. There should be 250 tests", TITLES["operations"]),
    ("Health endpoint returns `ok`", TITLES["operations"]),
    ("Frontend loads without errors", TITLES["operations"]),
    ("Database connection works from backend", TITLES["operations"]),
    ("ALB is active and healthy", AWS),
    ("Create secrets in Secret Manager", CLUSTER),
    ("ECS task role created (S3 access)", AWS),
    ("Table created: `aws dynamodb describe-table --table-name t --endpoint-url http://localhost:8000`", AWS),
    ("HPA configured: `kubectl autoscale deployment shop --min=2`", CLUSTER),
    ("Deploy stack: `kubectl apply -f a.yaml b.yaml`", CLUSTER),
    ("Prometheus/Grafana installed", CLUSTER),
    ("Terraform installed (or use the console)", TITLES["operations"]),
    ("CloudTrail is enabled in all regions", AWS),
    ("CloudTrail enabled across both accounts", AWS),
    ("CloudWatch alarms configured for all functions", AWS),
    ("EC2 instance running with nginx installed", AWS),
    ("DNS record created for the shop \u2192 CloudFront", AWS),
    ("`/health` returns status up", TITLES["operations"]),
    ("`curl https://shop.org/docs` returns the API browser", TITLES["operations"]),
    ("Health checks passing (ALB, ECS)", AWS),
    ("`shopUrl`: `https://{id}.shop.org/orders`", TITLES["operations"]),
    ("`build.gradle` - MySQL driver included", TITLES["operations"]),
    ("Create tag: `git tag v1.2.0`, OR", TITLES["operations"]),
    ("Push tag `v1.2.0`, or create it by hand: `git push origin v1.2.0`", TITLES["operations"]),
    ("Services are healthy: `kubectl get services -n shop`", CLUSTER),
    ("Update Lambda environment variables", AWS),
)


@pytest.mark.parametrize(("item", "title"), LONGER)
def test_what_an_item_claims_beyond_its_check_keeps_it_from_being_proposed(item: str, title: str) -> None:
    assert proposed(item, title=title) is None


@pytest.mark.parametrize(
    ("item", "title"),
    [
        ("ECS service running", AWS),
        ("RDS instance created (takes 15 min)", AWS),
        ("Security group configured (see step 2)", AWS),
        ("CloudWatch alarms in `OK` state (not `ALARM`)", AWS),
        ("Secrets stored in Secrets Manager", AWS),
        ("`dist/app.zip` created", TITLES["operations"]),
        ("`npm test` passes. Ask Ada for access", TITLES["operations"]),
        ("Health endpoint returns 200 (200 OK)", TITLES["operations"]),
        ("All tests passing (99/99)", TITLES["operations"]),
        ("HPA created", CLUSTER),
        ("CloudTrail is enabled", AWS),
        ("CloudWatch alarms configured", AWS),
        ("EC2 instance running", AWS),
        ("`/health` returns status 200", TITLES["operations"]),
        ("`/health` returns OK", TITLES["operations"]),
        ("SSL certificate shows as valid", TITLES["operations"]),
        ("Health checks passing (all of them)", AWS),
        ("Verify services: `kubectl get services -n shop`", CLUSTER),
        ("Storage class `fast` is available", CLUSTER),
    ],
)
def test_what_claims_no_more_stays(item: str, title: str) -> None:
    assert proposed(item, title=title) is not None


@pytest.mark.parametrize(
    ("place", "item", "is_proposed"),
    [
        ("ElastiCache Redis", "Multi-AZ is enabled", False),
        ("RDS database", "Multi-AZ is enabled", True),
        ("API Gateway", "Point-in-time recovery is enabled", False),
        ("DynamoDB", "Point-in-time recovery is enabled", True),
        ("Lambda", "DynamoDB point-in-time recovery is enabled", True),
        ("Check the logs", "Database connection successful", False),
        ("Log in to AWS", "Database connection successful", True),
        ("If the service is unhealthy", "Tests pass", False),
        ("Rollback (if needed)", "Tests pass", False),
        ("What went well", "Tests pass", False),
        ("Identify what runs", "Tests pass", True),
    ],
)
def test_what_stands_above_an_item_says_what_it_is_about(place: str, item: str, is_proposed: bool) -> None:
    assert (proposed(item, title=AWS, heading=place) is not None) is is_proposed


@pytest.mark.parametrize(
    ("below", "is_proposed"),
    [
        ("CPU above 80%", False),
        ("Command: see the runbook\n  - Unit tests: 12", False),
        ("Run `make alarms`", True),
        ("`make alarms`\n  - See https://acme.org/alarms", True),
        ("`make alarms`\n- Threshold: 80", False),
        ("`make alarms`\n\n- Threshold: 80", True),
    ],
)
@pytest.mark.parametrize("colon", [":", ""])
def test_a_list_below_an_item_says_what_is_needed_or_how(below: str, is_proposed: bool, colon: str) -> None:
    found = suggested(f"# {AWS}\n\n## Now\n\n- [ ] CloudWatch alarms configured{colon}\n  - {below}\n")
    assert bool(found.proposals) is is_proposed
    assert is_proposed or found.others[0].why.startswith(POSSIBLE)


def test_a_port_that_is_forwarded_here_and_served_there_is_not_asked() -> None:
    there = "## Compose\n\n- [ ] Health endpoint: `curl http://localhost:8080/health`\n\n"
    here = "## Cluster\n\n- [ ] `kubectl port-forward svc/shop 8080`\n- [ ] Health endpoint: `curl http://localhost:8080/health`"
    assert [each.item.line for each in suggested(f"# {CLUSTER}\n\n{there}{here}\n").proposals] == [5]
    assert [each.item.line for each in suggested(f"# {CLUSTER}\n\n{here}\n").proposals] == [6]


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ("Health endpoints return 200", "{health-urls}"),
        ("Health endpoint returns 200", "{health-url}"),
        ("SSL certificates configured", "{hosts}"),
        ("SSL certificate configured", "{host}"),
        ("Docker images pushed to Docker Hub", "{image-references}"),
        ("Docker image pushed to Docker Hub", "{image-reference}"),
    ],
)
def test_several_are_asked_one_by_one_and_one_is_one(item: str, words: str) -> None:
    found = proposed(item)
    assert found is not None
    assert words in check_words(found)


@pytest.mark.parametrize(
    ("heading", "rest", "is_proposed"),
    [
        ("Environment variables", "", False),
        ("Environment variables", "\n\nThey stand in `.env`.\n", True),
        ("Environment variables", "\n\nSet them in Vercel.\n", False),
        ("Constants defined", "", False),
        ("Variables of `.env`", "\n\nThe site is on Vercel.\n", True),
    ],
)
def test_variables_that_a_host_or_the_code_keeps_are_not_looked_for_in_a_file(
    heading: str, rest: str, is_proposed: bool
) -> None:
    found = suggested(f"# Deployment checklist\n\n## {heading}\n\n- [ ] Set `SHOP_TOKEN`{rest}\n").proposals
    assert any(" grep -E " in check_words(each) for each in found) is is_proposed


def test_a_value_that_a_variable_is_to_have_is_looked_for() -> None:
    text = "# Deployment checklist\n\n## Edit `.env`\n\n- [ ] `NODE_ENV` = `production`\n"
    (found,) = suggested(text).proposals
    assert found.entry == is_set_to(".env", "NODE_ENV", "production")


@pytest.mark.parametrize(
    ("item", "block"),
    [
        (
            "Check GSI count",
            "aws dynamodb describe-table --table-name shop --query 'length(Table.GlobalSecondaryIndexes)'",
        ),
        ("Verify account ID", "aws sts get-caller-identity"),
        ("Can push an image", "docker push acme/shop:1"),
        ("Verify pods are ready", "kubectl get deployment shop -n shop"),
    ],
)
def test_a_command_that_shows_more_than_its_check_asks_is_none(item: str, block: str) -> None:
    title = CLUSTER if "kubectl" in block else "AWS deployment"
    found = suggested(f"# {title}\n\n## Now\n\n- [ ] {item}\n\n  ```sh\n  {block}\n  ```\n")
    assert {each.kind for each in found.proposals} & {"AWS command", "left by a command", "kubectl command"} == set()


def test_of_what_is_in_each_namespace_each_is_looked_at_by_its_name() -> None:
    (found,) = suggested(f"# {CLUSTER}\n\n- [ ] Verify configmap: `kubectl get configmap -n shop`\n").proposals
    assert found.entry["expect"] == {"contains-each": "{shop-configmaps-names}"}
    assert list(found.asks) == ["shop-configmaps-names"]


@pytest.mark.parametrize(
    ("item", "run", "asked"),
    [
        ("Secrets are set: `kubectl get secret shop-secrets -n shop`", "kubectl get secret shop-secrets -n shop", []),
        (
            "Verify policies: `kubectl get networkpolicies -A`",
            "kubectl get networkpolicies -A",
            ["networkpolicies-names"],
        ),
        ("Nodes ready: `kubectl get nodes`", "kubectl get nodes -o json", []),
        ("HPAs are active (`kubectl get hpa -n shop`)", "kubectl get hpa -n shop -o json", []),
    ],
)
def test_a_state_and_the_command_that_shows_it_are_looked_at(item: str, run: str, asked: list[str]) -> None:
    found = proposed(item, title=CLUSTER)
    assert found is not None
    assert str(found.entry["command"]).startswith(f"{{'run': '{run}")
    assert list(found.asks) == asked


@pytest.mark.parametrize(
    "item",
    [
        "Values of the map are right: `kubectl get configmap shop -n shop -o yaml`",
        "Wait until the sale is over: `kubectl get pods -n shop`",
        "No pods ready: `kubectl get pods -n shop`",
        "Check for budgets that could block: `kubectl get pdb -n shop`",
    ],
)
def test_a_command_below_other_words_is_none(item: str) -> None:
    found = proposed(item, title=CLUSTER)
    assert found is None or found.kind != "kubectl command"


@pytest.mark.parametrize("item", ["`tests.py` - primary tests", "`smoke_test.sh`", "`docker build` succeeds"])
def test_a_script_without_its_program_is_a_file_and_no_command(item: str) -> None:
    found = proposed(item)
    assert found is None or found.kind != "command"


def test_a_port_that_does_not_speak_http_is_not_asked_by_curl() -> None:
    found = proposed("Redis accessible on localhost:6379")
    assert found is not None
    assert found.entry["command"] == {"run": "nc -z localhost 6379", "changes": True}


@pytest.mark.parametrize(
    ("act", "state"),
    [
        ("Created DynamoDB table `orders`", "DynamoDB table `orders` created"),
        ("Enabled GuardDuty", "GuardDuty enabled"),
        ("Installed Terraform", "Terraform installed"),
    ],
)
def test_what_somebody_did_leaves_the_same_as_what_is_to_be_done(act: str, state: str) -> None:
    found, same = proposed(act, title=AWS), proposed(state, title=AWS)
    assert found is not None
    assert same is not None
    assert found.entry == same.entry


@pytest.mark.parametrize("act", ["Created a plan for the table", "Installed the team's trust", "Enabled everybody"])
def test_what_somebody_did_that_leaves_nothing_known_stays_a_persons(act: str) -> None:
    assert proposed(act, title=AWS) is None


@pytest.mark.parametrize("item", ["`JWT_SECRET` = `s3cr3t-of-ada`", "JWT_SECRET=s3cr3t-of-ada"])
def test_the_value_of_a_secret_never_stands_in_a_check(item: str) -> None:
    text = f"# Deployment checklist\n\n## Edit `.env`\n\n- [ ] {item}\n"
    assert "s3cr3t" not in str([each.entry for each in suggested(text).proposals])


@pytest.mark.parametrize(
    ("item", "title"),
    [
        ("Aurora v2 cluster created", AWS),
        ("Configure A record for `monitoring.yourdomain.com`", TITLES["operations"]),
        ("Security alarms configured with `AlarmTopicArn`", AWS),
        ("Create target group: `aws elbv2 create-target-group --vpc-id vpc-xxx --arn arn:aws:...`", AWS),
    ],
)
def test_what_only_shows_where_a_name_goes_is_no_name(item: str, title: str) -> None:
    found = proposed(item, title=title)
    assert found is None or not {"v2", "monitoring.yourdomain.com", "AlarmTopicArn", "arn:aws:..."} & set(
        str(found.entry).replace("'", " ").replace("}", " ").split()
    )


@pytest.mark.parametrize(
    "item",
    [
        "`go test ./...` passes for `services/shop`",
        "Run `npm run check` and confirm the tokens exist",
        "`npm run lint` + `npm run test` before the release",
        "Copy `infra/dev/terraform.tfvars.example` to `terraform.tfvars`",
    ],
)
def test_a_command_or_a_copy_for_another_folder_or_with_more_to_do_is_none(item: str) -> None:
    assert proposed(item) is None


def test_services_that_are_to_be_healthy_are_not_only_running() -> None:
    assert proposed("All Docker containers are running") is not None
    assert proposed("All Docker containers are healthy") is None


@pytest.mark.parametrize("heading", ["Rollback procedures", "Code implementation"])
def test_what_is_for_the_way_back_or_to_be_programmed_gets_none(heading: str) -> None:
    assert proposed("Tests pass", heading=heading) is None
    assert proposed("Tests pass", heading="Day 2: the launch") is not None


def checks_of(text: str) -> list[str]:
    return [check_words(each) for each in suggested(text).proposals]


def test_all_tests_and_those_of_one_kind_are_two_questions() -> None:
    (first, second) = checks_of("# Release\n\n- [ ] All tests pass\n- [ ] Smoke tests pass\n")
    assert (first, second) == ("command sh -c {test-command}", "command sh -c {smoke-test-command}")


def test_items_below_one_place_about_two_things_share_no_question() -> None:
    found = suggested(
        f"# {AWS}\n\n## S3\n\n- [ ] CORS applied to photos bucket\n- [ ] CORS applied to invoices bucket\n"
    )
    assert len({str(each.entry) for each in found.proposals}) == len(found.proposals)


@pytest.mark.parametrize(
    ("document", "is_proposed"),
    [
        ("## SSH connection\n\n- [ ] Ready\n\n## Docker\n\n- [ ] Docker installed\n", False),
        ("## Docker\n\n- [ ] Docker installed\n\n## SSH connection\n\n- [ ] Ready\n", True),
        ("The app runs on an EC2 instance.\n\n## After\n\n- [ ] Health: `curl http://localhost/health`\n", False),
        ("The app runs on an EC2 instance.\n\n## Local tests\n\n- [ ] Health: `curl http://localhost/health`\n", True),
    ],
)
def test_what_runs_on_an_instance_is_not_looked_at_here(document: str, is_proposed: bool) -> None:
    assert bool(suggested(f"# Deployment checklist\n\n{document}").proposals) is is_proposed


@pytest.mark.parametrize(
    "item",
    [
        "Public access blocked on both buckets",
        "Port 2049 - inbound from the workers",
        "Security group configured (allows EC2 access)",
        "Key pair created and saved safely",
        "Stripe webhook registered: `https://shop.acme-shop.org/hook`",
        "Railway CLI installed (v4.27.4)",
        'Health endpoint returns "healthy"',
        "`.env` file created and configured by Ada",
    ],
)
def test_more_claims_that_a_check_does_not_show(item: str) -> None:
    assert proposed(item, title=AWS) is None


@pytest.mark.parametrize(
    ("item", "words"),
    [("Public subnet created", "[?MapPublicIpOnLaunch]"), ("Private subnets configured", "[?!MapPublicIpOnLaunch]")],
)
def test_public_and_private_subnets_are_two_checks(item: str, words: str) -> None:
    found = proposed(item, title=AWS)
    assert found is not None
    assert words in str(found.entry["expression"])


@pytest.mark.parametrize(
    ("item", "title"),
    [
        ("`.env.production` created with `API_URL`", TITLES["operations"]),
        ("Backend `.env` created", TITLES["operations"]),
        ("HTTPS enforced (HSTS configured)", TITLES["operations"]),
        ("Grafana is deployed with persistent storage", CLUSTER),
        ("Route tables configured (0.0.0.0/0 \u2192 IGW)", AWS),
        ("Create IAM user for deployment with programmatic access", AWS),
    ],
)
def test_what_comes_with_a_thing_is_a_claim(item: str, title: str) -> None:
    assert proposed(item, title=title) is None


def test_what_a_pipeline_would_run_leaves_nothing() -> None:
    block = "build:\n    steps:\n      docker push acme/shop:1"
    found = suggested(f"# Deployment\n\n## Now\n\n- [ ] Create build job:\n\n  ```yaml\n    {block}\n  ```\n")
    assert found.proposals == ()


def test_two_addresses_to_test_are_two_questions() -> None:
    (first, second) = checks_of("# Deployment\n\n- [ ] Test CloudFront URL\n- [ ] Test production URL\n")
    assert first != second


@pytest.mark.parametrize(
    ("title", "item"),
    [
        ("Deployment of the shop on Google Cloud (Kubernetes)", "Create secrets in Secret Manager"),
        ("AWS deployment", "S3 bucket created in Cloudflare"),
    ],
)
def test_what_is_somebody_elses_is_not_asked_of_aws_or_a_cluster(title: str, item: str) -> None:
    assert proposed(item, title=title) is None


def test_a_document_that_is_about_others_more_than_about_aws_asks_others() -> None:
    text = "# Deployment\n\nWith S3, SES, SQS, SNS and RDS.\n\n{}\n\n- [ ] Check Function logs for errors\n"
    assert suggested(text.format("")).proposals
    assert not suggested(text.format("Vercel: Vercel logs, Vercel secrets, Vercel URLs, Neon, Sentry.")).proposals


@pytest.mark.parametrize(
    "item",
    [
        "ALB is active and healthy",
        "RDS instance running and accessible",
        "S3 bucket created (one per region)",
        "VPC created (10.1.0.0/16)",
        "Public subnets created (2 AZs)",
        "AWS CLI v2 installed and configured",
        "`./check.sh` passes, then `./manage.sh test` passes",
        "Users endpoint returns data: `curl https://shop.org/api/users`",
    ],
)
def test_a_second_half_is_not_passed_over(item: str) -> None:
    assert proposed(item, title="AWS deployment with EC2, RDS and S3") is None


def test_what_a_block_says_is_to_be_seen_is_looked_at() -> None:
    text = "# Kubernetes\n\n- [ ] Verify PSP created\n\n  ```bash\n  kubectl get psp\n  {}\n  ```\n"
    assert suggested(text.format("")).proposals
    (found,) = suggested(text.format("# Should show: restricted-alpha, baseline-beta")).proposals
    assert found.entry["expect"] == {"contains-each": "restricted-alpha baseline-beta"}
