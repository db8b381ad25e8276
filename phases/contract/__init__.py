"""The migration contract: its model, reader, dialect, shape and rules."""
