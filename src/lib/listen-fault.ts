/** Why an address cannot be listened on, by the system's code. */
export const LISTEN_REASONS: Record<string, string> = {
  EADDRINUSE: 'the port is in use already, perhaps by another Sigma ID',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'this user may not open ports below 1024',
  ENOTFOUND: 'there is no host of that name',
}
