"""The phone of everybody in the sandbox: each number's messages in a browser, and as JSON for tests."""
