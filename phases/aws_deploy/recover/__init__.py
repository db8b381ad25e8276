"""The way to an earlier state: backups, executed effects, the rollback's plan and its steps."""
