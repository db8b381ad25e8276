"""How do two clones meet at a git remote? At refs with the state in their name, moved by compare-and-swap."""
