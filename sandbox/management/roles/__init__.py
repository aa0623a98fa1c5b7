"""Roles: /roles, their permissions and the users who have them."""
