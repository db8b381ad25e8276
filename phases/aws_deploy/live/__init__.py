"""What does AWS say of what is running? Read as facts: what is not in an answer is never taken for a good one."""
