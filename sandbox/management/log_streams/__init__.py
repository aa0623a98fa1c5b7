"""/log-streams: where a tenant's log is sent to."""
