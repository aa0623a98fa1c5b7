"""Names for what is counted and remembered: keyed digests, so that no store and no log holds a number."""

from hashlib import blake2b

LABEL = b"auth0-phone/sms"  # 16 bytes at most


class Names:
    """Keyed BLAKE2b (RFC 7693), under a secret of the gateway's: another one gives a number another name."""

    def __init__(self, key: bytes) -> None:
        self._key = blake2b(key, person=LABEL, digest_size=32).digest()
        self._kinds: dict[str, blake2b] = {}

    def of(self, kind: str, value: str, more: str = "") -> str:
        """32 hex digits. The kind has at most 16 letters; one value never runs into the other."""
        begun = self._kinds.get(kind)
        if begun is None:
            begun = self._kinds[kind] = blake2b(key=self._key, person=kind.encode(), digest_size=16)
        name = begun.copy()
        name.update(f"{len(value)}:{value}{more}".encode("utf-8", "surrogatepass"))
        return name.hexdigest()
