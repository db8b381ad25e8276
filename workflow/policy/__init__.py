"""Who may open which gate, as phasegate.yaml says: the file, and the policy in effect."""
