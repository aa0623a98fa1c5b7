"""Identifiers in the formats of Auth0 and Twilio."""

import os
import random
import string
import struct

_ALPHANUMERIC = string.ascii_letters + string.digits
_HEX = "0123456789abcdef"


class Ids:
    """Makes identifiers; with a `seed` always the same ones, for tests only."""

    def __init__(self, seed: int | None = None) -> None:
        self._seed = seed
        # A seeded generator is predictable on purpose; without a seed the system's own source is used.
        self._random = None if seed is None else random.Random(seed)  # noqa: S311

    @property
    def is_seeded(self) -> bool:
        return self._seed is not None

    def restart(self, number: int = 0) -> None:
        """After a tenant was made, whatever that took: with a seed, what comes now is the same each time.

        Another `number` is another sequence: a store that holds identifiers already must not see them again.
        """
        if self._seed is not None:
            self._random = random.Random(f"{self._seed} {number}")  # noqa: S311 - predictable on purpose

    def hex(self, length: int) -> str:
        return self._pick(_HEX, length)

    def alphanumeric(self, length: int) -> str:
        return self._pick(_ALPHANUMERIC, length)

    def digits(self, length: int) -> str:
        return self._pick(string.digits, length)

    def prefixed(self, prefix: str, length: int = 16) -> str:
        """For example con_, cgr_, cred_, rol_ and 16 letters or digits."""
        return f"{prefix}_{self.alphanumeric(length)}"

    def uuid(self) -> str:
        """A version 4 UUID: Actions, versions, bindings."""
        bits = self.hex(12) + "4" + self.hex(3) + self._pick("89ab", 1) + self.hex(15)
        return f"{bits[:8]}-{bits[8:12]}-{bits[12:16]}-{bits[16:20]}-{bits[20:]}"

    def client_id(self) -> str:
        return self.alphanumeric(32)

    def client_secret(self) -> str:
        """64 characters; the first is no dash, which a command line would take for an option."""
        return self._pick(_ALPHANUMERIC, 1) + self._pick(_ALPHANUMERIC + "_-", 63)

    def connection(self) -> str:
        return self.prefixed("con")

    def client_grant(self) -> str:
        return self.prefixed("cgr")

    def credential(self) -> str:
        return self.prefixed("cred", 22)

    def resource_server(self) -> str:
        return self.hex(24)

    def user(self, provider: str = "auth0") -> str:
        """A whole user_id: `auth0|` and 24 hexadecimal digits."""
        return f"{provider}|{self.hex(24)}"

    def twilio(self, prefix: str) -> str:
        """A Twilio SID: two letters (AC, VA, VE, SK, …) and 32 hexadecimal digits."""
        return prefix + self.hex(32)

    def token(self, length: int = 43) -> str:
        """An opaque value nobody can guess: state, code, session id."""
        return self._pick(_ALPHANUMERIC + "_-", length)

    def pick(self, alphabet: str) -> str:
        """One character of an alphabet."""
        return self._pick(alphabet, 1)

    def _pick(self, alphabet: str, length: int) -> str:
        if self._random is not None:
            return "".join(self._random.choices(alphabet, k=length))
        # All at once: the system is asked for each letter otherwise, and a login has hundreds.
        numbers = struct.unpack(f"{length}I", os.urandom(4 * length))
        return "".join([alphabet[number % len(alphabet)] for number in numbers])
