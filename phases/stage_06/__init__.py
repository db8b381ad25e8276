"""The workflow `stage-06`: DynamoDB tables from a migration contract, designed, deployed and verified."""
