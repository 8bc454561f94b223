/** The fifth step. Once it is released it is never edited. */
export const FIFTH = `
  -- When the last back-up was finished: one row, or none before the first.
  CREATE TABLE last_backup (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    at INTEGER NOT NULL
  ) STRICT;
`
