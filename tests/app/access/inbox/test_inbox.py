"""The inbox: one's own, read one by one or at once."""

# SPDX-License-Identifier: Apache-2.0

from app.notices.service import Message, NoticeKind, finish_tasks, notify
from tests.app.access.cast import Cast

API = "/api/v1/notices"
MINE, THEIRS = "contributor IDN", "contributor MYS"


def told(cast: Cast, name: str, count: int) -> None:
    with cast.application() as connection:
        for number in range(count):
            kind = NoticeKind.TASK if number % 2 else NoticeKind.NOTICE
            message = Message(f"Notice {number}", "Text.", "/workspace", f"thing {number} of {name}", kind)
            notify(connection, cast[name].person, message)


def test_inbox_is_ones_own_the_newest_first_in_pages(cast: Cast) -> None:
    told(cast, MINE, 5)
    told(cast, THEIRS, 2)
    client = cast.client(MINE)
    first = client.get(f"{API}?limit=3").json()
    assert [one["title"] for one in first["notices"]] == ["Notice 4", "Notice 3", "Notice 2"]
    assert first["unread"] == 5
    rest = client.get(f"{API}?limit=3&cursor={first['next']}").json()
    assert [one["title"] for one in rest["notices"]] == ["Notice 1", "Notice 0"]
    assert rest["next"] is None
    assert client.get("/api/v1/access/me").json()["unread"] == 5


def test_notices_are_marked_as_read(cast: Cast) -> None:
    told(cast, MINE, 3)
    told(cast, THEIRS, 1)
    client = cast.client(MINE)
    number = client.get(API).json()["notices"][0]["id"]
    assert client.post(f"{API}/{number}/read").status_code == 204
    assert client.post(f"{API}/{number}/read").status_code == 204  # once more changes nothing
    assert [one["title"] for one in client.get(f"{API}?unread=true").json()["notices"]] == ["Notice 1", "Notice 0"]
    assert client.post(f"{API}/read").status_code == 204
    assert client.get(API).json()["unread"] == 0
    assert cast.client(THEIRS).get(API).json()["unread"] == 1


def test_anothers_notice_is_not_there(cast: Cast) -> None:
    told(cast, THEIRS, 1)
    number = cast.client(THEIRS).get(API).json()["notices"][0]["id"]
    answer = cast.client(MINE).post(f"{API}/{number}/read")
    assert answer.status_code == 404
    assert "no notice" in answer.json()["detail"]
    assert cast.client(THEIRS).get(API).json()["unread"] == 1


def test_task_is_done_when_what_it_is_about_is_settled(cast: Cast) -> None:
    told(cast, MINE, 2)
    with cast.application() as connection:
        finish_tasks(connection, "thing 1")
        finish_tasks(connection, "thing 0")  # a notice is no task
    done = {one["title"]: one["doneAt"] is not None for one in cast.client(MINE).get(API).json()["notices"]}
    assert done == {"Notice 1": True, "Notice 0": False}
