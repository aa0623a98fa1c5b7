"""A secret value that does not turn into text by accident."""

import hmac
from typing import Any, NoReturn

from .errors import SecretExposedError


class Secret:
    """Holds one secret; only `reveal` gives it away.

    `str()`, formatting, JSON and pickling raise, so that a secret cannot slip into rendered code, a log line
    or an error message. `Secret.opaque()` stands for one that exists encrypted and was not decrypted.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str | None) -> None:
        self._value = value

    @classmethod
    def opaque(cls) -> "Secret":
        return cls(None)

    @property
    def is_opaque(self) -> bool:
        return self._value is None

    def reveal(self) -> str:
        if self._value is None:
            raise SecretExposedError("this secret was not decrypted, so there is nothing to reveal")
        return self._value

    def _refuse(self, *_: object) -> NoReturn:
        raise SecretExposedError("a secret must not become text; only what hands it to its owner reveals it")

    def __str__(self) -> str:
        self._refuse()

    def __format__(self, spec: str) -> str:
        self._refuse()

    def __reduce__(self) -> str | tuple[Any, ...]:
        self._refuse()

    # Unlike str(), repr() must work: test runners and debuggers call it on whatever they meet.
    def __repr__(self) -> str:
        return "Secret(hidden)"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret) or self._value is None or other._value is None:
            return self is other
        return hmac.compare_digest(self._value.encode(), other._value.encode())

    __hash__ = None  # type: ignore[assignment]  # unhashable on purpose: hash tables compare in variable time
