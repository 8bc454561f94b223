/** People, thing by thing. */
export const PEOPLE = `
  CREATE TABLE account (
    id TEXT PRIMARY KEY NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    locale TEXT NOT NULL,
    organization TEXT,
    roles TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('invited', 'active', 'disabled')),
    password_hash TEXT,
    password_changed_at INTEGER,
    epoch INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    enrolled_at INTEGER,
    notice_email TEXT,
    previous_email TEXT,
    email_changed_at INTEGER,
    name_key TEXT NOT NULL DEFAULT '',
    given_name TEXT,
    family_name TEXT
  ) STRICT;
  CREATE INDEX account_by_age ON account (created_at);

  CREATE TABLE link (
    digest TEXT PRIMARY KEY NOT NULL,
    account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    purpose TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
  ) STRICT;
  CREATE INDEX link_by_account ON link (account_id);
  CREATE INDEX link_by_expiry ON link (expires_at);

  CREATE TABLE known_browser (
    digest TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (digest, account_id)
  ) STRICT;
  CREATE INDEX known_browser_by_account ON known_browser (account_id);
  CREATE INDEX known_browser_by_expiry ON known_browser (expires_at);

  CREATE TABLE erased_account (
    id TEXT PRIMARY KEY NOT NULL,
    erased_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE address_code (
    key TEXT PRIMARY KEY NOT NULL,
    account_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    sealed TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX address_code_by_account ON address_code (account_id);
  CREATE INDEX address_code_by_expiry ON address_code (expires_at);

  CREATE TABLE email_undo (
    digest TEXT PRIMARY KEY NOT NULL,
    account_id TEXT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    enrolled_at INTEGER,
    factors TEXT
  ) STRICT;
  CREATE INDEX email_undo_by_account ON email_undo (account_id, created_at);
  CREATE INDEX email_undo_by_expiry ON email_undo (expires_at);

  CREATE TABLE recovery_case (
    number TEXT PRIMARY KEY NOT NULL,
    account_id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'canceled', 'issued', 'declined')),
    sealed TEXT NOT NULL,
    cancel_digest TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    closed_at INTEGER,
    closed_by TEXT,
    identity_check TEXT,
    sealed_note TEXT
  ) STRICT;
  CREATE INDEX recovery_case_by_account ON recovery_case (account_id, created_at);
  CREATE INDEX recovery_case_by_state ON recovery_case (state, created_at);
  CREATE INDEX recovery_case_by_end ON recovery_case (coalesce(closed_at, expires_at));

  CREATE TABLE authenticator (
    id TEXT PRIMARY KEY NOT NULL,
    account_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    label TEXT NOT NULL,
    sealed TEXT NOT NULL,
    number_key TEXT,
    last_step INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER
  ) STRICT;
  CREATE INDEX authenticator_by_account ON authenticator (account_id, created_at);
  CREATE INDEX authenticator_by_number ON authenticator (number_key, account_id) WHERE number_key IS NOT NULL;

  CREATE TABLE backup_code (
    account_id TEXT PRIMARY KEY NOT NULL,
    id TEXT NOT NULL,
    salt TEXT NOT NULL,
    digest TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    saved_at INTEGER
  ) STRICT;

  CREATE TABLE temporary_code (
    id TEXT PRIMARY KEY NOT NULL,
    account_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX temporary_code_by_account ON temporary_code (account_id, digest);
  CREATE INDEX temporary_code_by_expiry ON temporary_code (expires_at);

  CREATE TABLE sent_code (
    key TEXT PRIMARY KEY NOT NULL,
    account_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    sealed TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX sent_code_by_expiry ON sent_code (expires_at);

  CREATE TABLE enrollment (
    key TEXT PRIMARY KEY NOT NULL,
    account_id TEXT NOT NULL,
    sealed TEXT NOT NULL,
    version INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX enrollment_by_expiry ON enrollment (expires_at);

  CREATE TABLE remembered_device (
    id TEXT PRIMARY KEY NOT NULL,
    account_id TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    previous_digest TEXT,
    previous_until INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    method TEXT NOT NULL,
    agent TEXT NOT NULL
  ) STRICT;
  CREATE INDEX remembered_device_by_account ON remembered_device (account_id, created_at);
  CREATE INDEX remembered_device_by_expiry ON remembered_device (expires_at);
  CREATE INDEX sent_code_by_account ON sent_code (account_id);
  CREATE INDEX enrollment_by_account ON enrollment (account_id);
`
