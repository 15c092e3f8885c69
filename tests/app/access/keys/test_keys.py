"""API keys: who makes, sees and revokes which, what they open, and from when on no more."""

# SPDX-License-Identifier: Apache-2.0

import base64
from datetime import date, timedelta
from typing import Any

import pytest

from app.access.actors import today
from app.access.keys.service import MOST_ALIVE
from tests.app.access.cast import Cast

KEYS = "/api/v1/access/keys"
READ = "/api/v1/submissions"


def asked(**changes: Any) -> dict[str, Any]:
    return {"name": "QGIS", "layers": None, "scopes": ["read"], "expires": str(today() + timedelta(days=30))} | changes


def made(cast: Cast, name: str = "contributor IDN", **changes: Any) -> tuple[int, str]:
    answer = cast.client(name).post(KEYS, json=asked(**changes))
    assert answer.status_code == 201, answer.text
    return answer.json()["key"]["id"], answer.json()["secret"]


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def basic(secret: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(f'anybody:{secret}'.encode()).decode()}"}


def test_secret_is_shown_once_and_kept_hashed(cast: Cast) -> None:
    number, secret = made(cast)
    listed = cast.client("contributor IDN").get(KEYS)
    assert [one["id"] for one in listed.json()] == [number]
    assert secret not in listed.text
    assert secret.startswith(listed.json()[0]["start"])
    kept = str(cast.rows("SELECT k::text, encode(secret_hash, 'escape') FROM access.api_key k"))
    assert secret not in kept
    assert secret not in str(cast.audit())
    assert cast.audit("create")[-1]["object"] == str(number)


def test_key_opens_as_bearer_as_password_and_in_the_path(shared_cast: Cast) -> None:
    _, secret = made(shared_cast)
    client = shared_cast.client()
    wanted = shared_cast.client("contributor IDN").get(READ).json()
    assert wanted["submissions"]
    for answer in (
        client.get(READ, headers=bearer(secret)),
        client.get(READ, headers=basic(secret)),
        client.get(f"/key/{secret}{READ}"),
    ):
        assert (answer.status_code, answer.json()) == (200, wanted)
    assert shared_cast.client("contributor IDN").get(KEYS).json()[0]["lastUsedAt"] is not None


@pytest.mark.parametrize("parameter", ["key", "token", "api_key", "apikey", "access_token"])
def test_key_in_the_query_string_opens_nothing(shared_cast: Cast, parameter: str) -> None:
    _, secret = made(shared_cast)
    assert shared_cast.client().get(READ, params={parameter: secret}).status_code == 401


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE access.api_key SET revoked_at = now() WHERE id = :key", "has been revoked"),
        ("UPDATE access.api_key SET expires_at = now() - interval '1 s' WHERE id = :key", "ran out on"),
        ("UPDATE access.mandate SET ended_at = now() WHERE id = :mandate", "Your mandate ended on"),
        ("UPDATE access.mandate SET ends = current_date - 1 WHERE id = :mandate", "Your mandate ended on"),
        ("UPDATE access.person SET closed_at = now() WHERE id = :person", "has been closed"),
    ],
)
def test_key_opens_nothing_once_it_or_what_it_stands_for_has_ended(cast: Cast, change: str, told: str) -> None:
    number, secret = made(cast)
    assert cast.client().get(READ, headers=bearer(secret)).status_code == 200
    owner = cast["contributor IDN"]
    values = {"key": number, "mandate": owner.mandate, "person": owner.person}
    cast.change(change, **{name: value for name, value in values.items() if f":{name}" in change})
    for answer in (cast.client().get(READ, headers=bearer(secret)), cast.client().get(f"/key/{secret}{READ}")):
        assert answer.status_code == 401
        assert told in answer.json()["detail"]


def test_key_is_for_nothing_beyond_its_scopes(shared_cast: Cast) -> None:
    _, secret = made(shared_cast, scopes=["read", "submit"])
    for method, path in (
        ("GET", KEYS),
        ("POST", KEYS),
        ("GET", "/api/v1/access/people"),
        ("GET", "/api/v1/access/profile"),
    ):
        body = {"json": asked()} if method == "POST" else {}
        answer = shared_cast.client().request(method, path, headers=bearer(secret), **body)
        assert answer.status_code == 403
        assert "its scopes are read, submit" in answer.json()["detail"]
    assert shared_cast.audit()[-1]["outcome"] == "refused"


