"""The command line: `main` (front door), then a module per group of verbs; `place` and `wiring` build what they use."""
