"""What the deployed tables can become, and by which updates."""
