"""The command line: `main` (front door), then a file a verb: options in, the desk (`workflow.service`), text out."""
