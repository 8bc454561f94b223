/** Given and family name, where they were told apart from the name. */
export const NAMES = `
  ALTER TABLE account ADD COLUMN given_name TEXT;
  ALTER TABLE account ADD COLUMN family_name TEXT;
`
