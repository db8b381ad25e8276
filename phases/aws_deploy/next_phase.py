"""What does an approver read of the next phase? That approving begins it at once, where, and what it will do there."""

from __future__ import annotations

from phases.step import ReviewSection, approving


def next_phase(where: tuple[str, str], number: int, does: str, body: str) -> list[ReviewSection]:
    """The sections for a phase that acts before it asks anybody.

    Args:
        where: account and region.
        does: in a few words of plain text, behind "it".
        body: all that it does, as Markdown.
    """
    title, (account, region) = f"What phase {number} will do", where
    begins = f'begins phase {number} at once: in account {account}, region {region} it {does} (see "{title}").'
    return [approving(begins), ReviewSection(title, body)]
