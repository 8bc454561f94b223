/**
 * The second step: the trail is looked into by whatever a record names, a page at a time, the newest first. Once it is
 * released it is never edited.
 */
export const SECOND = `
  CREATE INDEX audit_by_time ON audit (at);
  CREATE INDEX audit_by_type ON audit (type, at);
  CREATE INDEX audit_by_client ON audit (client, at) WHERE client IS NOT NULL;
  CREATE INDEX audit_by_actor ON audit (actor, at) WHERE actor IS NOT NULL;
  CREATE INDEX audit_by_subject_and_time ON audit (subject, at) WHERE subject IS NOT NULL;
  CREATE INDEX audit_by_correlation ON audit (correlation, at) WHERE correlation IS NOT NULL;
  -- What somebody wrote there behind our back need not be JSON, and must not keep the file from being opened.
  CREATE INDEX audit_by_organization ON audit (iif(json_valid(details), details ->> '$.organization', NULL), at)
  WHERE iif(json_valid(details), details ->> '$.organization', NULL) IS NOT NULL;
  -- What went well in a request is found by its reference too now.
  DROP INDEX failure_by_reference;
`
