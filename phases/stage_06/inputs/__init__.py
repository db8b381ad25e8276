"""What do the tasks of stage 06 start from: the questions, the sample, what earlier tasks left in the journal."""
