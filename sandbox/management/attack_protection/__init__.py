"""/attack-protection: the five settings that guard a tenant's logins."""
