"""Twilio Verify v2 as far as a phone verification needs it."""
