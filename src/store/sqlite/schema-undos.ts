/**
 * What there was of second factors when the address was changed: an undo takes away what came since, and may not leave the
 * account weaker than it was. `factors` is a list of ids, as JSON.
 */
export const UNDOS = `
  ALTER TABLE email_undo ADD COLUMN enrolled_at INTEGER;
  ALTER TABLE email_undo ADD COLUMN factors TEXT;
`
