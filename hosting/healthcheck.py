"""Asks the service in this container whether it is well: `python healthcheck.py PORT`. Exit code 0 is a yes.

It speaks HTTP, or TLS where the service does. Then the certificate must be good for the name in
`publicBaseUrl`, so that one that has run out counts as ill; SSL_CERT_FILE names an authority that the system
doesn't know.
"""

import json
import os
import socket
import ssl
import sys
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

PATH = "/healthz"
SECONDS = 2.0  # for each of the two ways; the container's own timeout is longer than both


def status(port: int, tls_name: str | None) -> int:
    """What the service answers; OSError or HTTPException when it doesn't."""
    connection = HTTPConnection("localhost", port, timeout=SECONDS)
    if tls_name is not None:
        plain = socket.create_connection(("localhost", port), SECONDS)
        connection.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=tls_name)
    try:
        connection.request("GET", PATH)
        return connection.getresponse().status
    finally:
        connection.close()


def public_name() -> str:
    """The host's name in the stage's address."""
    stage = json.loads(Path(os.environ["PHONE_STAGE_FILE"]).read_text())
    return urlsplit(stage["publicBaseUrl"]).hostname or ""


def main(arguments: list[str]) -> int:
    port = int(arguments[0])
    try:
        try:
            answered = status(port, None)
        except (ConnectionResetError, HTTPException):  # what a server that wants TLS does to plain HTTP
            answered = status(port, public_name())
    except (OSError, HTTPException) as error:
        print(f"{PATH} on port {port} gives no answer: {error}")
        return 1
    print(f"{PATH} on port {port} answers {answered}")
    return 0 if answered == 200 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
