"""One's own account: passwords, second factors, sessions, and what needs a fresh proof."""

# SPDX-License-Identifier: Apache-2.0

import asyncio
import json
import threading
import time
from typing import Any

from app.db.bootstrap import connect
from tests.app.access.cast import Cast
from tests.app.access.signin.browser import API, PASSWORD, Browser, reset_tokens, with_account, with_generator

EMAIL = "siti@example.org"
OTHER = "nine-quolls-sift-sand"


def stale(cast: Cast) -> None:
    cast.change("UPDATE access.session SET proved_at = now() - interval '20 minutes'")


def test_password_is_changed_with_the_present_one_and_ends_other_sessions(cast: Cast) -> None:
    browser, other = with_account(cast), Browser(cast)
    other.sign_in(EMAIL)
    wrong = browser.post(f"{API}/profile/password", json={"current": "not it", "password": OTHER})
    assert (wrong.status_code, wrong.json()["parameter"]) == (400, "current")
    weak = browser.post(f"{API}/profile/password", json={"current": PASSWORD, "password": "password1234"})
    assert (weak.status_code, weak.json()["parameter"]) == (400, "password")
    assert other.me()["signedIn"]
    assert browser.post(f"{API}/profile/password", json={"current": PASSWORD, "password": OTHER}).status_code == 204
    assert other.me()["why"] == "Your password was changed."
    assert browser.me()["signedIn"]
    assert Browser(cast).sign_in(EMAIL).status_code == 401
    assert Browser(cast).sign_in(EMAIL, OTHER).status_code == 200


def test_what_needs_a_fresh_proof_asks_for_it(cast: Cast) -> None:
    browser = with_account(cast)
    with_generator(browser)
    stale(cast)
    refused = browser.post(f"{API}/recovery-codes")
    assert (refused.status_code, "Prove once more" in refused.json()["detail"]) == (403, True)
    assert browser.delete(f"{API}/totp").status_code == 403
    assert browser.post(f"{API}/prove", json={}).status_code == 400
    assert browser.post(f"{API}/prove", json={"password": "not it"}).status_code == 400
    before = browser.cookies["__Host-amdis"]
    assert browser.post(f"{API}/prove", json={"password": PASSWORD}).status_code == 200
    assert browser.cookies["__Host-amdis"] != before
    browser.me()
    assert len(browser.post(f"{API}/recovery-codes").json()["recoveryCodes"]) == 10


def test_last_second_factor_of_a_role_that_needs_one_stays(cast: Cast) -> None:
    browser = with_account(cast, "national-reviewer")
    with_generator(browser)
    refused = browser.delete(f"{API}/totp")
    assert (refused.status_code, "add another one" in refused.json()["detail"]) == (409, True)
    assert browser.me()["secondFactors"]["totp"]


def test_generator_is_removed_where_no_role_needs_it(cast: Cast) -> None:
    browser = with_account(cast)
    with_generator(browser)
    assert browser.delete(f"{API}/totp").status_code == 204
    assert browser.delete(f"{API}/totp").status_code == 404
    assert Browser(cast).sign_in(EMAIL).json() == {"next": "done"}
    titles = [row[0] for row in cast.rows("SELECT title FROM notices.notice ORDER BY id")]
    assert titles[-1] == "Your code generator was removed"


def test_wrong_code_does_not_take_a_generator_into_use(cast: Cast) -> None:
    browser = with_account(cast)
    browser.post(f"{API}/totp")
    assert browser.post(f"{API}/totp/confirm", json={"code": "000000"}).status_code == 400
    assert not browser.me()["secondFactors"]["totp"]


def test_qr_code_needs_no_inline_style(cast: Cast) -> None:
    made = with_account(cast).post(f"{API}/totp").json()
    assert made["qr"].startswith("<svg")
    assert "style" not in made["qr"]
    assert made["uri"].startswith("otpauth://totp/")


def test_own_sessions_are_listed_and_ended(cast: Cast) -> None:
    browser, other, third = with_account(cast), Browser(cast, **{"user-agent": "Phone"}), Browser(cast)
    other.sign_in(EMAIL)
    third.sign_in(EMAIL)
    listed = browser.get(f"{API}/sessions").json()
    assert sorted(one["current"] for one in listed) == [False, False, True]
    phone = next(one for one in listed if one["agent"] == "Phone")
    assert browser.delete(f"{API}/sessions/{phone['id']}").status_code == 204
    assert not other.me()["signedIn"]
    assert third.me()["signedIn"]
    theirs = cast.rows("SELECT id FROM access.session WHERE person_id = :p", p=cast["contributor MYS"].person)[0][0]
    assert browser.delete(f"{API}/sessions/{theirs}").status_code == 404
    assert browser.delete(f"{API}/sessions").status_code == 204
    assert not third.me()["signedIn"]
    assert browser.me()["signedIn"]


def test_profile_is_ones_own_and_nothing_else_is_set(cast: Cast) -> None:
    browser = with_account(cast)
    changed = browser.patch(f"{API}/profile", json={"name": "Siti R.", "language": "id", "digest": False}).json()
    assert changed == {"name": "Siti R.", "email": EMAIL, "language": "id", "digest": False}
    for more in ({"email": "x@example.org"}, {"country": "MYS"}, {"closedAt": None}):
        assert browser.patch(f"{API}/profile", json=more).status_code == 400


