"""The SMS gateway's tests."""
