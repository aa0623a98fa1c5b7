"""Actions, their versions, and the triggers they are bound to: /actions."""
