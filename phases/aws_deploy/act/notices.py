"""How are people told? A message to the SNS topic, a POST to the webhook, each once.

Rules:
- A message that was cut off by a crash cannot be looked up: a person says whether it arrived.
- A topic without a confirmed subscriber tells nobody: the message is sent, and the notice is not checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from phases.aws import AwsError, NotFound
from phases.aws_deploy.live.answers import PAUSES
from phases.aws_deploy.live.subscribers import subscribers
from phases.aws_deploy.spec.load_target import DeploymentTarget
from phases.aws_deploy.spec.recorded import Sent
from phases.checks.answered import Item
from phases.step import Check, Question, StepContext
from state.evidence import Verdict

SUBJECT = 100  # characters. Source: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html (Subject)


def notify(
    ctx: StepContext,
    on: DeploymentTarget,
    item: Item,
    kind: str,
    subject: str,
    facts: Mapping[str, object],
    *,
    without_topic: Verdict = "fail",
) -> Iterator[Check]:
    """Tell everybody who is configured; `kind` names the notice within the task.

    `without_topic` is what it means when the topic is not there.
    """
    notification = on.deployment.notification
    if notification.sns_topic:
        topic = notification.sns_topic
        text = "\n".join([subject, "", *(f"{name}: {value}" for name, value in facts.items())])

        def publish() -> Sent:
            aws = on.aws.at(topic.split(":")[3])
            try:
                answer = aws.call("sns", "publish", TopicArn=topic, Subject=subject[:SUBJECT], Message=text)
            except NotFound:
                return {"message": "there is no such topic", "missing": True}
            return {"message": answer["MessageId"]}

        sent = ctx.effect(
            f"{kind}-sns", {"topic": topic, "subject": subject}, publish, lambda: _arrived(ctx, kind, "sns"), Sent
        )
        yield _by_topic(on, item, sent, without_topic)
    if notification.webhook:
        url = notification.webhook

        def post() -> Sent:
            return {"message": ctx.post(url, {"text": subject, **facts})}

        sent = ctx.effect(f"{kind}-webhook", {"subject": subject}, post, lambda: _arrived(ctx, kind, "webhook"), Sent)
        good = sent.get("attested") or 200 <= int(sent["message"]) < 300
        yield item.check("webhook", "status 2xx", str(sent["message"]), _verdict(sent) if good else "fail")
    if not notification.sns_topic and not notification.webhook:
        seen = "not checked: neither topic nor webhook is configured"
        yield item.check("notice", "to somebody", seen, "not-checked", "notification")


def _by_topic(on: DeploymentTarget, item: Item, sent: Sent, without_topic: Verdict) -> Check:
    """Whether somebody hears the message: it has an id, and the topic has confirmed subscribers."""
    topic, expected = str(on.deployment.notification.sns_topic), "a message to somebody"
    if sent.get("missing"):
        return item.check("topic", expected, str(sent["message"]), without_topic, topic)
    try:
        heard = subscribers(on.aws, topic)
    except PAUSES:
        raise
    except AwsError as error:
        seen = f"message {sent['message']}; not checked who hears it: {error.message}"
        return item.check("topic", expected, seen, "not-checked", topic)
    verdict = _verdict(sent) if heard.confirmed else "not-checked"
    return item.check("topic", expected, f"message {sent['message']} to {heard}", verdict, topic)


def _verdict(sent: Sent) -> Verdict:
    return "attested" if sent.get("attested") else "pass"


def _arrived(ctx: StepContext, kind: str, way: str) -> Sent | None:
    answer = ctx.ask(
        Question(
            f"{kind}-{way}-arrived-{ctx.attempt}",
            f"The notice by {way} was interrupted and nothing can tell whether it was sent. Look, then say "
            "'arrived' or 'again'.",
            choices=("arrived", "again"),
            suggest=False,
        )
    )
    return {"message": "a person saw it arrive", "attested": True} if answer == "arrived" else None
