"""What is not to be seen: the inside of the system, what logs keep, and who sent what, in answers for everybody."""

# SPDX-License-Identifier: Apache-2.0

import http.client
import json
from urllib.parse import unquote, urlsplit

import httpx
import pytest
import sqlalchemy as sa

from app.access.credentials import COOKIE
from app.rights.roles import Role
from tests.app.access.cast import Cast, Member, add_member
from tests.app.access.signin.browser import API
from tests.running import Running

INSIDE = ("Traceback", "site-packages", "psycopg", "sqlalchemy", "SELECT ", "/app/", "uvicorn", "starlette", 'File "')
HIDDEN = (
    *("/.git/config", "/.git/HEAD", "/.env", "/.amdis/secrets/secret-key", "/pyproject.toml", "/requirements.lock"),
    *("/docs", "/redoc", "/openapi.json", "/api/v1/docs", "/api/docs", "/swagger", "/graphql", "/console", "/debug"),
    *("/admin", "/server-status", "/actuator/env", "/phpinfo.php", "/WEB-INF/web.xml", "/__debug__", "/trace"),
    *("/static", "/static/", "/static/assets", "/static/assets/", "/static/manifest.json/..", "/static/.vite"),
    *("/static/%2e%2e/%2e%2e/app/main.py", "/static/..%2f..%2fapp%2fmain.py", "/static/assets/..%5c..%5cmain.py"),
)


# S17: pages of debuggers, listings of folders and files of the source stood open.
@pytest.mark.parametrize("path", HIDDEN)
def test_inside_of_the_system_is_not_served(server: Running, path: str) -> None:
    address = urlsplit(server.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=120)
    connection.request("GET", path)  # as it is: other clients take the dots out
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    # A folder's name without its slash leads to the same with it, and there is nothing either.
    assert answer.status == 404 or (answer.status, answer.getheader("location")) == (307, f"{path}/"), body[:200]
    assert not [word for word in INSIDE if word in body and word not in unquote(path)]


# S17: TRACE gave headers back to scripts that may not read them.
@pytest.mark.parametrize("method", ["TRACE", "TRACK", "DEBUG", "PROPFIND", "CONNECT"])
@pytest.mark.parametrize("path", ["/", "/api/v1/access/me", "/ogc", "/wms", "/static/x.js"])
def test_method_that_gives_the_request_back_is_not_known(server: Running, method: str, path: str) -> None:
    with httpx.Client(base_url=server.url, trust_env=False, timeout=60) as client:
        answer = client.request(method, path, headers={"x-canary": "given-back"})
    assert answer.status_code in (400, 404, 405, 501)
    assert "given-back" not in answer.text


# S17: what went wrong inside was shown to whoever had made it go wrong.
@pytest.mark.parametrize(
    "path",
    [
        *("/api/v1/access/people/x", "/api/v1/access/people/9" + "9" * 40, "/api/v1/access/people?cursor=x"),
        *("/api/v1/submissions?cursor=%00", "/api/v1/access/explain?kind=%27&action=;&id=x", "/api/v1/layers/%27"),
        *("/ogc/collections/mines/items?filter=a%27%22", "/wms?request=%00", "/id/%ff", "/search?q=%00%27"),
    ],
)
def test_error_tells_nothing_of_the_inside(server: Running, path: str) -> None:
    with httpx.Client(base_url=server.url, trust_env=False, timeout=60) as client:
        answer = client.get(path)
    assert answer.status_code < 500
    assert not [word for word in INSIDE if word in answer.text]


CANARY = "canary-7f3a"


@pytest.fixture(scope="module")
def watched(server: Running) -> Member:
    """Somebody of the running system whose name and address are to come up nowhere."""
    engine = sa.create_engine(server.urls.app.sqlalchemy(), poolclass=sa.NullPool)
    with engine.begin() as connection:
        added = sa.text("INSERT INTO access.organisation (name, country) VALUES ('Watched', 'IDN') RETURNING id")
        organisation = connection.execute(added).scalar_one()
        return add_member(connection, Role.CONTRIBUTOR, "IDN", organisation, f" {CANARY}")


# S19: passwords, tokens and addresses stood in log files.
def test_no_secret_and_no_address_is_in_a_log(server: Running, watched: Member) -> None:
    secret = f"{CANARY}-secret"
    json_body = {"content-type": "application/json"}
    with httpx.Client(base_url=server.url, trust_env=False, timeout=60) as client:
        for path, body in (
            ("sign-in", {"email": watched.email, "password": secret}),
            ("sign-in", {"email": watched.email, "password": f"{secret}\x00"}),
            ("sign-in/code", {"code": secret}),
            ("password/forgotten", {"email": watched.email}),
            ("password/reset", {"token": secret, "password": secret}),
            ("invitation/read", {"token": secret}),
            ("invitation/accept", {"token": secret, "name": secret, "password": secret}),
        ):
            client.post(f"{API}/{path}", content=json.dumps(body), headers=json_body)
        client.get(f"{API}/me", headers={"cookie": f"{COOKIE}={watched.token}"})
        client.get(f"{API}/people", headers={"cookie": f"{COOKIE}={secret}", "authorization": f"Bearer {secret}"})
        client.get(f"/key/amdis_{secret}/workspace/ogc")
        client.get(f"/key/amdis_{secret}/nowhere")
    logs = [*server.settings.logs_path.glob("*.log*"), server.settings.home_path / "up.log"]
    assert len(logs) > 2
    for path in logs:
        text = path.read_text("utf-8", "replace")
        for word in (secret, watched.token, watched.email):
            assert word not in text, path.name


# S19: the error of a statement carries what it was given, and errors go to the log.
def test_error_of_the_database_does_not_carry_what_it_was_given(shared_cast: Cast) -> None:
    failing = sa.text("SELECT CAST(:given AS text), 1 / 0")
    with pytest.raises(sa.exc.DBAPIError) as caught, shared_cast.application() as connection:
        connection.execute(failing, {"given": CANARY})
    assert "division by zero" in str(caught.value)
    assert CANARY not in str(caught.value)


# S19: addresses of those who had sent data in stood in answers for everybody.
def test_nobody_is_told_who_the_people_are(server: Running, watched: Member) -> None:
    with httpx.Client(base_url=server.url, trust_env=False, timeout=60) as client:
        document = client.get("/api/v1/openapi.json").json()
        paths = [path for path, methods in document["paths"].items() if "get" in methods and "{" not in path]
        pages = ["/", "/datasets", "/search?q=canary", "/ogc?f=json", "/ogc/collections?f=json", "/metrics"]
        assert len(paths) > 20
        for path in (*paths, *pages):
            answer = client.get(path)
            assert CANARY not in answer.text.replace("?q=canary", ""), path
            assert "@example.org" not in answer.text, path
