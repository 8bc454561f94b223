/** What `npm start` runs: plain JavaScript, so that an old Node gets a sentence instead of a syntax error. */
if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error('Sigma ID needs Node 24 or newer. npm ci brings it on Linux and Windows; elsewhere install it.')
  process.exit(1)
}
await import('./main.ts')
