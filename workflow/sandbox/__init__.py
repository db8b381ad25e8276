"""An AWS account on this machine: moto's service APIs with phasegate's own CloudFormation in front.

control        start, status, stop (standard library only)      inprocess   the same account inside a test
server, serving, front, snapshot                                the process that outlives its starter
faults, service_calls                                           what shall go wrong, and on which call
inside, moto_gaps                                               how it uses moto, and what it mends there
cloudformation/                                                 the strict engine
"""
