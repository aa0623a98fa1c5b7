"""What counts as a passphrase in the environment."""

from pathlib import Path

import pytest

from ops import passphrase
from ops.errors import OpsError


def test_an_empty_one_is_none(tmp_path: Path) -> None:
    file = tmp_path / "passphrase"
    file.write_text("correct horse\n")
    named = {"PULUMI_CONFIG_PASSPHRASE_FILE": str(file)}
    assert not passphrase.given({})
    assert not passphrase.given({"PULUMI_CONFIG_PASSPHRASE": "", "PULUMI_CONFIG_PASSPHRASE_FILE": ""})
    assert passphrase.given({"PULUMI_CONFIG_PASSPHRASE": "x"})
    assert passphrase.given({"PULUMI_CONFIG_PASSPHRASE": "", **named})


def test_a_file_without_one_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "passphrase"
    environment = {"PULUMI_CONFIG_PASSPHRASE_FILE": str(file)}
    for content, why in ((None, "No such file"), (b" \n", "It is empty"), (b"\xff", "It holds no text")):
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(OpsError) as refused:
            passphrase.given(environment)
        assert why in refused.value.why
        assert str(file) in refused.value.what


def test_an_empty_one_is_kept_from_pulumi() -> None:
    environment = {"PULUMI_CONFIG_PASSPHRASE": "", "PULUMI_CONFIG_PASSPHRASE_FILE": "/x", "EMPTY": ""}
    assert passphrase.without_empty(environment) == {"PULUMI_CONFIG_PASSPHRASE_FILE": "/x", "EMPTY": ""}
