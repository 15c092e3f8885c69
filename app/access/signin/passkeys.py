"""Passkeys (WebAuthn): made, used to sign in, removed. One alone proves possession and, by its PIN or sensor, more."""

import json
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.access.actors import Actor
from app.access.models import Passkey, Person
from app.access.setup import Access
from app.access.signin import challenges
from app.access.signin.challenges import Purpose
from app.access.signin.service import Step, finish
from app.access.work import Visit
from app.audit.service import Event, Outcome
from app.db.base import table_of
from app.errors import InvalidInputError, NotSignedInError
from app.rights.policies import Kind

_K, _P = table_of(Passkey), table_of(Person)


def creation_options(access: Access, connection: sa.Connection, actor: Actor) -> dict[str, Any]:
    """What a browser needs to make a passkey for a person."""
    known = connection.execute(sa.select(_K.c.credential_id).where(_K.c.person_id == actor.person)).scalars()
    options = webauthn.generate_registration_options(
        rp_id=_site_id(access),
        rp_name=access.site,
        user_name=actor.email,
        user_display_name=actor.name,
        user_id=f"person {actor.person}".encode(),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=bytes(one)) for one in known],
    )
    challenge = bytes_to_base64url(options.challenge)
    challenges.begin(connection, Purpose.PASSKEY_NEW, actor.person, challenge=challenge)
    found: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return found


def add_passkey(access: Access, connection: sa.Connection, actor: Actor, name: str, credential: dict[str, Any]) -> int:
    """Keep a passkey that a browser has made; its id. Raises InvalidInputError."""
    waiting = challenges.waiting_of(connection, Purpose.PASSKEY_NEW, actor.person)
    if waiting is None or not challenges.answer(connection, waiting.id):
        raise InvalidInputError("credential", "This step has run out. Begin again.")
    try:
        made = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(waiting.data["challenge"]),
            expected_rp_id=_site_id(access),
            expected_origin=access.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        raise InvalidInputError("credential", "The passkey could not be checked. Try again.") from None
    transports = credential.get("response", {}).get("transports") or []
    insert = sa.insert(_K).values(
        person_id=actor.person,
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        transports=[str(one)[:20] for one in transports[:8]],
        name=name,
    )
    return int(connection.execute(insert.returning(_K.c.id)).scalar_one())


def request_options(visit: Visit) -> tuple[dict[str, Any], str]:
    """What a browser needs to sign in with a passkey, and the token of the step."""
    options = webauthn.generate_authentication_options(
        rp_id=_site_id(visit.access), user_verification=UserVerificationRequirement.REQUIRED
    )
    challenge = bytes_to_base64url(options.challenge)
    token = challenges.begin(visit.connection, Purpose.PASSKEY, None, challenge=challenge)
    return json.loads(webauthn.options_to_json(options)), token


def sign_in_with_passkey(visit: Visit, token: str, credential: dict[str, Any]) -> Step:
    """Sign in with a passkey. Raises NotSignedInError."""
    waiting = challenges.waiting(visit.connection, Purpose.PASSKEY, token)
    if waiting is None or not challenges.answer(visit.connection, waiting.id):
        raise NotSignedInError("This step has run out. Begin again.")
    person = _checked(visit, waiting.data["challenge"], credential)
    if person is None or person.closed_at is not None:
        event = Event("sign in", Kind.SESSION, outcome=Outcome.FAILED, detail={"step": "passkey"})
        visit.record_apart(event, person.id if person else None, person.name if person else "")
        raise NotSignedInError("This passkey is not one of an account here.")
    return finish(visit, person, ("passkey",))


def passkeys(connection: sa.Connection, person: int) -> list[sa.RowMapping]:
    """The passkeys of a person, the oldest first."""
    columns = (_K.c.id, _K.c.name, _K.c.created_at, _K.c.last_used_at)
    return list(connection.execute(sa.select(*columns).where(_K.c.person_id == person).order_by(_K.c.id)).mappings())


def remove_passkey(connection: sa.Connection, person: int, number: int) -> bool:
    """Remove a passkey; whether there was one."""
    return connection.execute(sa.delete(_K).where(_K.c.person_id == person, _K.c.id == number)).rowcount == 1


def _checked(visit: Visit, challenge: str, credential: dict[str, Any]) -> sa.Row[Any] | None:
    """Whose passkey signed the challenge; None if nobody's did."""
    try:
        wanted = _K.c.credential_id == base64url_to_bytes(str(credential["rawId"]))
        kept = visit.connection.execute(sa.select(_K).where(wanted)).one_or_none()
        if kept is None:
            return None
        used = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=_site_id(visit.access),
            expected_origin=visit.access.origin,
            credential_public_key=bytes(kept.public_key),
            credential_current_sign_count=kept.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        return None
    noted = sa.update(_K).where(_K.c.id == kept.id)
    visit.connection.execute(noted.values(sign_count=used.new_sign_count, last_used_at=sa.func.now()))
    return visit.connection.execute(sa.select(_P).where(_P.c.id == kept.person_id)).one()


def _site_id(access: Access) -> str:
    """The relying party's id: the host of the public address."""
    return urlsplit(access.base_url).hostname or "localhost"
