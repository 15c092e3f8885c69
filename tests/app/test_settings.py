"""Settings: a mistake in one stops the start and says what was expected."""

# SPDX-License-Identifier: Apache-2.0

import stat
from pathlib import Path

import pytest

from app.errors import SettingsError
from app.settings import Settings, UnknownSettingWarning, load_settings


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("AMDIS_PORT", "http", "AMDIS_PORT=http"),
        ("AMDIS_PORT", "70000", "65535"),
        ("AMDIS_WORKERS", "0", "AMDIS_WORKERS=0"),
        ("AMDIS_PUBLIC_URL", "example.org", "AMDIS_PUBLIC_URL=example.org"),
        ("AMDIS_PUBLIC_URL", "https://example.org/?a=b", "AMDIS_PUBLIC_URL"),
        ("AMDIS_LOG_LEVEL", "loud", "'debug'"),
        ("AMDIS_SECRET_KEY", "changeme", "AMDIS_SECRET_KEY is too short"),
    ],
)
def test_wrong_value_is_named_with_what_was_expected(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert said in str(caught.value)
    assert "Undefined" not in str(caught.value)


def test_secret_is_not_in_the_error_or_the_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMDIS_SECRET_KEY", "hunter2")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in repr(Settings(secret_key="hunter2", database_url="postgresql://u:hunter2@h/d"))


def test_unknown_variable_is_told_with_the_nearest_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMDIS_PROT", "8001")
    with pytest.warns(UnknownSettingWarning, match="AMDIS_PROT is not a setting of AMDIS; did you mean AMDIS_PORT"):
        load_settings()


def test_empty_variable_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMDIS_PORT", "")
    assert load_settings().port == 8000


def test_public_url_follows_the_port_and_has_no_slash_at_its_end() -> None:
    assert Settings(port=8123).public_url == "http://localhost:8123"
    assert Settings(public_url="https://minerals.example/").public_url == "https://minerals.example"


def test_secret_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    first = Settings(home=tmp_path).secret()
    assert len(first) >= 32
    assert Settings(home=tmp_path).secret() == first
    assert stat.S_IMODE((tmp_path / "secrets" / "secret-key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700


def test_unknown_region_is_told_with_the_regions_there_are() -> None:
    with pytest.raises(SettingsError, match="AMDIS_REGION=atlantis"):
        _ = Settings(region="atlantis").region_path


def test_region_may_be_a_folder_anywhere(tmp_path: Path) -> None:
    assert Settings(region=str(tmp_path)).region_path == tmp_path
