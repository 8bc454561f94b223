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
`
