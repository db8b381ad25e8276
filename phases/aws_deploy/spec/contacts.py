"""Whom are people to call? What phase 1 asks for each contact, and where its answer is found."""

from __future__ import annotations

# setting of `contacts` in deployment.yaml -> name and text of the question
CONTACTS = {
    "support": ("aws-support-process", "How is an AWS support case opened here?"),
    "escalation": ("escalation-path", "Who is called, in which order, when this goes wrong?"),
    "critical": ("critical-procedure", "What is done first when production is down?"),
}
