"""Every table, in three files, so that the whole database fits on a few screens.

Beside it: schema_access, schema_migration.
"""

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Named,
    String,
    Table,
    TypedColumns,
    UniqueConstraint,
)

from keystead.storage.columns import ID, bytewise, identity, in_org, moment, moment_or_never

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


class _InstallationColumns(TypedColumns):
    id: Named[int] = Column(Integer, primary_key=True)  # always 1
    access_epoch: Named[int] = moment()  # raised by every change of who may do what
    secrets_check: Named[bytes] = Column(
        LargeBinary(32)
    )  # tells whether the keyring is the one of this database
    created_at: Named[int] = moment()


installation = Table("installation", metadata, _InstallationColumns)


class _OrgColumns(TypedColumns):
    id: Named[int] = identity()
    name: Named[str] = bytewise(unique=True)
    search_key: Named[str] = bytewise()  # core.text.search_key of the name
    address1: Named[str]
    address2: Named[str]
    city: Named[str]
    zip_code: Named[str]
    state: Named[str]
    country: Named[str]
    created_at: Named[int] = moment()
    updated_at: Named[int] = moment()
    keys_migrated_at: Named[int | None] = moment_or_never()  # from then on no API key can be made
    keys_hidden_at: Named[int | None] = moment_or_never()  # from then on no page leads to them


org = Table("org", metadata, _OrgColumns, sqlite_autoincrement=True)


class _AccountColumns(TypedColumns):
    id: Named[int] = identity()
    kind: Named[str]  # "user" or "serviceaccount"
    login: Named[str] = bytewise()
    email: Named[str] = bytewise()
    name: Named[str] = bytewise()
    search_key: Named[str] = bytewise()  # core.text.search_key of login, email and name
    is_server_admin: Named[bool]
    is_disabled: Named[bool]
    active_org_id: Named[int | None] = Column(ID, ForeignKey("org.id", ondelete="SET NULL"), nullable=True)
    password_hash: Named[str | None]  # None: cannot sign in
    password_pepper_id: Named[int | None]
    password_dies_at: Named[int | None] = moment_or_never()  # of a first password, which must be changed
    theme: Named[str]  # "", "light" or "dark"
    timezone: Named[str | None]  # "browser", "utc" or a zone's name; None: no wish
    week_start: Named[str | None]  # "saturday", "sunday" or "monday"
    locale: Named[str | None]
    help_flags: Named[int]  # which hints of the pages were closed, as bits
    home_org_id: Named[int | None] = Column(
        ID, ForeignKey("org.id", ondelete="CASCADE"), nullable=True
    )  # of a service account, which is in no other; None: a person
    description: Named[str | None]  # of a service account
    from_key: Named[str | None]  # name of the API key that a service account was made for, by its migration
    created_at: Named[int] = moment()
    updated_at: Named[int] = moment()
    last_seen_at: Named[int | None] = moment_or_never()


account = Table(
    "account",
    metadata,
    _AccountColumns,
    Index(None, "active_org_id"),
    Index(None, "home_org_id", "login", unique=True),  # and the order in which service accounts are listed
    Index(None, "kind", "login"),  # people, of whom there are few beside many machines
    sqlite_autoincrement=True,
)


class _LoginNameColumns(TypedColumns):
    """Logins and e-mail addresses of people: one name space."""

    key: Named[str] = Column(String, primary_key=True)  # core.accounts.names.login_key
    account_id: Named[int] = Column(ID, ForeignKey("account.id", ondelete="CASCADE"))


login_name = Table("login_name", metadata, _LoginNameColumns, Index(None, "account_id"))


