"""/prompts: settings, partials, custom texts and renderers of the login pages."""
