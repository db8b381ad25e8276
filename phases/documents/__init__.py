"""Text with places in it: JSON, YAML and Markdown."""
