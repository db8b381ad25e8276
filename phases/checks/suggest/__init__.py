"""Which checks could answer the items of any checklist? Proposals by rules that are data, for a person to edit."""
