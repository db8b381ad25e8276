"""deployment.yaml: what is to be deployed."""
