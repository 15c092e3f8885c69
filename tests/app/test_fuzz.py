"""A few hundred malformed requests to every service; ``python -m tests.fuzz`` sends as many as are wanted."""

# SPDX-License-Identifier: Apache-2.0

from urllib.parse import quote

import pytest

from tests.fuzz.heavy import HEAVY
from tests.fuzz.judge import answers
from tests.fuzz.requests import GOOD, Request, malformed
from tests.running import Running

SEED = 20261123


def test_requests_that_are_bent_are_good_before_it(server: Running) -> None:
    statuses = {
        answer.request.path: answer.status for answer in answers(server.url, [Request(path) for path in _sendable()])
    }
    assert {path: status for path, status in statuses.items() if status not in (200, 303)} == {}


@pytest.mark.slow
def test_malformed_requests_are_answered_without_a_fault(server: Running) -> None:
    found = list(answers(server.url, (malformed(SEED, number) for number in range(500))))
    assert [(one.request, one.fault) for one in found if one.fault] == []
    # Most of them are noticed; an answer to all would mean that nothing is bent.
    assert sum(400 <= one.status < 500 for one in found) > len(found) / 3


@pytest.mark.parametrize("name", HEAVY)
def test_what_would_cost_much_is_refused(server: Running, name: str) -> None:
    [answer] = answers(server.url, [HEAVY[name]])
    assert answer.fault == ""
    assert 400 <= answer.status < 500


def _sendable() -> list[str]:
    return [quote(path, safe="/?&=:,()%'*!") for path in GOOD]
