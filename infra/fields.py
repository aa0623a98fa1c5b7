"""The kinds of value that a stage's settings are made of, and what every group of them shares."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationInfo
from pydantic.alias_generators import to_camel

from . import values
from .secret import Secret

# Auth0 keeps 4096 characters of an Action secret; older copies of its limits page say 2048:
# auth0.com/docs/customize/actions/limitations
SECRET_LIMIT = 2048
CLIENT = "x7Yc2FqTn4KpR8sWb1Lm0dGh5JvZa3Qe"
_SID = r"[0-9a-fA-F]{32}"


def by_stage(check: Callable[[str, str], str]) -> AfterValidator:
    def validate(value: str, info: ValidationInfo[Any]) -> str:
        return check(value, info.context["stage"])

    return AfterValidator(validate)


def text_of(limit: int, lines: bool = False) -> AfterValidator:
    return AfterValidator(lambda value: values.text(value, limit, lines))


def matching(pattern: str, what: str) -> AfterValidator:
    return AfterValidator(lambda value: values.matching(value, pattern, what))


def secret(pattern: str, what: str) -> AfterValidator:
    def validate(value: Secret) -> Secret:
        if not value.is_opaque:
            values.matching(value.reveal(), pattern, what)
        return value

    return AfterValidator(validate)


def listed(value: object) -> object:
    if isinstance(value, list | tuple):
        return tuple(value)
    raise ValueError("must be a list")


def moment(value: object) -> object:
    return values.moment(value) if isinstance(value, str) else value


Items = BeforeValidator(listed)
Name = Annotated[str, text_of(128)]
Domain = Annotated[str, by_stage(values.domain)]
Url = Annotated[str, by_stage(values.url)]
ClientId = Annotated[str, matching(r"[A-Za-z0-9_-]{1,64}", "a client id (letters, digits, '-' and '_')")]
ConnectionName = Annotated[
    str,
    matching(
        r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,126}[A-Za-z0-9])?",
        "a connection's name (letters and digits, '-' between them)",
    ),
]
Organization = Annotated[str, matching(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", "an organization's id or name")]
Version = Annotated[str, matching(r"[A-Za-z0-9._-]{1,64}", "a version (letters, digits, '.', '_' and '-')")]
Country = Annotated[str, AfterValidator(values.country)]
Key = Annotated[
    Secret,
    secret(rf"[A-Za-z0-9_-]{{43,{SECRET_LIMIT}}}", "base64url of 32 random bytes or more (43 characters)"),
]

TwilioKey = Annotated[Secret, secret(rf"(?:SK|AC){_SID}", "an API key (SK… or AC… and 32 hex digits)")]
TwilioSecret = Annotated[
    Secret, secret(rf"[!-~]{{16,{SECRET_LIMIT}}}", "an API secret (16 or more visible characters)")
]
SmsSecret = Annotated[
    Secret,
    secret(rf"[!-~]{{32,{SECRET_LIMIT}}}", "a secret of 32 or more visible characters, without spaces"),
]
VerifyService = Annotated[Secret, secret(rf"VA{_SID}", "a Verify service (VA… and 32 hex digits)")]


class Group(BaseModel):
    """Frozen, spelled in camelCase outside; leaves name an example, from which mending commands are made."""

    model_config = ConfigDict(
        frozen=True,
        alias_generator=to_camel,
        populate_by_name=True,
        arbitrary_types_allowed=True,
        hide_input_in_errors=True,
    )
