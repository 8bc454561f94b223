/** The fifth step. Once it is released it is never edited. */
export const FIFTH = `
  -- When the last back-up was finished: one row, or none before the first.
  CREATE TABLE last_backup (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    at INTEGER NOT NULL
  ) STRICT;

  -- The records of one sign-in. Its names sort by time, so this grows at its end.
  CREATE INDEX audit_by_sign_in ON audit (iif(json_valid(details), details ->> '$.signIn', NULL), at)
  WHERE iif(json_valid(details), details ->> '$.signIn', NULL) IS NOT NULL;

  -- Old records may be removed where a checkpoint covers them, see audit/checkpoint.ts.
  CREATE TABLE audit_checkpoint (
    from_seq INTEGER PRIMARY KEY,
    to_seq INTEGER NOT NULL,
    content TEXT NOT NULL,
    seal TEXT NOT NULL
  ) STRICT;
  -- Beside a record that stays, the hash of the one before it that went.
  ALTER TABLE audit ADD COLUMN previous TEXT;
  DROP TRIGGER audit_is_kept;
  CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
  WHEN OLD.seq > ifnull((SELECT to_seq FROM audit_checkpoint WHERE from_seq <= OLD.seq ORDER BY from_seq DESC LIMIT 1), OLD.seq - 1)
  BEGIN
    SELECT RAISE (ABORT, 'audit records are not deleted');
  END;
  DROP TRIGGER audit_is_final;
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
