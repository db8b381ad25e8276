"""What is anybody shown? Data and Markdown, built once, for every face."""
