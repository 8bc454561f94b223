/**
 * The third step: a parcel says whom it is for and why it was not taken, and what was given up stays for a while. Once it
 * is released it is never edited.
 */
export const THIRD = `
  ALTER TABLE parcel ADD COLUMN account_id TEXT;
  ALTER TABLE parcel ADD COLUMN reason TEXT;
  ALTER TABLE parcel ADD COLUMN failed_at INTEGER;
  CREATE INDEX parcel_waiting ON parcel (created_at, id) WHERE failed_at IS NULL;
  CREATE INDEX parcel_failed ON parcel (failed_at, id) WHERE failed_at IS NOT NULL;
`
