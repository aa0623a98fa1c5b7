"""/branding: the phone provider and the phone templates."""
