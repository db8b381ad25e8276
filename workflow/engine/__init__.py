"""How does one run go from gate to gate? `engine` is the protocol, the other modules are its parts."""
