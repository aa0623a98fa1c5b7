"""The SMS gateway: checks who asks, what and how much, and has a carrier deliver it."""
