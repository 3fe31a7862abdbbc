"""The real servers of the tests: each is started from a temporary folder on loopback, and ended by pid."""
