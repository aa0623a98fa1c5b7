"""AWS End User Messaging SMS, version 2, through the SDK (the requirement boto3 is optional).

Documented: https://docs.aws.amazon.com/pinpoint/latest/apireference_smsvoicev2/API_SendTextMessage.html;
errors and reasons as in the SDK's own model of the service, `pinpoint-sms-voice-v2`.
"""

import asyncio
import logging
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, ClassVar, Self

from pydantic import model_validator

from .answers import accepted, by_status, code_of, is_id, retry_after
from .base import CarrierSettings, Message, Outcome, Receipt
from .credentials import Digits, Secret, variable

# Without the optional requirement this module can't be loaded, which the stage's carriers are told.
boto3: Any = import_module("boto3")
configuration: Any = import_module("botocore.config")
errors: Any = import_module("botocore.exceptions")

SERVICE = "pinpoint-sms-voice-v2"
WORKERS = 16
# Together they stay below the carrier's time-out. The look-up of a name has no limit of its own, and TLS has
# the first one for each of its steps: so the time is looked at again once the connection stands.
CONNECT_SECONDS, READ_SECONDS = 2.0, 5.0

# What the SDK refuses by itself.
UNSENT = (
    errors.NoCredentialsError,
    errors.PartialCredentialsError,
    errors.CredentialRetrievalError,
    errors.ParamValidationError,
)
REASONS = {
    "DESTINATION_PHONE_NUMBER_OPTED_OUT": Outcome.OPTED_OUT,
    "DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE": Outcome.REFUSED,
}
ERRORS = {
    "ThrottlingException": Outcome.RETRYABLE,
    "InternalServerException": Outcome.AMBIGUOUS,
    **dict.fromkeys(("AccessDeniedException", "ResourceNotFoundException"), Outcome.CONFIGURATION),
    **dict.fromkeys(("ConflictException", "ServiceQuotaExceededException"), Outcome.CONFIGURATION),
}
# A ValidationException over one of these is the message's fault, over any other ours.
OF_THE_MESSAGE = frozenset({"DestinationPhoneNumber", "MessageBody"})


class AwsSettings(CarrierSettings):
    region: str = variable(
        "AWS_REGION",
        "region of the account's numbers, such as eu-west-1",
        pattern=r"^[a-z]{2}(?:-[a-z]+)+-[0-9]$",
    )
    access_key_id: str | None = variable(
        "AWS_ACCESS_KEY_ID",
        "access key; without it the SDK finds credentials itself, such as a role's",
        default=None,
        pattern=r"^[A-Z0-9]{16,128}$",
    )
    secret_access_key: Secret | None = variable("AWS_SECRET_ACCESS_KEY", "its secret", default=None)
    session_token: Secret | None = variable(
        "AWS_SESSION_TOKEN", "its session token, for temporary credentials", default=None
    )
    sender: str | None = variable(
        "AWS_SMS_ORIGINATION_IDENTITY",
        "number, sender ID, pool, or the ARN of one",
        default=None,
        pattern=r"^[A-Za-z0-9_:/+-]{1,256}$",
    )
    configuration_set: str | None = variable(
        "AWS_SMS_CONFIGURATION_SET",
        "configuration set, for events and protection by country",
        default=None,
        pattern=r"^[A-Za-z0-9_:/-]{1,256}$",
    )
    india_entity: Digits | None = variable(
        "AWS_SMS_INDIA_ENTITY_ID", "DLT principal entity id, for India", default=None
    )
    india_template: Digits | None = variable(
        "AWS_SMS_INDIA_TEMPLATE_ID", "DLT template id, for India", default=None
    )

    @model_validator(mode="after")
    def _whole_key(self) -> Self:
        if (self.access_key_id is None) != (self.secret_access_key is None):
            raise ValueError("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY go together: set both or neither")
        return self


class _TooLateError(Exception):
    """The time was up before anything was sent."""


class _Deadline(threading.local):
    """When a thread's call must be over, a moment of the monotonic clock."""

    end = 0.0

    def leaves(self, seconds: float) -> None:
        """Raise _TooLateError unless so many seconds are left."""
        if time.monotonic() + seconds > self.end:
            raise _TooLateError


