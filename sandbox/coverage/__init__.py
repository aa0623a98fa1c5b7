"""sandbox/COVERAGE.md: what is there, and how it is known to be right."""
