/** Security settings, recovery and the end of an account. */
export const ACCOUNT_LIFE = `
  ALTER TABLE account ADD COLUMN notice_email TEXT;
  ALTER TABLE account ADD COLUMN previous_email TEXT;
  ALTER TABLE account ADD COLUMN email_changed_at INTEGER;
  -- What the name is searched by, see search-key.ts.
  ALTER TABLE account ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
  UPDATE account SET name_key = search_key(name);
  CREATE INDEX account_by_age ON account (created_at);

  -- All that is kept of an account that was erased: its id is never given to anyone again.
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
    expires_at INTEGER NOT NULL
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

  CREATE INDEX sent_code_by_account ON sent_code (account_id);
  CREATE INDEX enrollment_by_account ON enrollment (account_id);

  -- The records whose client address is whole yet.
  CREATE INDEX whole_address_by_age ON audit (at) WHERE ip_salt IS NOT NULL;
  CREATE INDEX whole_address_by_subject ON audit (subject) WHERE ip_salt IS NOT NULL;
  CREATE INDEX whole_address_by_actor ON audit (actor) WHERE ip_salt IS NOT NULL;
`
