"""What does a task do? `step` (how work is declared), `aws` (what it may ask), and one package per workflow."""
