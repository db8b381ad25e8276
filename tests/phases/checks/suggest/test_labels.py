"""A line in bold above a list, and an entry without a box, say what the boxes below them are about."""

from __future__ import annotations

from tests.worlds.checklists import suggested
from workflow.runbook.checklist import read_items_of

TEXT = """# AWS deployment

## Resources

**S3:**
- [ ] Versioning enabled

**Lambda**

- [ ] Runtime: Node.js 20.x

Behind a paragraph

- [ ] Versioning enabled

- DynamoDB
  - [ ] Streams enabled
"""


def test_a_label_is_a_heading_and_an_entry_is_a_parent() -> None:
    first, second, third, last = read_items_of(TEXT.encode(), "list.md").items
    assert [each.text for each in first.headings] == ["AWS deployment", "Resources", "S3"]
    assert [each.text for each in second.headings] == ["AWS deployment", "Resources", "Lambda"]
    assert [each.text for each in third.headings] == ["AWS deployment", "Resources"]
    assert [(each.text, each.line) for each in last.parents] == [("DynamoDB", 16)]


def test_what_stands_below_them_is_about_their_things() -> None:
    assert [each.kind for each in suggested(TEXT).proposals] == [
        "versioning",
        "runtime Node.js of a function",
        "stream of a table",
    ]


def test_items_below_two_labels_do_not_share_a_question() -> None:
    text = (
        "# AWS deployment\n\n## Checks\n\n**Staging:**\n- [ ] Lambda function deployed\n\n**Production:**\n"
        "- [ ] Lambda function deployed\n"
    )
    first, second = suggested(text).proposals
    assert first.asks.keys().isdisjoint(second.asks)


def test_alarms_below_their_list_are_known_by_their_metric() -> None:
    text = (
        "# AWS deployment\n\n- [ ] Set up CloudWatch alarms for:\n  - [ ] High CPU usage on EC2\n"
        "  - [ ] DynamoDB throttling\n  - [ ] API Gateway 4xx/5xx errors\n  - [ ] Lambda errors and timeouts\n"
    )
    found = suggested(text).proposals
    assert [each.kind for each in found] == ["alarms on the CPU of EC2", "alarms on throttled requests to DynamoDB"]
    assert len({name for each in found for name in each.asks}) == 2
