/**
 * What `npm start` runs: plain JavaScript, so that an old Node gets a sentence instead of a syntax error. What changed
 * since the last start is packed first (pack.js); `node src/main.ts` starts the sources as they are.
 */
if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error('Sigma ID needs Node 24 or newer. npm ci brings it on Linux and Windows; elsewhere install it.')
  process.exit(1)
}
const asked = process.argv.slice(2)
if (asked.length > 0) {
  // A slip of the pen starts nothing. What can be set is in a file (docs/operating.md).
  const { readFileSync } = await import('node:fs')
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  const known = asked.join() === '--version'
  if (known) console.log(version)
  else console.error(`src/start.js takes no argument but --version: what can be set is in docs/operating.md`)
  process.exit(known ? 0 : 1)
}
const [{ enableCompileCache }, { join }] = await Promise.all([import('node:module'), import('node:path')])
// Compiled modules are kept between starts, which takes a third off the time to the first request. Not in the system's
// temporary folder, where another user could leave code for us to run.
enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/compiled'))
const { entryOf, packFolder } = await import('./packed.js')
const folder = packFolder()
try {
  const { pack } = await import('./pack.js')
  await pack(folder)
} catch (fault) {
  // The packer is not installed (ERR_MODULE_NOT_FOUND), or nothing may be written here: then the start takes longer.
  if (!['ERR_MODULE_NOT_FOUND', 'EROFS', 'EACCES'].includes(fault.code)) console.error(`Not packed: ${fault.message}`)
}
await import(entryOf('main', folder))
