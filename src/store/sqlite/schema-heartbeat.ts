/** Whether anything can be kept is found out by keeping something. */
export const HEARTBEAT = `
  CREATE TABLE heartbeat (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    beats INTEGER NOT NULL
  ) STRICT;
  INSERT INTO heartbeat (id, beats) VALUES (1, 0);
`
