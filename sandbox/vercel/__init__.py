"""A Vercel account: its REST API, and the one place where a production deployment really runs."""
