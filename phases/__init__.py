"""What does a task do? `step` (how work is declared), `aws` (what it may ask), one package per workflow, and what they share."""
