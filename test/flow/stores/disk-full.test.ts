/** The disk that holds the data is full for a while (SECURITY R-08). Needs a small file system, which only root can make. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { type RunningApp, startApp } from '../../support/app/app.ts'
import { noSmallDisk, type SmallDisk, smallDisk } from '../../support/app/small-disk.ts'
import { scraped, valuesOf } from '../../support/monitoring/exposition.ts'
import { Person } from '../../support/people/person.ts'

const EMAIL = 'sanne@sigma.example'
const PASSWORD = 'vier losse woorden samen'
let app: RunningApp
let disk: SmallDisk

beforeEach(async () => {
  if (noSmallDisk !== undefined) return
  disk = smallDisk()
  const folder = join(disk.folder, 'data')
  mkdirSync(folder)
  app = await startApp({ folder })
  onTestFinished(() => app.stop())
  await app.core.links.invite({ email: EMAIL, name: 'Sanne de Vries', locale: 'nl' })
  const sanne = new Person()
  await sanne.visit(await app.linkFor(EMAIL))
  await sanne.submit({ password: PASSWORD, repeat: PASSWORD })
}, 60_000)

if (noSmallDisk !== undefined) console.log(`disk-full tests are skipped: no file system of our own (${noSmallDisk})`)

test.skipIf(noSmallDisk !== undefined)(
  'a sign-in on a full disk is refused with 503, and works as soon as there is room',
  async () => {
    const sanne = new Person()
    await sanne.visit(`${app.portalOrigin}/login`)
    disk.fill()
    const form = sanne.copy()
    await sanne.submit({ email: EMAIL, password: PASSWORD })
    expect(sanne.page.status).toBe(503)
    expect(sanne.page.headers.get('retry-after')).toMatch(/^\d+$/)
    // No sign-in without a record of it: nothing came of the right password.
    expect(sanne.cookie('sigma-session')).toBeUndefined()

    disk.free()
    await form.submit({ email: EMAIL, password: PASSWORD })
    expect(form.page.url).toBe(`${app.portalOrigin}/`)
    expect(form.page.html).toContain('Sanne de Vries')
  },
)

test.skipIf(noSmallDisk !== undefined)(
  'every other door says 503 too, and nothing that was kept is harmed',
  async () => {
    disk.fill()
    const sanne = new Person()
    await sanne.visit(`${app.portalOrigin}/login`)
    expect(sanne.page.status).toBe(503)
    const recovering = new Person()
    await recovering.visit(`${app.origin}/recover`)
    await recovering.submit({ email: EMAIL })
    expect(recovering.page.status).toBe(503)

    const db = new DatabaseSync(join(disk.folder, 'data', 'sigma-id.db'), { readOnly: true })
    expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    db.close()

    disk.free()
    await sanne.visit(`${app.portalOrigin}/login`)
    await sanne.submit({ email: EMAIL, password: PASSWORD })
    expect(sanne.page.url).toBe(`${app.portalOrigin}/`)
    await recovering.visit(`${app.origin}/recover`)
    await recovering.submit({ email: EMAIL })
    expect(await app.linkFor(EMAIL)).toContain('/recover/')
    expect(await app.core.store.durable.verifyAudit()).toBeUndefined()
  },
)

test.skipIf(noSmallDisk !== undefined)(
  'meanwhile /readyz names SQLite, and the metrics are there and tell of it',
  async () => {
    disk.fill()
    const stranger = new Person()
    await stranger.visit(`${app.portalOrigin}/login`)
    expect(stranger.page.status).toBe(503)
    const ready = await fetch(`${app.operationsOrigin}/readyz`)
    expect([ready.status, await ready.text()]).toEqual([
      503,
      'not ready\nSQLite does not answer, or cannot keep anything\n',
    ])
    const told = await scraped(app)
    expect(valuesOf(told, 'sigma_not_ready')).toMatchObject({ sqlite: 1, disk: 0 })
    expect(valuesOf(told, 'sigma_store_errors_total')['sqlite unavailable']).toBeGreaterThan(0)

    disk.free()
    expect(await (await fetch(`${app.operationsOrigin}/readyz`)).text()).toBe('ready\n')
    expect(valuesOf(await scraped(app), 'sigma_ready')).toEqual({ '': 1 })
  },
)
