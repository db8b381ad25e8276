"""How is it driven? Reader, engine, command line, and the doors to git, AWS, the terminal and the clock."""
