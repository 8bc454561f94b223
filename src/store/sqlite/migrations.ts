/**
 * The schema, as the numbered steps that lead to it. A step that was released is never edited: add another one. The
 * number of steps a file has seen is its `PRAGMA user_version`.
 */
import type { DatabaseSync } from 'node:sqlite'
import { AppError } from '../../lib/errors.ts'

const FIRST = `
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
    created_at INTEGER NOT NULL
  ) STRICT;

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

  -- "until" is when a streak's delay is over, or a window ends.
  CREATE TABLE counter (
    key TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('streak', 'window')),
    count INTEGER NOT NULL CHECK (count >= 0),
    until INTEGER NOT NULL,
    touched_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX window_by_end ON counter (until) WHERE kind = 'window';
  CREATE INDEX streak_by_touch ON counter (touched_at) WHERE kind = 'streak';

  CREATE TABLE parcel (
    id TEXT PRIMARY KEY NOT NULL,
    channel TEXT NOT NULL,
    sealed TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    leased_until INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX parcel_by_due ON parcel (due_at);

  CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    type TEXT NOT NULL,
    outcome TEXT NOT NULL,
    actor TEXT,
    subject TEXT,
    client TEXT,
    correlation TEXT,
    details TEXT,
    ip TEXT,
    ip_salt TEXT,
    ip_digest TEXT,
    hash TEXT NOT NULL
  ) STRICT;
  CREATE INDEX audit_by_subject ON audit (subject) WHERE subject IS NOT NULL;

  CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit BEGIN
    SELECT RAISE (ABORT, 'audit records are not deleted');
  END;
  -- The one change that is allowed shortens the address and forgets its salt, see audit.ts.
  CREATE TRIGGER audit_is_final BEFORE UPDATE ON audit
  WHEN NEW.ip_salt IS NOT NULL OR OLD.ip_salt IS NULL
    OR NEW.seq IS NOT OLD.seq OR NEW.id IS NOT OLD.id OR NEW.at IS NOT OLD.at OR NEW.type IS NOT OLD.type
    OR NEW.outcome IS NOT OLD.outcome OR NEW.actor IS NOT OLD.actor OR NEW.subject IS NOT OLD.subject
    OR NEW.client IS NOT OLD.client OR NEW.correlation IS NOT OLD.correlation OR NEW.details IS NOT OLD.details
    OR NEW.ip_digest IS NOT OLD.ip_digest OR NEW.hash IS NOT OLD.hash
  BEGIN
    SELECT RAISE (ABORT, 'audit records are not changed');
  END;

  CREATE TABLE signing_key (
    kid TEXT PRIMARY KEY NOT NULL,
    alg TEXT NOT NULL,
    state TEXT NOT NULL,
    sealed TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    activated_at INTEGER,
    retired_at INTEGER
  ) STRICT;
  CREATE TABLE signing_key_set (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL
  ) STRICT;
  INSERT INTO signing_key_set (id, version) VALUES (1, 0);

  CREATE TABLE artifact (
    model TEXT NOT NULL,
    key TEXT NOT NULL,
    sealed TEXT NOT NULL,
    expires_at INTEGER,
    grant_key TEXT,
    uid_key TEXT,
    account_id TEXT,
    consumed_at INTEGER,
    PRIMARY KEY (model, key)
  ) STRICT;
  CREATE INDEX artifact_by_grant ON artifact (grant_key) WHERE grant_key IS NOT NULL;
  CREATE INDEX artifact_by_uid ON artifact (uid_key) WHERE uid_key IS NOT NULL;
  CREATE INDEX artifact_by_account ON artifact (account_id, model) WHERE account_id IS NOT NULL;
  CREATE INDEX artifact_by_expiry ON artifact (expires_at) WHERE expires_at IS NOT NULL;
`

const SECOND_FACTORS = `
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

export const MIGRATIONS: readonly string[] = [FIRST, SECOND_FACTORS]

/** Takes the missing steps, all or none of each. Throws `store-too-new` if the file has seen steps we do not know. */
export function migrate(db: DatabaseSync, steps: readonly string[] = MIGRATIONS): void {
  while (takeStep(db, steps)) {}
}

/** False when there is none to take. */
function takeStep(db: DatabaseSync, steps: readonly string[]): boolean {
  if (version(db) === steps.length) return false
  // The version is read again under the write lock: another process may be starting on the same file.
  db.exec('BEGIN IMMEDIATE')
  try {
    const taken = version(db)
    if (taken > steps.length) {
      const message = `the database has schema version ${taken}; this release knows up to ${steps.length}`
      throw new AppError('store-too-new', message)
    }
    const step = steps[taken]
    if (step !== undefined) db.exec(`${step}; PRAGMA user_version = ${taken + 1}`)
    db.exec('COMMIT')
    return true
  } catch (fault) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw fault
  }
}

function version(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.user_version)
}