@dataclass(frozen=True)
class Aws:
    name: ClassVar[str] = "aws"
    settings: ClassVar[type[CarrierSettings]] = AwsSettings
    # The SDK knows each region's address.
    base_url: ClassVar[str] = ""
    hosts: ClassVar[tuple[str, ...]] = ("amazonaws.com", "api.aws")
    timeout: ClassVar[float] = 8.0

    account: AwsSettings = field(repr=False)
    client: Any = field(repr=False)
    threads: ThreadPoolExecutor = field(repr=False)
    deadline: _Deadline = field(repr=False)

    @classmethod
    def of(cls, settings: CarrierSettings, base_url: str) -> Self:
        account = AwsSettings.model_validate(settings)
        deadline = _Deadline()
        client = _client(account, base_url)
        _keep_in_time(client, deadline)
        threads = ThreadPoolExecutor(WORKERS, thread_name_prefix="sms-aws")
        return cls(account, client, threads, deadline)

    async def send(self, message: Message, seconds: float) -> Receipt:
        """A request that went out can't be taken back, so none goes out without the time for its answer."""
        end = time.monotonic() + seconds
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(seconds):
                return await loop.run_in_executor(self.threads, self._call, self.parameters(message), end)
        except TimeoutError:
            return Receipt(Outcome.AMBIGUOUS, code="timeout")

    async def close(self) -> None:
        self.threads.shutdown(wait=False, cancel_futures=True)
        self.client.close()

    def parameters(self, message: Message) -> dict[str, object]:
        account = self.account
        sms: dict[str, object] = {
            "DestinationPhoneNumber": message.to,
            "MessageBody": message.text,
            "MessageType": "TRANSACTIONAL",
        }
        sender = account.sender or message.sender
        if sender is not None:
            sms["OriginationIdentity"] = sender
        if account.configuration_set is not None:
            sms["ConfigurationSetName"] = account.configuration_set
        if message.country == "IN" and account.india_entity is not None:
            dlt = {"IN_ENTITY_ID": account.india_entity}
            if account.india_template is not None:
                dlt["IN_TEMPLATE_ID"] = account.india_template
            sms["DestinationCountryParameters"] = dlt
        return sms

    def _call(self, parameters: dict[str, object], end: float) -> Receipt:
        self.deadline.end = end
        try:
            answer = self.client.send_text_message(**parameters)
        except errors.ClientError as error:
            return read(error.response)
        except (errors.ConnectTimeoutError, errors.EndpointConnectionError) as error:
            return Receipt(Outcome.RETRYABLE, code=type(error).__name__)
        except UNSENT as error:
            return Receipt(Outcome.CONFIGURATION, code=type(error).__name__)
        except Exception as error:  # the SDK's and its libraries' own kinds: with any other nobody knows
            if _is_due_to(error, _TooLateError):
                return Receipt(Outcome.RETRYABLE, code="no_time_left", late=True)
            # Unlike with a TLS that breaks later, with a refused certificate nothing was sent.
            untrusted = _is_due_to(error, ssl.SSLCertVerificationError)
            outcome = Outcome.CONFIGURATION if untrusted else Outcome.AMBIGUOUS
            return Receipt(outcome, code=type(error).__name__)
        if is_id(answer.get("MessageId")):
            return accepted(answer["MessageId"])
        return Receipt(Outcome.AMBIGUOUS, code="no_message_id")


def read(answer: dict[str, Any]) -> Receipt:
    """What an error of the service means."""
    metadata = answer.get("ResponseMetadata", {})
    code, reason = str(answer.get("Error", {}).get("Code")), str(answer.get("Reason"))
    status = metadata.get("HTTPStatusCode", 0)
    outcome = REASONS.get(reason) or ERRORS.get(code) or by_status(status)
    if code == "ValidationException":
        at_fault = {part.get("Name") for part in answer.get("Fields", [])}
        outcome = Outcome.REFUSED if at_fault & OF_THE_MESSAGE else Outcome.CONFIGURATION
    shown = code_of(reason if "Reason" in answer else code) or f"http_{status}"
    wait = retry_after(metadata.get("HTTPHeaders", {}))
    return Receipt(outcome, code=shown, retry_after=wait, status=status or None)


def _client(account: AwsSettings, base_url: str) -> Any:
    # At DEBUG it writes whole requests, numbers and texts included.
    logging.getLogger("botocore").setLevel(logging.INFO)
    secret, token = account.secret_access_key, account.session_token
    session = boto3.session.Session(
        aws_access_key_id=account.access_key_id,
        aws_secret_access_key=secret and secret.get_secret_value(),
        aws_session_token=token and token.get_secret_value(),
        region_name=account.region,
    )
    options = configuration.Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        # The gateway decides what is tried again.
        retries={"mode": "standard", "total_max_attempts": 1},
        max_pool_connections=WORKERS,
        proxies={},
    )
    authorities = ssl.get_default_verify_paths().cafile
    return session.client(SERVICE, endpoint_url=base_url or None, config=options, verify=authorities)


def _keep_in_time(client: Any, deadline: _Deadline) -> None:
    """Look at the time where the bytes could go out: after the wait for a thread and the search for
    credentials, and again on a new connection, after the look-up of the name, TCP and TLS."""

    def check(**_: object) -> None:
        deadline.leaves(CONNECT_SECONDS + READ_SECONDS)

    def in_time(pool: Any) -> Any:
        class Connection(pool.ConnectionCls):  # type: ignore[misc] # the SDK has no types
            def connect(self) -> None:
                super().connect()
                deadline.leaves(READ_SECONDS)

        return type(pool.__name__, (pool,), {"ConnectionCls": Connection})

    client.meta.events.register(f"before-send.{SERVICE}.SendTextMessage", check)
    # The SDK has no public place for it. Were it renamed, this would fail at start.
    connections = client._endpoint.http_session._manager
    pools = connections.pool_classes_by_scheme
    connections.pool_classes_by_scheme = {scheme: in_time(pool) for scheme, pool in pools.items()}


def _is_due_to(error: BaseException, kind: type[BaseException]) -> bool:
    """Whether the error is of this kind, or came of one that is."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, kind):
        cause = cause.__cause__ or cause.__context__
    return cause is not None
