"""Which passwords are taken: any that is long and not easily guessed, letter by letter."""

# SPDX-License-Identifier: Apache-2.0

import pytest
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from app.access.signin.passwords import LONGEST, SHORTEST, check_password
from app.errors import InvalidInputError

KNOWN = ("Siti Rahma", "siti.rahma@geologi.example.org", "ASEAN Minerals Information System")
LEAKED = tuple(one for one in FREQUENCY_LISTS["passwords"] if len(one) >= SHORTEST)


def is_taken(password: str) -> bool:
    try:
        check_password(password, KNOWN)
    except InvalidInputError:
        return False
    return True


def test_leaked_passwords_are_refused_whatever_their_case() -> None:
    assert len(FREQUENCY_LISTS["passwords"]) > 25_000
    assert len(LEAKED) > 50
    assert [one for one in LEAKED if is_taken(one)] == []
    assert [one for one in LEAKED[::5] if is_taken(one.upper()) or is_taken(one.capitalize())] == []


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword",
        "Password12345!",
        "P@ssw0rd1234",
        "qwertyuiop12",
        "123456789012",
        "aaaaaaaaaaaa",
        "abcdefghijkl",
    ],
)
def test_common_password_that_was_made_longer_is_refused(password: str) -> None:
    assert not is_taken(password)


@pytest.mark.parametrize("password", ["siti.rahma2026", "Rahma-Siti-1", "geologi.example", "MineralsInformation"])
def test_what_is_known_of_a_person_or_the_site_is_no_password(password: str) -> None:
    assert not is_taken(password)


def test_shortest_and_longest_password() -> None:
    words = "otter-gneiss-quartz-lantern-"
    assert is_taken("xk7-otter-gn")
    assert not is_taken("xk7-otter-g")
    assert is_taken((words * 12)[:LONGEST])
    assert not is_taken((words * 12)[: LONGEST + 1])
    assert LONGEST >= 64
    assert SHORTEST >= 8


@pytest.mark.parametrize(
    "password", ["otter gneiss quartz", "OTTERGNEISSQUARTZ", "83915520774609132", "оттер гнейс кварц"]
)
def test_no_kind_of_character_is_asked_for(password: str) -> None:
    assert is_taken(password)
