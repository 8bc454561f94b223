/**
 * Makes .made/sbom.cdx.json: every package of a production installation, on any machine, as CycloneDX, by npm's own
 * command. Checked against the lock file before it gets its name.
 *
 * npm is shown a lock file without what is for development: told to leave that out by itself (`--omit dev`), it also leaves
 * out what production shares with it (npm 11).
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const json = (file) => JSON.parse(readFileSync(join(root, file), 'utf8'))
const [manifest, lock] = [json('package.json'), json('package-lock.json')]
const wanted = Object.fromEntries(Object.entries(lock.packages).filter(([, { dev }]) => !dev))

/** As npm says it, of production alone. */
function made() {
  const folder = mkdtempSync(join(tmpdir(), 'sigma-id-sbom-'))
  try {
    const { devDependencies: _development, ...production } = lock.packages['']
    const { devDependencies: _too, ...alone } = manifest
    const packages = { ...wanted, '': production }
    writeFileSync(join(folder, 'package.json'), JSON.stringify(alone))
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ ...lock, packages }))
    const command = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only']
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
    return JSON.parse(execFileSync(npm, command, { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 26 }))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** What npm does not take for the name of a license is told as it stands. */
function withLicense(component) {
  if (component.licenses?.length > 0) return component
  const name = Object.entries(wanted).find(([path]) => path.endsWith(`node_modules/${component.name}`))?.[1].license
  return name ? { ...component, licenses: [{ license: { name } }] } : component
}

function faultsOf({ bomFormat, metadata, components }) {
  const expected = Object.entries(wanted).filter(([path]) => path !== '')
  const names = expected.map(([path, { version }]) => `${path.replace(/^.*node_modules\//, '')}@${version}`)
  const found = components.map(({ name, version }) => `${name}@${version}`)
  return [
    ...(bomFormat === 'CycloneDX' ? [] : ['is no CycloneDX']),
    ...(metadata.component.version === manifest.version ? [] : ['is of another release']),
    ...names.filter((name) => !found.includes(name)).map((name) => `lacks ${name}`),
    ...found.filter((name) => !names.includes(name)).map((name) => `has ${name}, which is not for production`),
    ...components.filter(({ licenses }) => !licenses?.length).map(({ name }) => `knows no license of ${name}`),
    ...components.filter(({ hashes }) => !hashes?.length).map(({ name }) => `knows no digest of ${name}`),
  ]
}

const bom = made()
bom.components = bom.components.map(withLicense)
const faults = faultsOf(bom)
if (faults.length > 0) {
  for (const fault of faults) console.error(`The list of packages ${fault}.`)
  process.exit(1)
}
mkdirSync(join(root, '.made'), { recursive: true })
writeFileSync(join(root, '.made/sbom.cdx.json'), `${JSON.stringify(bom, undefined, 2)}\n`)
console.log(`.made/sbom.cdx.json: ${bom.components.length} packages`)
