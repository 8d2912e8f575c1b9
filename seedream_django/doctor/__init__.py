"""Examines the house, part by part, and says of each what is so and what to do about it.

``examination`` looks, in a command or in a worker, and keeps what it found as rows; ``words`` makes the sentences of
them, and reaches neither the network, nor a storage, nor the queue. Nothing here costs anything: the provider is
asked for a sign of life and for the balance, both free.
"""
