"""Users: /users, /users-by-email, what belongs to them, and the sessions and tokens they have."""
