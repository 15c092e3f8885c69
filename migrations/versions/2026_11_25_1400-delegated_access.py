"""delegated access.

Runs while the previous version of AMDIS still serves: add first, remove in a later release. A lock waits 30 s at most.
"""

# SPDX-License-Identifier: Apache-2.0

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_25_1400"
down_revision = "2026_11_25_1200"

# Who acts on a connection: whoever has the session or API key whose token was set for the transaction. Nobody can act
# for another without their token, whatever statement they get the application to run.
_ACTING = """
CREATE FUNCTION access.acting() RETURNS TABLE (person bigint, name text, mandate bigint, role text, country text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT m.person_id, p.name, m.id, m.role, m.country
    FROM (
        SELECT s.mandate_id FROM access.session AS s
        WHERE s.token_hash = sha256(convert_to(current_setting('amdis.token', true), 'UTF8'))
            AND s.ended_at IS NULL AND NOT s.limited
            AND statement_timestamp() < least(s.idle_until, s.expires_at)
        UNION ALL
        SELECT k.mandate_id FROM access.api_key AS k
        WHERE k.secret_hash = sha256(convert_to(current_setting('amdis.token', true), 'UTF8'))
            AND k.revoked_at IS NULL AND statement_timestamp() < k.expires_at
    ) AS credential
    JOIN access.mandate AS m ON m.id = credential.mandate_id
    JOIN access.person AS p ON p.id = m.person_id
    WHERE m.ended_at IS NULL AND p.closed_at IS NULL
        AND (statement_timestamp() AT TIME ZONE 'UTC')::date BETWEEN m.starts AND m.ends
$$"""
_ACTING_PERSON = """
CREATE FUNCTION access.acting_person() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS 'SELECT person FROM access.acting()'"""
_ACTING_COUNTRY = """
CREATE FUNCTION access.acting_country() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS 'SELECT country FROM access.acting()'"""

# What the table of rights says of the acting role: whether it reaches so far whatever the state, and in which states.
_REACHES = """
CREATE FUNCTION access.reaches(kind text, action text, reach int) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT EXISTS (
        SELECT FROM access.acting() AS a JOIN access.policy AS p ON p.role = a.role
        WHERE p.kind = $1 AND p.action = $2 AND p.state = '' AND p.reach >= $3
    )
$$"""
_STATES = """
CREATE FUNCTION access.states(kind text, action text, reach int) RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT array_agg(p.state) FROM access.acting() AS a JOIN access.policy AS p ON p.role = a.role
    WHERE p.kind = $1 AND p.action = $2 AND p.state <> '' AND p.reach >= $3
$$"""

# What a line of the audit log says, as the text that is hashed; app.audit.verify says the same in a query of its own.
_SAID = """
CREATE FUNCTION audit.said(one audit.line) RETURNS text
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT jsonb_build_array(
        one.number, extract(epoch FROM one.at), one.person_id, one.name, one.role, one.country, one.action, one.kind,
        one.object, one.outcome, one.detail, one.address
    )::text
$$"""
# The last line is looked up by its index, also by a plan that was made while the log was short.
_CHAIN = """
CREATE FUNCTION audit.chain() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET enable_seqscan = off AS $$
DECLARE
    before record;
BEGIN
    -- Until the transaction ends: numbers have no gaps, and each line knows the one before.
    PERFORM pg_advisory_xact_lock(71800113943300);
    SELECT number, hash INTO before FROM audit.line ORDER BY number DESC LIMIT 1;
    IF session_user = 'amdis_delegate' THEN
        SELECT person, name, role INTO NEW.person_id, NEW.name, NEW.role FROM access.acting();
    END IF;
    NEW.number := coalesce(before.number, 0) + 1;
    NEW.at := clock_timestamp();
    NEW.hash := sha256(coalesce(before.hash, ''::bytea) || convert_to(audit.said(NEW), 'UTF8'));
    RETURN NEW;
END $$"""
_KEEP = """
CREATE FUNCTION audit.keep() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    RAISE EXCEPTION 'lines of the audit log are neither changed nor removed' USING ERRCODE = 'insufficient_privilege';
END $$"""
_TRIGGERS = (
    "CREATE TRIGGER chain BEFORE INSERT ON audit.line FOR EACH ROW EXECUTE FUNCTION audit.chain()",
    "CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.line EXECUTE FUNCTION audit.keep()",
    "CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.seal EXECUTE FUNCTION audit.keep()",
)
_FUNCTIONS = (_ACTING, _ACTING_PERSON, _ACTING_COUNTRY, _REACHES, _STATES, _SAID, _CHAIN, _KEEP)
_SIGNATURES = (
    "audit.keep()",
    "audit.chain()",
    "audit.said(audit.line)",
    "access.states(text, text, int)",
    "access.reaches(text, text, int)",
    "access.acting_country()",
    "access.acting_person()",
    "access.acting()",
)


