"""Who has confirmed a subscription? moto says "everybody, at once" of one, and "nobody" of its topic.

moto 5.2.5 calls each subscription confirmed and counts none of them in `GetTopicAttributes`. Here the topic counts what
it has. Mail is read at once, so that a rehearsal goes on by itself, except at an address that `Faults.unread` names:
there a subscription is pending, as it is on AWS until somebody follows the link.

Source: https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from workflow.sandbox.faults import Faults

PENDING = "PendingConfirmation"


@contextmanager
def installed(faults: Faults) -> Iterator[None]:
    """Within this context moto's SNS answers so."""
    from moto.sns.models import SNSBackend
    from moto.sns.responses import SNSResponse

    def is_pending(subscription: Any) -> bool:
        return subscription.protocol in {"email", "email-json"} and subscription.endpoint in faults.unread

    wrapped: tuple[tuple[type, str, Callable[..., Any]], ...] = (
        (SNSBackend, "list_subscriptions", _listed),
        (SNSBackend, "list_subscriptions_by_topic", _listed),
        (SNSBackend, "get_subscription_attributes", _described),
        (SNSResponse, "get_topic_attributes", _counted),
    )
    with ExitStack() as patches:
        for kind, name, wrap in wrapped:
            patches.enter_context(patch.object(kind, name, wrap(getattr(kind, name), is_pending)))
        yield


def _listed(original: Callable[..., Any], is_pending: Callable[[Any], bool]) -> Callable[..., Any]:
    """A list in which a pending subscription has the word in place of its ARN."""

    def shown(subscription: Any) -> Any:
        if not is_pending(subscription):
            return subscription
        pending = copy.copy(subscription)
        pending.arn = PENDING
        return pending

    def method(backend: Any, *arguments: Any, **given: Any) -> Any:
        subscriptions, token = original(backend, *arguments, **given)
        return [shown(subscription) for subscription in subscriptions], token

    return method


def _described(original: Callable[..., Any], is_pending: Callable[[Any], bool]) -> Callable[..., Any]:
    """The attributes of a subscription, which say that it is pending."""

    def method(backend: Any, arn: str) -> Any:
        attributes = original(backend, arn)
        subscription = backend.subscriptions.get(arn)
        if subscription is not None and is_pending(subscription):
            return {**attributes, PENDING: True, "ConfirmationWasAuthenticated": False}
        return attributes

    return method


def _counted(original: Callable[[Any], Any], is_pending: Callable[[Any], bool]) -> Callable[[Any], Any]:
    """The attributes of a topic, which count its subscriptions."""

    def method(handler: Any) -> Any:
        topic = handler.backend.get_topic(handler._get_param("TopicArn"))
        ours = [each for each in handler.backend.subscriptions.values() if each.topic_arn == topic.arn]
        topic.subscriptions_pending = sum(map(is_pending, ours))
        topic.subscriptions_confimed = len(ours) - topic.subscriptions_pending
        return original(handler)

    return method
