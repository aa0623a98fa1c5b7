"""/branding: the tenant's looks, its page template and themes, its phone provider and phone templates."""
