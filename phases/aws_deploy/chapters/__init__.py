"""Documents for people: the report, the operations guide."""
