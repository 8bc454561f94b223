import { randomBytes } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DAY } from '../../../src/lib/time.ts'
import { startApp } from '../../support/app/app.ts'
import { Person } from '../../support/people/person.ts'

const OLD = `old:${randomBytes(32).toString('base64')}`
const NEW = `new:${randomBytes(32).toString('base64')}`
const EMAIL = 'sanne@sigma.example'
const PASSWORD = 'vier losse woorden samen'

test('a key that passwords still need may not be taken out of SIGMA_KEYS (R-17)', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sigma-id-'))
  const first = await startApp({ folder, env: { SIGMA_KEYS: OLD } })
  await first.core.links.invite({ email: EMAIL, name: 'Sanne', locale: 'nl' })
  const sanne = new Person()
  await sanne.visit(await first.linkFor(EMAIL))
  await sanne.submit({ password: PASSWORD, repeat: PASSWORD })
  await first.stop()

  // The signing keys move to the new key in the course of a year.
  for (const days of [1, 100, 200, 300]) {
    const app = await startApp({ folder, env: { SIGMA_KEYS: `${NEW},${OLD}` }, now: () => Date.now() + days * DAY })
    await app.core.keys.rotate({ forced: true })
    await app.stop()
  }
  const start = startApp({ folder, env: { SIGMA_KEYS: NEW }, now: () => Date.now() + 301 * DAY })
  await expect(start).rejects.toMatchObject({ code: 'unknown-key' })
})
