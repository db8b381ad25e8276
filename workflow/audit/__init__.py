"""Is a run what it says it is? `audit_workspace` reads git and the journals, and trusts neither (docs/audit.md)."""

from workflow.audit.report import RunAudit, TaskLine
from workflow.audit.workspace_audit import audit_workspace

__all__ = ["RunAudit", "TaskLine", "audit_workspace"]
