"""The tenant's e-mails: they leave for the outbox, and the handset shows them."""

from ..context import Sandbox

SENDER = "no-reply@auth0.localhost"


def send(sandbox: Sandbox, to: str, subject: str, body: str, code: str | None = None) -> None:
    """Send one; `code` is what of it a person has to type."""
    message = {
        "to": to,
        "from": SENDER,
        "subject": subject,
        "body": f"{subject}\n\n{body}",
        "channel": "email",
        "code": code,
        "at": sandbox.clock.iso(),
    }
    sandbox.store.append("messages", message)
