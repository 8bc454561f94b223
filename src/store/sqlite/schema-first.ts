/** The first step: counters, the queue, the audit trail, keys, artifacts. Once it is released it is never edited. */
export const FIRST = `
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
  -- What failed is found by the reference that the person was shown. Of what went well, nobody has one.
  CREATE INDEX failure_by_reference ON audit (correlation) WHERE outcome <> 'ok' AND correlation IS NOT NULL;
  -- The records whose client address is whole yet.
  CREATE INDEX whole_address_by_age ON audit (at) WHERE ip_salt IS NOT NULL;
  CREATE INDEX whole_address_by_subject ON audit (subject) WHERE ip_salt IS NOT NULL;
  CREATE INDEX whole_address_by_actor ON audit (actor) WHERE ip_salt IS NOT NULL;

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

  -- Whether anything can be kept is found out by keeping something.
  CREATE TABLE heartbeat (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    beats INTEGER NOT NULL
  ) STRICT;
  INSERT INTO heartbeat (id, beats) VALUES (1, 0);
`
