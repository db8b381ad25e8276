"""The rules: what words of an item become which check. Each has examples and counter-examples, which are tests."""
