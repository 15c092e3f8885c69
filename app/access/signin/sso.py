"""Single sign-on by OpenID Connect: the authorization code flow with PKCE, state and nonce.

An identity of the provider belongs to an account that is there: the first time by an address the provider has verified,
from then on by issuer and subject. No account is ever made by it. The provider is never asked within a transaction, so
that one that does not answer holds no connection.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import httpx
import sqlalchemy as sa
from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.integrations.httpx_client import OAuth2Client
from authlib.integrations.httpx_client.oauth2_client import httpx2 as transport
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from app.access.models import Identity, Person
from app.access.signin import challenges
from app.access.signin.challenges import Purpose
from app.access.signin.service import Step, account_of, finish, proceed
from app.access.work import Errand, Visit
from app.audit.service import Event, Outcome
from app.db.base import table_of
from app.errors import NotSignedInError, SignOnUnavailableError
from app.rights.policies import Kind

CALLBACK = "/api/v1/access/sso/callback"
DEFAULT_PATH = "/workspace"

_SCOPE = "openid email profile"
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
_PATIENCE = 10.0  # seconds
_LEEWAY = 60  # seconds the clocks may differ
_KEEP = 3600.0  # seconds the provider's description and keys are kept
# Ways of RFC 8176 to prove who one is: by what one knows or is, and by what one has; a text message counts as neither.
_KNOWS_OR_IS = frozenset({"pwd", "pin", "kba", "face", "fpt", "iris", "retina", "vbm"})
_HAS = frozenset({"otp", "hwk", "swk", "pop", "sc"})
_OTHERWISE = "Sign in another way at /workspace/sign-in."
_I, _P = table_of(Identity), table_of(Person)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a browser brings back from the provider. step: token of the step; address: the whole one it was sent to.

    error: the provider's word for why it did not let somebody in.
    """

    step: str = field(repr=False)
    state: str = field(repr=False)
    address: str = field(repr=False)
    error: str = ""


@dataclass
class Provider:
    """A provider of single sign-on. issuer: its address, without a slash at the end."""

    issuer: str
    client_id: str
    name: str
    client_secret: str = field(repr=False)
    _described: tuple[float, dict[str, Any], KeySet] | None = field(default=None, repr=False)

    def description(self, *, anew: bool = False) -> tuple[dict[str, Any], KeySet]:
        """The provider's addresses and keys, asked for once an hour or anew. Raises SignOnUnavailableError."""
        if anew or self._described is None or time.monotonic() - self._described[0] > _KEEP:
            try:
                found = _fetched(f"{self.issuer}/.well-known/openid-configuration")
                if found["issuer"].rstrip("/") != self.issuer:
                    told = f"{self.name} says that it is another than {self.issuer}. {_OTHERWISE}"
                    raise SignOnUnavailableError(told)
                keys = KeySet.import_key_set(_fetched(found["jwks_uri"]))
            except (httpx.HTTPError, JoseError, KeyError, ValueError) as error:
                raise SignOnUnavailableError(f"{self.name} does not answer as it should. {_OTHERWISE}") from error
            self._described = (time.monotonic(), found, keys)
        return self._described[1], self._described[2]

    def client(self, base_url: str) -> OAuth2Client:
        """A client of the provider for one sign-in."""
        return OAuth2Client(
            self.client_id,
            self.client_secret or None,
            scope=_SCOPE,
            redirect_uri=base_url + CALLBACK,
            code_challenge_method="S256",
            timeout=_PATIENCE,
        )


def begin(errand: Errand, provider: Provider, to: str) -> tuple[str, str]:
    """The provider's address to go to, and the token of the step. to: the path of ours to go on to afterwards."""
    described, _ = provider.description()
    verifier, nonce = generate_token(64), generate_token(32)
    with provider.client(errand.access.base_url) as client:
        address, state = client.create_authorization_url(
            described["authorization_endpoint"], nonce=nonce, code_verifier=verifier
        )
    data = {"state": state, "nonce": nonce, "verifier": verifier, "to": own_path(to)}
    with errand.visit() as visit:
        return address, challenges.begin(visit.connection, Purpose.SINGLE_SIGN_ON, None, **data)


def finish_sign_on(errand: Errand, provider: Provider, reply: Reply) -> tuple[Step, str]:
    """Sign in whom the provider names; what comes next, and the path to go on to.

    Whatever comes of it, the step is closed. Raises NotSignedInError, SignOnUnavailableError.
    """
    data = _close_step(errand, reply)
    if reply.error:
        told = f"{provider.name} did not let you in. Try again, or sign in another way."
        raise _refused(errand, f"provider: {reply.error[:60]}", told)
    claims = _claims(errand, provider, reply.address, data)
    # Whom the provider has asked for a second factor is not asked for another one.
    strong = is_strong_by(claims.get("amr"))
    with errand.visit() as visit:
        person = _person(visit, provider, claims)
        step = finish(visit, person, ("sso", "mfa")) if strong else proceed(visit, person, ("sso",))
    return step, data["to"]


