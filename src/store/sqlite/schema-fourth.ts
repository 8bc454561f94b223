/**
 * The fourth step: each record of the trail is written into fewer indices. What they found is found by the others, see
 * audit.ts. Once it is released it is never edited.
 */
export const FOURTH = `
  -- (subject, at) finds them too.
  DROP INDEX audit_by_subject;
  -- Whole addresses are in the newest records only: those of one person are found by (subject, at) and (actor, at).
  DROP INDEX whole_address_by_subject;
  DROP INDEX whole_address_by_actor;
`