class _MembershipColumns(TypedColumns):
    org_id: Named[int] = Column(ID, ForeignKey("org.id", ondelete="CASCADE"), primary_key=True)
    account_id: Named[int] = Column(ID, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    role: Named[str]
    created_at: Named[int] = moment()


membership = Table("membership", metadata, _MembershipColumns, Index(None, "account_id"))


class _CredentialColumns(TypedColumns):
    id: Named[int] = identity()
    org_id: Named[int] = in_org()
    account_id: Named[int | None] = Column(ID, ForeignKey("account.id", ondelete="CASCADE"), nullable=True)
    name: Named[str] = bytewise()
    search_key: Named[str] = bytewise()  # core.text.search_key of the name and, for an API key, the role
    role: Named[str]  # of an API key; a token acts with the role of its account
    migrated_at: Named[int | None] = moment_or_never()  # a token that was an API key until then
    digest: Named[bytes] = Column(LargeBinary(32), unique=True)
    pepper_id: Named[int]
    created_at: Named[int] = moment()
    created_by_kind: Named[str]
    created_by_id: Named[int]
    created_by_credential_id: Named[int | None]
    expires_at: Named[int | None] = moment_or_never()
    revoked_at: Named[int | None] = moment_or_never()
    last_used_at: Named[int | None] = moment_or_never()
    last_used_from: Named[str | None]
    last_used_agent: Named[str | None]
    last_used_route: Named[str | None]
    lifetime_s: Named[int | None]  # as asked for when it was made, 0 for ever; None: an API key
    replaced_by_id: Named[int | None] = Column(
        ID, ForeignKey("credential.id", ondelete="SET NULL"), nullable=True
    )  # the token that rotation put in its place
    grace_until: Named[int | None] = moment_or_never()  # how long it lives on beside that


credential = Table(
    "credential",
    metadata,
    _CredentialColumns,
    UniqueConstraint("org_id", "name"),
    Index(None, "org_id", "account_id", "name"),
    Index(None, "account_id"),
    Index(None, "org_id", "role"),
    Index(None, "org_id", "expires_at"),
    Index(None, "org_id", "last_used_at"),
    Index(None, "replaced_by_id"),
    Index(None, "org_id", "created_by_credential_id"),
    sqlite_autoincrement=True,
)


class _CredentialUseColumns(TypedColumns):
    """How often a credential was presented in an hour, by how the requests ended."""

    credential_id: Named[int] = Column(ID, ForeignKey("credential.id", ondelete="CASCADE"), primary_key=True)
    hour: Named[int] = Column(moment().type, primary_key=True, autoincrement=False)  # its first second
    allowed: Named[int]
    denied: Named[int]
    refused: Named[int]


credential_use = Table(
    "credential_use",
    metadata,
    _CredentialUseColumns,
    Index(None, "hour"),  # what is old goes
)


class _OrgUseColumns(TypedColumns):
    """The sum of an organization's credentials, kept beside them so that no page adds them up."""

    org_id: Named[int] = Column(ID, ForeignKey("org.id", ondelete="CASCADE"), primary_key=True)
    hour: Named[int] = Column(moment().type, primary_key=True, autoincrement=False)  # its first second
    allowed: Named[int]
    denied: Named[int]
    refused: Named[int]


org_use = Table("org_use", metadata, _OrgUseColumns, Index(None, "hour"))


class _SessionColumns(TypedColumns):
    id: Named[int] = identity()
    account_id: Named[int] = Column(ID, ForeignKey("account.id", ondelete="CASCADE"))
    series: Named[bytes] = Column(LargeBinary(32), unique=True)  # digest of the part that all values share
    digest: Named[bytes] = Column(LargeBinary(32))
    former_digest: Named[bytes | None] = Column(LargeBinary(32), nullable=True)  # good for a minute more
    created_at: Named[int] = moment()
    rotated_at: Named[int] = moment()
    seen_at: Named[int] = moment()
    address: Named[str]
    agent: Named[str]
    message: Named[str | None]  # waits for the next page: a code with arguments, as JSON
    message_at: Named[int | None] = moment_or_never()


session = Table(
    "session",
    metadata,
    _SessionColumns,
    Index(None, "account_id"),
    sqlite_autoincrement=True,
)


class _SignInFailureColumns(TypedColumns):
    """Wrong passwords by person and address; by person alone the address is empty."""

    subject: Named[str] = Column(
        String, primary_key=True
    )  # "user:<id>", or "name:<digest>" of an unknown one
    address: Named[str] = Column(String, primary_key=True)
    failures: Named[int]  # in a row
    moments: Named[str]  # the newest of them, Unix seconds with commas between, oldest first
    last_at: Named[int] = Column(moment().type, index=True)


sign_in_failure = Table("sign_in_failure", metadata, _SignInFailureColumns)


class _KnownAddressColumns(TypedColumns):
    account_id: Named[int] = Column(ID, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    address: Named[str] = Column(String, primary_key=True)
    last_success_at: Named[int] = moment()


known_address = Table("known_address", metadata, _KnownAddressColumns)


class _ChangeColumns(TypedColumns):
    id: Named[int] = Column(ID, primary_key=True, autoincrement=False)  # without gaps
    at: Named[int] = moment()
    org_id: Named[int | None] = Column(
        ID, nullable=True
    )  # None: about the installation; outlives the organization, so no foreign key
    actor_kind: Named[str]
    actor_id: Named[int]
    actor_login: Named[str]
    actor_credential_id: Named[int | None]
    address: Named[str]
    request_id: Named[str]
    action: Named[str]
    target_kind: Named[str]
    target_id: Named[str]
    target_name: Named[str]
    result: Named[str]
    detail: Named[str]  # JSON
    hash: Named[bytes] = Column(LargeBinary(32))


change = Table(
    "change",
    metadata,
    _ChangeColumns,
    Index(None, "org_id", "id"),  # what was added since somebody looked
    Index(None, "org_id", "at", "id"),  # the order in which the log is told
    Index(None, "org_id", "action", "at", "id"),
    Index(None, "org_id", "actor_kind", "actor_id", "at", "id"),
    Index(None, "org_id", "target_kind", "target_id", "at", "id"),
    Index(None, "at", "id"),  # for those who administer the server
)