def is_strong_by(methods: object) -> bool:
    """Whether the provider's amr claim says that somebody proved who they are by two different kinds of things.

    Without that claim nothing more than a password is taken for granted. acr is not looked at: what its values mean is
    a matter of each provider.
    """
    named: Collection[object] = methods if isinstance(methods, list) else ()
    said = {one for one in named if isinstance(one, str)}
    return "mfa" in said or bool(said & _KNOWS_OR_IS and said & _HAS)


def own_path(to: str) -> str:
    """The path to go on to if it is one of the workspace, else the workspace itself: never another site."""
    inside = to == DEFAULT_PATH or to.startswith(f"{DEFAULT_PATH}/")
    plain = all(one.isalnum() or one in "/-_.~" for one in to)
    return to if inside and plain and "//" not in to and ".." not in to else DEFAULT_PATH


def _close_step(errand: Errand, reply: Reply) -> dict[str, Any]:
    """What was kept of the step a browser comes back with. Raises NotSignedInError if it is over, or another's."""
    with errand.visit() as visit:
        waiting = challenges.waiting(visit.connection, Purpose.SINGLE_SIGN_ON, reply.step)
        first = waiting is not None and challenges.answer(visit.connection, waiting.id)
    if waiting is None or not first or waiting.data["state"] != reply.state:
        raise _refused(errand, "state", "This step has run out or was not begun here. Sign in again from the start.")
    data: dict[str, Any] = waiting.data
    return data


def _claims(errand: Errand, provider: Provider, answer: str, data: dict[str, Any]) -> dict[str, Any]:
    """What the provider's ID token says, after its signature and all of its terms were checked."""
    described, _ = provider.description()
    told = f"{provider.name} did not confirm who you are. Try again, or sign in another way."
    try:
        with provider.client(errand.access.base_url) as client:
            given = client.fetch_token(
                described["token_endpoint"], authorization_response=answer, code_verifier=data["verifier"]
            )
        token = _decoded(provider, given["id_token"])
        jwt.JWTClaimsRegistry(
            leeway=_LEEWAY,
            iss={"essential": True, "values": [described["issuer"]]},
            aud={"essential": True, "value": provider.client_id},
            nonce={"essential": True, "value": data["nonce"]},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
        ).validate(token.claims)
    # Authlib has its own HTTP library, and its errors are not those of httpx.
    except (httpx.HTTPError, transport.HTTPError) as error:
        if _is_refusal(error):
            raise _refused(errand, "code", told) from None
        raise SignOnUnavailableError(f"{provider.name} does not answer. {_OTHERWISE}") from error
    except (AuthlibBaseError, JoseError, KeyError, ValueError):
        raise _refused(errand, "token", told) from None
    claims: dict[str, Any] = token.claims
    return claims


def _is_refusal(error: Exception) -> bool:
    """Whether the provider has answered that it does not take what it was given."""
    status = getattr(getattr(error, "response", None), "status_code", 0)
    return 400 <= int(status) < 500


def _decoded(provider: Provider, token: str) -> jwt.Token:
    """A token whose signature is the provider's. Its keys are asked for anew, once, if it names one not known yet."""
    try:
        return jwt.decode(token, provider.description()[1], algorithms=list(_ALGORITHMS))
    except InvalidKeyIdError:
        return jwt.decode(token, provider.description(anew=True)[1], algorithms=list(_ALGORITHMS))


def _person(visit: Visit, provider: Provider, claims: dict[str, Any]) -> sa.Row[Any]:
    """The account of an identity. Raises NotSignedInError if there is none."""
    subject = str(claims["sub"])
    known = sa.select(_I.c.person_id).where(_I.c.issuer == provider.issuer, _I.c.subject == subject)
    rows = sa.select(_P).where(_P.c.id.in_(known))
    person = visit.connection.execute(rows).one_or_none()
    if person is None and claims.get("email_verified") is True and claims.get("email"):
        person = account_of(visit.connection, str(claims["email"]))
        if person is not None:
            values = {"person_id": person.id, "issuer": provider.issuer, "subject": subject}
            visit.connection.execute(sa.insert(_I).values(values))
    if person is None or person.closed_at is not None:
        told = f"{provider.name} knows you, but you have no account here. Ask your administrator for an invitation."
        raise _refused(visit, "no account", told)
    return person


def _refused(errand: Errand | Visit, why: str, told: str) -> NotSignedInError:
    event = Event("sign in", Kind.SESSION, outcome=Outcome.FAILED, detail={"step": "single sign-on", "why": why})
    errand.record_apart(event)
    return NotSignedInError(told)


def _fetched(address: str) -> Any:
    answer = httpx.get(address, timeout=_PATIENCE, follow_redirects=False)
    answer.raise_for_status()
    return answer.json()
