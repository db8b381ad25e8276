"""Which of the three shapes is a runbook: a task list, a phase workflow or a checklist?

Rules, the first that holds:
- phases: it has phase headings, and its boxes have no ids;
- tasks: at least a tenth of its boxes have ids, or they all stand in one section of a document that is not called a
  checklist, or there are none (the reader refuses it then);
- checklist: what is left.

Boxes under headings such as "Success Criteria" or "Notes" are not asked, nor are those of the way back.
"""

from __future__ import annotations

from state.model import Shape
from workflow.runbook.conditions import Natures
from workflow.runbook.outline import Document
from workflow.runbook.phases import phase_sections
from workflow.runbook.task_list import criteria_groups


def recognise(document: Document, found: Natures) -> Shape:
    """The shape of a document."""
    orders = _asked(document, found)
    with_id = sum(bool(document.boxes[order].label.id) for order in orders)
    if not with_id and _has_phases(document, found):
        return "phases"
    if with_id and with_id * 10 >= len(orders):
        return "tasks"
    sections = {document.section_of[order] for order in orders}
    if not document.boxes or (len(sections) == 1 and "checklist" not in document.title.lower()):
        return "tasks"
    return "checklist"


def _asked(document: Document, found: Natures) -> list[int]:
    """The numbers of the boxes that tell of the shape."""
    grouped = {order for orders in criteria_groups(document).values() for order in orders}
    return [
        order
        for order, number in enumerate(document.section_of)
        if order not in grouped and not found.goes_back(number, document.boxes[order].row)
    ]


def _has_phases(document: Document, found: Natures) -> bool:
    return any(not found.way_back[section.chain[-1]] for section, _name in phase_sections(document))
