"""What is outside? One door each: git, AWS, commands, webhooks, the terminal, the clock, signatures, masking."""
