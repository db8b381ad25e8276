"""The workflow `aws-deploy`: the eight phases of a deployment, with AWS answering for itself."""
