"""Organizations: /organizations, their members, connections, invitations, grants and domains."""
