"""Flows that forms run, their executions, and the vault of connections they use."""
