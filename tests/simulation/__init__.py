"""Editors, workers, a provider and a storage in one process, under one seed, with everything going wrong.

The app's own code runs, down to the reading of replies; rows are in SQLite, in memory. Clock, network, queue,
storage and decoder are stood in for, and obey the schedule: one ``random.Random(seed)`` decides who acts, what
fails, and between which two statements a worker dies or another one steps in. After each step what must always hold
is looked at (``invariants``); at the end the world calms down, and every order must end in time.

``python -m tests.simulation --schedules 1000`` runs many; ``--seed 7`` tells one in full.
"""
