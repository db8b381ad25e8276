"""The workflow `deployment-checklist`: a service's deployment checklist, answered by AWS, the machine and people."""
