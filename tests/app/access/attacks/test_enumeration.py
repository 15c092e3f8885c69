"""Whether somebody has an account is told by nothing: not by words, not by how long it takes."""

# SPDX-License-Identifier: Apache-2.0

import math
import random
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from tests.app.access.cast import Cast
from tests.app.access.signin.browser import API, Browser, with_account

EACH = 80
_LIKELY = 0.01


def p_value(one: Sequence[float], other: Sequence[float]) -> float:
    """How likely two such samples are of one population: Welch's t-test of their logarithms, normal for so many."""
    first, second = np.log(one), np.log(other)
    error = math.sqrt(first.var(ddof=1) / len(first) + second.var(ddof=1) / len(second))
    return math.erfc(abs(first.mean() - second.mean()) / error / math.sqrt(2))


def test_difference_of_a_hash_is_seen_by_this_test() -> None:
    quick, slow = np.random.default_rng(1).normal([[0.010], [0.030]], 0.004, (2, EACH)).clip(0.001)
    assert p_value(list(quick), list(slow)) < _LIKELY
    assert p_value(list(slow), list(slow[::-1])) > _LIKELY


def names(cast: Cast) -> list[tuple[str, bool]]:
    """Addresses with and without an account, mixed. All have the same password's hash."""
    with_account(cast)
    cast.change(
        "INSERT INTO access.person (name, email, country)"
        " SELECT 'P' || n, 'known' || n || '@example.org', 'IDN' FROM generate_series(1, :n) n",
        n=EACH,
    )
    cast.change(
        "INSERT INTO access.password (person_id, hash) SELECT p.id, w.hash FROM access.person p, access.password w"
        " WHERE p.email LIKE 'known%'"
    )
    made = [(f"known{n + 1}@example.org", True) for n in range(EACH)]
    made += [(f"other{n + 1}@example.org", False) for n in range(EACH)]
    random.Random(20).shuffle(made)
    return made


# S20: the time and the text of an answer told which names are known, and guessing began with those.
@pytest.mark.slow
def test_neither_text_nor_time_of_a_refusal_tells_who_has_an_account(cast: Cast) -> None:
    asked = names(cast)
    answers = set()
    # Where the machine does something else meanwhile, one round may differ by chance; a real difference is in all.
    for round_ in range(3):
        times: dict[bool, list[float]] = {True: [], False: []}
        for number, (email, known) in enumerate(asked):
            browser = Browser(cast, address=f"10.{round_}.{number // 250}.{number % 250}")
            began = time.perf_counter()
            answer = browser.sign_in(email, "not the password")
            times[known].append(time.perf_counter() - began)
            answers.add((answer.status_code, answer.text, tuple(sorted(answer.headers))))
        if p_value(times[True], times[False]) > _LIKELY:
            break
    else:
        raise AssertionError(f"known {np.median(times[True])} s, unknown {np.median(times[False])} s")
    assert len(answers) == 1


# S20: what is asked of the database for known names only takes a millisecond, which many tries tell from none.
def test_the_same_is_asked_of_the_database_for_every_name(cast: Cast) -> None:
    with_account(cast)
    engine = cast.app.state.access.connections._application
    asked: dict[str, list[str]] = {"siti@example.org": [], "nobody@example.org": []}
    for email, statements in asked.items():

        def note(_connection: object, _cursor: object, statement: str, *_: object, into: Any = statements) -> None:
            into.append(statement)

        sa.event.listen(engine, "before_cursor_execute", note)
        assert Browser(cast).sign_in(email, "not the password").status_code == 401
        sa.event.remove(engine, "before_cursor_execute", note)
    known, unknown = asked.values()
    assert known == unknown
    assert len(known) > 5


# S20: the same of asking for a new password; that nothing is done before the answer is tested in test_account.
def test_asking_for_a_new_password_tells_nothing(cast: Cast) -> None:
    with_account(cast)
    answers = {
        (answer.status_code, answer.text, tuple(sorted(answer.headers)))
        for email in ("siti@example.org", "nobody@example.org", "", "x" * 900, "a@b\x00c")
        if (answer := Browser(cast).post(f"{API}/password/forgotten", json={"email": email}))
    }
    assert len(answers) == 1


# S20: an invitation told of the account that there is already, to whoever could invite.
def test_links_that_are_wrong_are_all_told_alike(cast: Cast) -> None:
    with_account(cast)
    for path, more in (("invitation/read", {}), ("password/reset", {"password": "nine-quolls-sift-sand"})):
        told = {Browser(cast).post(f"{API}/{path}", json={"token": t, **more}).text for t in ("x", "y" * 43, "\x00")}
        assert len(told) == 1, path
