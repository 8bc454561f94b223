/** What failed is found by the reference that the person was shown. Of what went well, nobody has one. */
export const REFERENCES = `
  CREATE INDEX failure_by_reference ON audit (correlation) WHERE outcome <> 'ok' AND correlation IS NOT NULL;
`