@pytest.mark.parametrize(
    ("changes", "parameter", "told"),
    [
        ({"expires": -1}, "expires", "is over"),
        ({"expires": 366}, "expires", "a year at most"),
        ({"expires": 101}, "expires", "your mandate ends on"),
        ({"layers": ["mine"]}, "layers", "there is no layer 'mine'"),
        ({"layers": []}, "layers", "layers"),
        ({"scopes": []}, "scopes", "scopes"),
        ({"scopes": ["admin"]}, "scopes", "read"),
        ({"name": " "}, "name", "name"),
        ({"person": 1}, "person", "person"),
    ],
)
def test_wrong_terms_make_no_key_and_say_why(
    shared_cast: Cast, changes: dict[str, Any], parameter: str, told: str
) -> None:
    if days := changes.get("expires"):  # from the day the test runs on, which may not be the one it was found on
        changes = {"expires": str(today() + timedelta(days=days))}
    before = shared_cast.rows("SELECT count(*) FROM access.api_key")
    answer = shared_cast.client("contributor IDN").post(KEYS, json=asked(**changes))
    assert (answer.status_code, answer.json()["parameter"]) == (400, parameter)
    assert told in answer.json()["detail"]
    assert shared_cast.rows("SELECT count(*) FROM access.api_key") == before


def test_key_without_an_end_is_not_made(shared_cast: Cast) -> None:
    body = asked()
    del body["expires"]
    assert shared_cast.client("contributor IDN").post(KEYS, json=body).json()["parameter"] == "expires"


def test_key_may_last_as_long_as_the_mandate(shared_cast: Cast) -> None:
    ends: date = shared_cast.rows(
        "SELECT ends FROM access.mandate WHERE id = :m", m=shared_cast["contributor IDN"].mandate
    )[0][0]
    answer = shared_cast.client("contributor IDN").post(KEYS, json=asked(expires=str(ends)))
    assert answer.json()["key"]["expiresAt"].startswith(str(ends))


def test_key_needs_a_fresh_proof(cast: Cast) -> None:
    cast.change("UPDATE access.session SET proved_at = now() - interval '16 minutes'")
    answer = cast.client("contributor IDN").post(KEYS, json=asked())
    assert answer.status_code == 403
    assert "Prove once more" in answer.json()["detail"]


def test_person_has_so_many_keys_and_no_more(cast: Cast) -> None:
    numbers = [made(cast)[0] for _ in range(MOST_ALIVE)]
    client = cast.client("contributor IDN")
    assert client.post(KEYS, json=asked()).status_code == 409
    assert client.delete(f"{KEYS}/{numbers[0]}").status_code == 204
    assert client.post(KEYS, json=asked()).status_code == 201


def test_keys_are_seen_and_revoked_by_those_whose_mandate_covers_them(cast: Cast) -> None:
    mine, secret = made(cast)
    theirs, _ = made(cast, "contributor MYS")
    seen = {
        name: {one["id"] for one in cast.client(name).get(KEYS).json()}
        for name in ("contributor IDN", "national-reviewer IDN", "national-administrator IDN", "secretariat region")
    }
    assert list(seen.values()) == [{mine}, set(), {mine}, {mine, theirs}]
    for name in ("national-administrator MYS", "national-reviewer IDN"):
        assert cast.client(name).delete(f"{KEYS}/{mine}").status_code == 404
    assert cast.client().get(READ, headers=bearer(secret)).status_code == 200
    assert cast.client("national-administrator IDN").delete(f"{KEYS}/{mine}").status_code == 204
    assert cast.client().get(READ, headers=bearer(secret)).status_code == 401
    assert cast.client("contributor IDN").delete(f"{KEYS}/{mine}").status_code == 409
    assert cast.audit("revoke")[-1]["object"] == str(mine)


def test_answer_to_a_key_in_the_path_is_kept_by_nobody(shared_cast: Cast) -> None:
    _, secret = made(shared_cast)
    answer = shared_cast.client().get(f"/key/{secret}{READ}")
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    gone = shared_cast.client().get(f"/key/{secret}/api/v1/nothing")
    assert gone.status_code == 404
    assert secret not in gone.text
