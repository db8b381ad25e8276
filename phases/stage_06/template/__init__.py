"""The CloudFormation template: what a contract becomes, and whether it is right."""
