"""The door to AWS: clients, failed calls, retries, service models."""
