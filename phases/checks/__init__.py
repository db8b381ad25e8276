"""Declarative checks: what a YAML file beside a runbook asks of AWS, read, looked at and kept as evidence."""
