"""What the phases do themselves: commands, notices, the archive."""
