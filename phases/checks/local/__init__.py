"""What may a check look at on this machine, and what does it see? Tools, commands, files, a virtual environment."""
