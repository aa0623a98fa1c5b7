"""What the plugin deploys to the sandbox: every resource in scope, as first declared and as changed later."""
