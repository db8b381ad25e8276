"""One order over many accounts and regions: a fleet is a run of its own, with a task a wave."""
