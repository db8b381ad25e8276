"""What the tables cost a month."""
