"""May we go on? Decisions over facts, pure: `decision` (the three answers), `approval` (the exit gate), `policy`."""
