"""Applications: /clients and their credentials."""
