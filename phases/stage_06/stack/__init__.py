"""The stack: its change sets, from questions to a settled deployment."""
