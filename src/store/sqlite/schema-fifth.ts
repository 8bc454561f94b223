/** The fifth step. Once it is released it is never edited. */
export const FIFTH = `
  -- When the last back-up was finished: one row, or none before the first.
  CREATE TABLE last_backup (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    at INTEGER NOT NULL
  ) STRICT;

  -- The last moment at which the clock was believed (lib/known-time.ts): one row, or none where nothing has happened yet.
  CREATE TABLE known_time (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    at INTEGER NOT NULL
  ) STRICT;
  INSERT INTO known_time (id, at) SELECT 1, at FROM audit WHERE seq = (SELECT max(seq) FROM audit);

  -- Old records may be removed where a checkpoint covers them, see audit/checkpoint.ts.
  CREATE TABLE audit_checkpoint (
    from_seq INTEGER PRIMARY KEY,
    to_seq INTEGER NOT NULL,
    content TEXT NOT NULL,
    seal TEXT NOT NULL
  ) STRICT;

  -- Names that records repeat, each once. The most frequent first: a small number takes less room.
  CREATE TABLE audit_name (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
  ) STRICT;
  INSERT INTO audit_name (name) SELECT DISTINCT type FROM audit;
  INSERT OR IGNORE INTO audit_name (name) SELECT DISTINCT client FROM audit;
  INSERT OR IGNORE INTO audit_name (name) SELECT DISTINCT subject FROM audit;
  INSERT OR IGNORE INTO audit_name (name) SELECT DISTINCT actor FROM audit;

  -- The trail, written anew with their numbers.
  CREATE TABLE audit_anew (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    type INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    actor INTEGER,
    subject INTEGER,
    client INTEGER,
    correlation TEXT,
    details TEXT,
    ip TEXT,
    ip_salt TEXT,
    ip_digest TEXT,
    hash TEXT NOT NULL,
    -- Beside a record that stays, the hash of the one before it that went.
    previous TEXT
  ) STRICT;
  INSERT INTO audit_anew
  SELECT seq, id, at, (SELECT number FROM audit_name WHERE name = type), outcome,
    (SELECT number FROM audit_name WHERE name = actor), (SELECT number FROM audit_name WHERE name = subject),
    (SELECT number FROM audit_name WHERE name = client), correlation, details, ip, ip_salt, ip_digest, hash, NULL
  FROM audit ORDER BY seq;
  DROP TABLE audit;
  ALTER TABLE audit_anew RENAME TO audit;

  CREATE INDEX whole_address_by_age ON audit (at) WHERE ip_salt IS NOT NULL;
  CREATE INDEX audit_by_time ON audit (at);
  CREATE INDEX audit_by_type ON audit (type, at);
  CREATE INDEX audit_by_client ON audit (client, at) WHERE client IS NOT NULL;
  CREATE INDEX audit_by_actor ON audit (actor, at) WHERE actor IS NOT NULL;
  CREATE INDEX audit_by_subject_and_time ON audit (subject, at) WHERE subject IS NOT NULL;
  CREATE INDEX audit_by_correlation ON audit (correlation, at) WHERE correlation IS NOT NULL;
  CREATE INDEX audit_by_organization ON audit (iif(json_valid(details), details ->> '$.organization', NULL), at)
  WHERE iif(json_valid(details), details ->> '$.organization', NULL) IS NOT NULL;
  -- The records of one sign-in. Its names sort by time, so this grows at its end.
  CREATE INDEX audit_by_sign_in ON audit (iif(json_valid(details), details ->> '$.signIn', NULL), at)
  WHERE iif(json_valid(details), details ->> '$.signIn', NULL) IS NOT NULL;

  -- Of one model, so that sessions that ran out are found whatever else did.
  DROP INDEX artifact_by_expiry;
  CREATE INDEX artifact_by_expiry ON artifact (model, expires_at) WHERE expires_at IS NOT NULL;
  -- What passes within days by itself, and not among what stays for a year.
  DROP INDEX streak_by_touch;
  CREATE INDEX streak_by_touch ON counter (touched_at) WHERE kind = 'streak'
    AND substr(key, 1, 8) <> 'passing/' AND substr(key, 1, 18) <> 'password/stranger/' AND substr(key, 1, 15) <> 'password/known/';
  CREATE INDEX passing_by_touch ON counter (touched_at) WHERE kind = 'streak'
    AND (substr(key, 1, 8) = 'passing/' OR substr(key, 1, 18) = 'password/stranger/' OR substr(key, 1, 15) = 'password/known/');

  -- A name goes with the last record that has it.
  CREATE TRIGGER audit_name_is_kept BEFORE DELETE ON audit_name
  WHEN EXISTS (SELECT 1 FROM audit WHERE type = OLD.number) OR EXISTS (SELECT 1 FROM audit WHERE client = OLD.number)
    OR EXISTS (SELECT 1 FROM audit WHERE subject = OLD.number) OR EXISTS (SELECT 1 FROM audit WHERE actor = OLD.number)
  BEGIN
    SELECT RAISE (ABORT, 'names in audit records are not deleted');
  END;
  CREATE TRIGGER audit_name_is_final BEFORE UPDATE ON audit_name BEGIN
    SELECT RAISE (ABORT, 'names in audit records are not changed');
  END;

  CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
  WHEN OLD.seq > ifnull((SELECT to_seq FROM audit_checkpoint WHERE from_seq <= OLD.seq ORDER BY from_seq DESC LIMIT 1), OLD.seq - 1)
  BEGIN
    SELECT RAISE (ABORT, 'audit records are not deleted');
  END;
  CREATE TRIGGER audit_is_final BEFORE UPDATE ON audit
  WHEN NOT (
      (NEW.ip_salt IS NULL AND OLD.ip_salt IS NOT NULL AND NEW.previous IS OLD.previous)
      OR (NEW.previous IS NOT NULL AND OLD.previous IS NULL AND NEW.ip IS OLD.ip AND NEW.ip_salt IS OLD.ip_salt)
    )
    OR NEW.seq IS NOT OLD.seq OR NEW.id IS NOT OLD.id OR NEW.at IS NOT OLD.at OR NEW.type IS NOT OLD.type
    OR NEW.outcome IS NOT OLD.outcome OR NEW.actor IS NOT OLD.actor OR NEW.subject IS NOT OLD.subject
    OR NEW.client IS NOT OLD.client OR NEW.correlation IS NOT OLD.correlation OR NEW.details IS NOT OLD.details
    OR NEW.ip_digest IS NOT OLD.ip_digest OR NEW.hash IS NOT OLD.hash
  BEGIN
    SELECT RAISE (ABORT, 'audit records are not changed');
  END;
`