def upgrade() -> None:
    # ### commands auto generated by Alembic - please adjust! ###
    op.execute("CREATE SCHEMA access")
    op.execute("CREATE SCHEMA audit")
    op.execute("CREATE SCHEMA notices")
    op.create_table(
        "failure",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failure")),
        schema="access",
    )
    op.create_index("ix_failure_key", "failure", ["key", "at"], unique=False, schema="access")
    op.create_table(
        "organisation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        schema="access",
    )
    op.create_index(
        "uq_organisation_name",
        "organisation",
        [sa.literal_column("lower(name)"), sa.literal_column("coalesce(country, '')")],
        unique=True,
        schema="access",
    )
    op.create_table(
        "person",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), server_default="en", nullable=False),
        sa.Column("digest", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        schema="access",
    )
    op.create_index(op.f("ix_person_country"), "person", ["country"], unique=False, schema="access")
    op.create_index(
        "ix_person_name",
        "person",
        [sa.literal_column("name gin_trgm_ops")],
        unique=False,
        schema="access",
        postgresql_using="gin",
    )
    op.create_index("uq_person_email", "person", [sa.literal_column("lower(email)")], unique=True, schema="access")
    op.create_table(
        "policy",
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="empty: any"),
        sa.Column("reach", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("role", "kind", "action", "state", "reach", name=op.f("pk_policy")),
        schema="access",
    )
    op.create_table(
        "line",
        sa.Column("number", sa.BigInteger(), autoincrement=False, server_default="0", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("role", sa.Text(), server_default="", nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), server_default="", nullable=False),
        sa.Column("outcome", sa.Text(), server_default="done", nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "searched",
            sa.Text(),
            sa.Computed(
                "lower(name || ' ' || action || ' ' || kind || ' ' || object || ' ' || CAST(detail AS text))",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_line")),
        schema="audit",
    )
    op.create_index("ix_line_action", "line", ["action", "number"], unique=False, schema="audit")
    op.create_index("ix_line_at", "line", ["at"], unique=False, schema="audit")
    op.create_index("ix_line_country", "line", ["country", "number"], unique=False, schema="audit")
    op.create_index("ix_line_person_id", "line", ["person_id", "number"], unique=False, schema="audit")
    op.create_table(
        "seal",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_seal")),
        schema="audit",
    )
    op.create_table(
        "mail",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("secret", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        schema="notices",
    )
    op.create_index(
        "ix_mail_waiting",
        "mail",
        ["next_try_at"],
        unique=False,
        schema="notices",
        postgresql_where=sa.text("sent_at IS NULL"),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("link", sa.Text(), server_default="", nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        schema="notices",
    )
    op.create_index("ix_notice_person_id", "notice", ["person_id", "id"], unique=False, schema="notices")
    op.create_index("ix_notice_subject", "notice", ["subject"], unique=False, schema="notices")
    op.create_index(
        "ix_notice_unmailed",
        "notice",
        ["person_id"],
        unique=False,
        schema="notices",
        postgresql_where=sa.text("mailed_at IS NULL"),
    )
    op.create_table(
        "challenge",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["access.person.id"], name=op.f("fk_challenge_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenge")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_challenge_token_hash")),
        schema="access",
    )
    op.create_index(op.f("ix_challenge_person_id"), "challenge", ["person_id"], unique=False, schema="access")
    op.create_table(
        "identity",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["access.person.id"], name=op.f("fk_identity_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_identity_issuer_subject")),
        schema="access",
    )
    op.create_index(op.f("ix_identity_person_id"), "identity", ["person_id"], unique=False, schema="access")
    op.create_table(
        "invitation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("trust", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["access.person.id"], name=op.f("fk_invitation_created_by_person")),
        sa.ForeignKeyConstraint(["person_id"], ["access.person.id"], name=op.f("fk_invitation_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
        schema="access",
    )
    op.create_index(op.f("ix_invitation_person_id"), "invitation", ["person_id"], unique=False, schema="access")
    op.create_table(
        "mandate",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column(
            "trust",
            sa.Text(),
            sa.Computed(
                "CASE WHEN role IN ('secretariat', 'national-administrator', 'regional-reviewer') THEN 'administration' ELSE 'work' END",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        sa.Column("granted_by", sa.BigInteger(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("successor_id", sa.BigInteger(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("person_id"), "="),
            (sa.column("role"), "="),
            (sa.text("coalesce(country, '')"), "="),
            (sa.text("daterange(starts, ends, '[]')"), "&&"),
            where=sa.text("ended_at IS NULL"),
            using="gist",
            name="ex_mandate_overlap",
        ),
        sa.CheckConstraint(
            "role NOT IN ('national-administrator', 'contributor', 'national-reviewer') OR country IS NOT NULL",
            name=op.f("ck_mandate_national"),
        ),
        sa.CheckConstraint(
            "role NOT IN ('secretariat', 'regional-reviewer') OR country IS NULL", name=op.f("ck_mandate_regional")
        ),
        sa.CheckConstraint("ends >= starts", name=op.f("ck_mandate_order")),
        sa.ForeignKeyConstraint(["granted_by"], ["access.person.id"], name=op.f("fk_mandate_granted_by_person")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["access.organisation.id"], name=op.f("fk_mandate_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["access.person.id"], name=op.f("fk_mandate_person_id_person")),
        sa.ForeignKeyConstraint(["successor_id"], ["access.mandate.id"], name=op.f("fk_mandate_successor_id_mandate")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandate")),
        schema="access",
    )
    op.create_index(
        "ix_mandate_ends",
        "mandate",
        ["ends"],
        unique=False,
        schema="access",
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(op.f("ix_mandate_organisation_id"), "mandate", ["organisation_id"], unique=False, schema="access")
    op.create_index(op.f("ix_mandate_person_id"), "mandate", ["person_id"], unique=False, schema="access")
    op.create_table(
        "passkey",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["access.person.id"], name=op.f("fk_passkey_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
        schema="access",
    )
    op.create_index(op.f("ix_passkey_person_id"), "passkey", ["person_id"], unique=False, schema="access")
    op.create_table(
        "password",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["access.person.id"], name=op.f("fk_password_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_password")),
        schema="access",
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["access.person.id"], name=op.f("fk_recovery_code_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        schema="access",
    )
    op.create_index(op.f("ix_recovery_code_person_id"), "recovery_code", ["person_id"], unique=False, schema="access")
    op.create_table(
        "totp",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["access.person.id"], name=op.f("fk_totp_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_totp")),
        schema="access",
    )
    op.create_table(
        "api_key",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("mandate_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("start", sa.Text(), nullable=False),
        sa.Column("layers", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["mandate_id"], ["access.mandate.id"], name=op.f("fk_api_key_mandate_id_mandate")),
        sa.ForeignKeyConstraint(["person_id"], ["access.person.id"], name=op.f("fk_api_key_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_api_key_secret_hash")),
        schema="access",
    )
    op.create_index(op.f("ix_api_key_mandate_id"), "api_key", ["mandate_id"], unique=False, schema="access")
    op.create_index(op.f("ix_api_key_person_id"), "api_key", ["person_id"], unique=False, schema="access")
    op.create_table(
        "session",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("mandate_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("idle_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "proved_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="when the person last proved who they are",
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("agent", sa.Text(), server_default="", nullable=False),
        sa.Column("methods", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("limited", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["mandate_id"], ["access.mandate.id"], name=op.f("fk_session_mandate_id_mandate")),
        sa.ForeignKeyConstraint(["person_id"], ["access.person.id"], name=op.f("fk_session_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_session_token_hash")),
        schema="access",
    )
    op.create_index(op.f("ix_session_mandate_id"), "session", ["mandate_id"], unique=False, schema="access")
    op.create_index(op.f("ix_session_person_id"), "session", ["person_id"], unique=False, schema="access")
    op.add_column("submission", sa.Column("title", sa.Text(), server_default="", nullable=False), schema="releases")
    op.add_column("submission", sa.Column("layer", sa.Text(), nullable=True), schema="releases")
    op.add_column(
        "submission", sa.Column("stage", sa.Text(), server_default="published", nullable=False), schema="releases"
    )
    op.add_column("submission", sa.Column("country", sa.Text(), nullable=True), schema="releases")
    op.add_column("submission", sa.Column("person_id", sa.BigInteger(), nullable=True), schema="releases")
    op.add_column("submission", sa.Column("mandate_id", sa.BigInteger(), nullable=True), schema="releases")
    op.create_index("ix_submission_country_stage", "submission", ["country", "stage"], unique=False, schema="releases")
    op.create_index(op.f("ix_submission_mandate_id"), "submission", ["mandate_id"], unique=False, schema="releases")
    op.create_index(op.f("ix_submission_person_id"), "submission", ["person_id"], unique=False, schema="releases")
    op.create_foreign_key(
        op.f("fk_submission_person_id_person"),
        "submission",
        "person",
        ["person_id"],
        ["id"],
        source_schema="releases",
        referent_schema="access",
    )
    op.create_foreign_key(
        op.f("fk_submission_mandate_id_mandate"),
        "submission",
        "mandate",
        ["mandate_id"],
        ["id"],
        source_schema="releases",
        referent_schema="access",
    )
    # ### end Alembic commands ###
    for statement in (*_FUNCTIONS, *_TRIGGERS):
        op.execute(statement)


def downgrade() -> None:
    # Policies on what stays use the functions.
    op.execute(
        "DO $$ DECLARE one record; BEGIN FOR one IN SELECT schemaname, tablename, policyname FROM pg_policies "
        "WHERE schemaname IN ('access', 'audit', 'notices', 'releases', 'minerals') LOOP EXECUTE "
        "format('DROP POLICY %I ON %I.%I', one.policyname, one.schemaname, one.tablename); END LOOP; END $$"
    )
    for name in ("line", "seal"):
        op.execute(f"DROP TRIGGER keep ON audit.{name}")
    op.execute("DROP TRIGGER chain ON audit.line")
    for signature in _SIGNATURES:
        op.execute(f"DROP FUNCTION {signature}")
    # ### commands auto generated by Alembic - please adjust! ###
    op.drop_constraint(op.f("fk_submission_mandate_id_mandate"), "submission", schema="releases", type_="foreignkey")
    op.drop_constraint(op.f("fk_submission_person_id_person"), "submission", schema="releases", type_="foreignkey")
    op.drop_index(op.f("ix_submission_person_id"), table_name="submission", schema="releases")
    op.drop_index(op.f("ix_submission_mandate_id"), table_name="submission", schema="releases")
    op.drop_index("ix_submission_country_stage", table_name="submission", schema="releases")
    op.drop_column("submission", "mandate_id", schema="releases")
    op.drop_column("submission", "person_id", schema="releases")
    op.drop_column("submission", "country", schema="releases")
    op.drop_column("submission", "stage", schema="releases")
    op.drop_column("submission", "layer", schema="releases")
    op.drop_column("submission", "title", schema="releases")
    op.drop_index(op.f("ix_session_person_id"), table_name="session", schema="access")
    op.drop_index(op.f("ix_session_mandate_id"), table_name="session", schema="access")
    op.drop_table("session", schema="access")
    op.drop_index(op.f("ix_api_key_person_id"), table_name="api_key", schema="access")
    op.drop_index(op.f("ix_api_key_mandate_id"), table_name="api_key", schema="access")
    op.drop_table("api_key", schema="access")
    op.drop_table("totp", schema="access")
    op.drop_index(op.f("ix_recovery_code_person_id"), table_name="recovery_code", schema="access")
    op.drop_table("recovery_code", schema="access")
    op.drop_table("password", schema="access")
    op.drop_index(op.f("ix_passkey_person_id"), table_name="passkey", schema="access")
    op.drop_table("passkey", schema="access")
    op.drop_index(op.f("ix_mandate_person_id"), table_name="mandate", schema="access")
    op.drop_index(op.f("ix_mandate_organisation_id"), table_name="mandate", schema="access")
    op.drop_index(
        "ix_mandate_ends", table_name="mandate", schema="access", postgresql_where=sa.text("ended_at IS NULL")
    )
    op.drop_table("mandate", schema="access")
    op.drop_index(op.f("ix_invitation_person_id"), table_name="invitation", schema="access")
    op.drop_table("invitation", schema="access")
    op.drop_index(op.f("ix_identity_person_id"), table_name="identity", schema="access")
    op.drop_table("identity", schema="access")
    op.drop_index(op.f("ix_challenge_person_id"), table_name="challenge", schema="access")
    op.drop_table("challenge", schema="access")
    op.drop_index(
        "ix_notice_unmailed", table_name="notice", schema="notices", postgresql_where=sa.text("mailed_at IS NULL")
    )
    op.drop_index("ix_notice_subject", table_name="notice", schema="notices")
    op.drop_index("ix_notice_person_id", table_name="notice", schema="notices")
    op.drop_table("notice", schema="notices")
    op.drop_index("ix_mail_waiting", table_name="mail", schema="notices", postgresql_where=sa.text("sent_at IS NULL"))
    op.drop_table("mail", schema="notices")
    op.drop_table("seal", schema="audit")
    op.drop_index("ix_line_person_id", table_name="line", schema="audit")
    op.drop_index("ix_line_country", table_name="line", schema="audit")
    op.drop_index("ix_line_at", table_name="line", schema="audit")
    op.drop_index("ix_line_action", table_name="line", schema="audit")
    op.drop_table("line", schema="audit")
    op.drop_table("policy", schema="access")
    op.drop_index("uq_person_email", table_name="person", schema="access")
    op.drop_index("ix_person_name", table_name="person", schema="access", postgresql_using="gin")
    op.drop_index(op.f("ix_person_country"), table_name="person", schema="access")
    op.drop_table("person", schema="access")
    op.drop_index("uq_organisation_name", table_name="organisation", schema="access")
    op.drop_table("organisation", schema="access")
    op.drop_index("ix_failure_key", table_name="failure", schema="access")
    op.drop_table("failure", schema="access")
    op.execute("DROP SCHEMA notices")
    op.execute("DROP SCHEMA audit")
    op.execute("DROP SCHEMA access")
    # ### end Alembic commands ###
