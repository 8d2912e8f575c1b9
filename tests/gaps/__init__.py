"""A test-only app that stops its process for good at one named gap, so that a test can kill it there."""
