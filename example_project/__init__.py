"""A small magazine that uses seedream_django. It needs no key, no server and no network."""
