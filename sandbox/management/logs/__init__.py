"""/logs: the tenant's log, and how calls of this API get into it."""
