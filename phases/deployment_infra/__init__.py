"""The workflow `deployment-infra`: a deployment module of Terraform, pipelines and tests, written task by task."""
