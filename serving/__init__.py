"""What the hosted services stand on: logs, bodies, counters, connections, the server."""
