/** Second factors. Released: never edited. */
export const SECOND_FACTORS = `
  ALTER TABLE account ADD COLUMN enrolled_at INTEGER;

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
`
