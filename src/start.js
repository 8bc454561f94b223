/**
 * What `npm start` runs: plain JavaScript, so that an old Node gets a sentence instead of a syntax error, and so that the
 * compiler of TypeScript, 20 MB of it, need not be loaded where everything was compiled before.
 */
if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error('Sigma ID needs Node 24 or newer. npm ci brings it on Linux and Windows; elsewhere install it.')
  process.exit(1)
}
const [{ enableCompileCache }, { join }] = await Promise.all([import('node:module'), import('node:path')])
// Compiled modules are kept between starts, which takes a third off the time to the first request. Not in the system's
// temporary folder, where another user could leave code for us to run.
enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/compiled'))
await import('./main.ts')
