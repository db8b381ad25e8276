"""The sandbox's own CloudFormation: strict, deterministic, one resource a poll.

wire      HTTP form -> request -> XML          api           the actions and what they take
change_set_actions, stack_actions              what they do
template, intrinsics, parameters, ordering, validation       text -> checked template
change_set                                     what would change
operation, steps, provisioning                 one tick at a time, into the service APIs
resource_types/                                one file a type
stacks, account                                what is remembered
"""
