"""A public key for a client's credential."""

from joserfc.jwk import RSAKey

PEM = RSAKey.generate_key(2048).as_pem(private=False).decode()
