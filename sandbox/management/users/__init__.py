"""Users: /users, /users-by-email, and the roles and permissions assigned to them."""
