"""Bodies of multipart/form-data: the one form the API takes is a file of users with its settings."""

from io import BytesIO
from typing import Any

from python_multipart import create_form_parser
from python_multipart.exceptions import FormParserError

from ...errors import refusal


def parse(raw: bytes, content_type: str) -> dict[str, Any]:
    """The form's fields as text, and its files as bytes, by name; Auth0Error 400 or 415 for anything else."""
    if content_type.partition(";")[0].strip().lower() != "multipart/form-data":
        raise refusal(415, "Unsupported Media Type")
    found: dict[str, Any] = {}

    def on_field(field: Any) -> None:
        found[field.field_name.decode()] = (field.value or b"").decode()

    def on_file(file: Any) -> None:
        file.file_object.seek(0)
        found[file.field_name.decode()] = file.file_object.read()

    try:
        parser = create_form_parser({"Content-Type": content_type.encode()}, on_field, on_file)
        _feed(parser, raw)
    except (FormParserError, UnicodeDecodeError) as error:
        raise refusal(400, "Invalid multipart payload format") from error
    return found


def _feed(parser: Any, raw: bytes) -> None:
    stream = BytesIO(raw)
    while chunk := stream.read(65_536):
        parser.write(chunk)
    parser.finalize()
