"""The hosted web form: proves that a person holds a phone number, then hands them back to their login."""
