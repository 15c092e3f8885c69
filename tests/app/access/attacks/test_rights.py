"""What others broke by asking for things that are not theirs, and by sending what was not asked for."""

# SPDX-License-Identifier: Apache-2.0

from typing import Any

import pytest

from tests.app.access.cast import Cast

API = "/api/v1"
NOT_THERE = 2**40
ASKERS = ("national-administrator IDN", "contributor IDN", "secretariat region", "observer MYS")
NOT_ASKED_FOR = ("orgId", "status", "role", "approvedBy", "isAdmin", "country", "id", "person", "trust")


# S11: objects of others were read and overwritten by their number; the whole matrix is in test_matrix.
@pytest.mark.parametrize("asker", ASKERS)
def test_draft_of_another_state_is_as_little_there_as_one_that_never_was(shared_cast: Cast, asker: str) -> None:
    client = shared_cast.client(asker)
    number = shared_cast.submissions["MYS", "draft"]
    theirs, nobodys = client.get(f"{API}/submissions/{number}"), client.get(f"{API}/submissions/{NOT_THERE}")
    assert theirs.status_code == nobodys.status_code
    assert theirs.text.replace(str(number), "N") == nobodys.text.replace(str(NOT_THERE), "N")
    assert theirs.status_code in (403, 404)


def bodies(cast: Cast) -> list[tuple[str, str, dict[str, Any]]]:
    """Every body that is taken: method, path, schema."""
    document = cast.app.openapi()
    found = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                name = content["schema"]["$ref"].rpartition("/")[2]
                found.append((method, path, document["components"]["schemas"][name]))
    return found


# S11: an account was taken over by posting members that no form has.
def test_no_body_takes_a_member_that_is_not_asked_for(shared_cast: Cast) -> None:
    taken = bodies(shared_cast)
    assert len(taken) > 15
    assert [(method, path) for method, path, schema in taken if schema.get("additionalProperties") is not False] == []


# S11: accounts made themselves administrators.
@pytest.mark.parametrize("member", NOT_ASKED_FOR)
def test_nobody_raises_themselves_by_a_member_of_a_body(shared_cast: Cast, member: str) -> None:
    client = shared_cast.client("contributor IDN")
    before = shared_cast.rows("SELECT p::text FROM access.person p ORDER BY id")
    refused = client.patch(f"{API}/access/profile", json={"name": "Me", member: "secretariat"})
    assert (refused.status_code, refused.json()["parameter"]) == (400, member)
    assert shared_cast.rows("SELECT p::text FROM access.person p ORDER BY id") == before