def test_reset_sets_a_password_once_and_tells_nobody_whether_there_is_an_account(cast: Cast) -> None:
    browser = with_account(cast)
    known = Browser(cast, host="evil.example").post(f"{API}/password/forgotten", json={"email": EMAIL.upper()})
    unknown = Browser(cast).post(f"{API}/password/forgotten", json={"email": "nobody@example.org"})
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content) == (202, b"null")
    mails = cast.rows("SELECT recipient, text FROM notices.mail WHERE subject LIKE 'A new password%'")
    assert [one[0] for one in mails] == [EMAIL]
    assert "https://testserver/workspace/reset#" in mails[0][1]
    assert "evil.example" not in mails[0][1]
    token = mails[0][1].partition("#")[2].split()[0]
    weak = Browser(cast).post(f"{API}/password/reset", json={"token": token, "password": "short"})
    assert weak.status_code == 400
    assert Browser(cast).post(f"{API}/password/reset", json={"token": token, "password": OTHER}).status_code == 204
    assert browser.me()["why"] == "Your password was set anew. Sign in again."
    again = Browser(cast).post(f"{API}/password/reset", json={"token": token, "password": PASSWORD})
    assert (again.status_code, again.json()["parameter"]) == (400, "token")
    assert Browser(cast).sign_in(EMAIL, OTHER).status_code == 200


def test_reset_does_not_go_around_the_second_factor(cast: Cast) -> None:
    with_generator(with_account(cast))
    Browser(cast).post(f"{API}/password/forgotten", json={"email": EMAIL})
    text = cast.rows("SELECT text FROM notices.mail WHERE subject LIKE 'A new password%'")[0][0]
    token = text.partition("#")[2].split()[0]
    browser = Browser(cast)
    browser.post(f"{API}/password/reset", json={"token": token, "password": OTHER})
    assert not browser.me()["signedIn"]
    assert browser.sign_in(EMAIL, OTHER).json() == {"next": "code"}


def test_link_of_a_reset_runs_out(cast: Cast) -> None:
    with_account(cast)
    Browser(cast).post(f"{API}/password/forgotten", json={"email": EMAIL})
    text = cast.rows("SELECT text FROM notices.mail WHERE subject LIKE 'A new password%'")[0][0]
    cast.change("UPDATE access.challenge SET expires_at = now() - interval '1 second'")
    token = text.partition("#")[2].split()[0]
    assert Browser(cast).post(f"{API}/password/reset", json={"token": token, "password": OTHER}).status_code == 400
    assert Browser(cast).sign_in(EMAIL).status_code == 200


def test_mails_to_an_address_are_few(cast: Cast) -> None:
    with_account(cast)
    for _ in range(12):
        assert Browser(cast).post(f"{API}/password/forgotten", json={"email": EMAIL}).status_code == 202
    assert cast.rows("SELECT count(*) FROM notices.mail WHERE subject LIKE 'A new password%'") == [(5,)]


def test_link_that_two_open_at_once_sets_one_password(cast: Cast) -> None:
    with_account(cast)
    Browser(cast).post(f"{API}/password/forgotten", json={"email": EMAIL})
    asked = {"token": reset_tokens(cast)[0], "password": OTHER}
    answers: list[int] = []

    def late() -> None:
        answers.append(Browser(cast).post(f"{API}/password/reset", json=asked).status_code)

    second = threading.Thread(target=late)
    # The first has answered and not yet ended its transaction while the second has read that the link waits.
    with cast.application() as connection:
        connection.exec_driver_sql("UPDATE access.challenge SET used_at = now() WHERE purpose = 'reset'")
        second.start()
        assert _waits_for_a_lock(cast)
    second.join()
    assert answers == [400]
    assert cast.audit("reset password")[-1]["outcome"] == "failed"
    assert Browser(cast).sign_in(EMAIL).status_code == 200


def test_answer_has_left_before_anything_is_done_for_a_forgotten_password(cast: Cast) -> None:
    """Else the time of the answer tells whether there is such an account."""
    with_account(cast)
    done_before: list[tuple[Any, ...]] = []

    async def ask() -> None:
        body = json.dumps({"email": EMAIL}).encode()
        headers = [(b"host", b"testserver"), (b"content-type", b"application/json")]
        asked = {"type": "http", "method": "POST", "path": f"{API}/password/forgotten", "headers": headers}
        scope = {**asked, "query_string": b"", "client": ("192.0.2.1", 1), "scheme": "https", "app": cast.app}
        received = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Any:
            return received.pop() if received else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.body" and not message.get("more_body"):
                done_before.extend(cast.rows("SELECT count(*) FROM access.failure"))

        await cast.app(scope, receive, send)

    asyncio.run(ask())
    assert done_before == [(0,)]
    assert len(reset_tokens(cast)) == 1


def test_parameter_that_is_wrong_in_a_list_is_called_by_its_name(cast: Cast) -> None:
    asked = {"name": "k", "layers": None, "scopes": ["read", "write"], "expires": "2027-01-01"}
    answer = with_account(cast).post(f"{API}/keys", json=asked)
    assert (answer.status_code, answer.json()["parameter"]) == (400, "scopes")
    assert answer.json()["detail"].startswith("scopes: ")


def _waits_for_a_lock(cast: Cast) -> bool:
    with connect(cast.urls.admin) as connection:
        for _ in range(1000):
            found = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            ).fetchone()
            if found and found[0]:
                return True
            time.sleep(0.01)
    return False
