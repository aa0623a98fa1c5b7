"""/emails/provider and /email-templates: who sends a tenant's e-mails, and their words."""
