"""Long-running work on users: /jobs."""
