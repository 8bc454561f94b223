/** The disk that holds the data is full for a while (SECURITY R-08). Needs a small file system, which only root can make. */
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { type RunningApp, startApp } from '../../support/app/app.ts'
import { Person } from '../../support/people/person.ts'

const EMAIL = 'sanne@sigma.example'
const PASSWORD = 'vier losse woorden samen'
let app: RunningApp
let disk: string

const refusal = mountable()

function mountable(): string | undefined {
  try {
    mount(mkdtempSync(join(tmpdir(), 'sigma-id-disk-')))()
    return undefined
  } catch (error) {
    return error instanceof Error ? (error.message.trim().split('\n').at(-1) ?? '') : String(error)
  }
}

function mount(folder: string): () => void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder], { stdio: ['ignore', 'ignore', 'pipe'] })
  return () => {
    execFileSync('umount', [folder])
    rmSync(folder, { recursive: true })
  }
}

function fill(): void {
  const file = join(disk, 'filler')
  for (const size of [65_536, 4096, 512, 1]) {
    try {
      for (;;) appendFileSync(file, Buffer.alloc(size))
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOSPC' })
    }
  }
}

function free(): void {
  rmSync(join(disk, 'filler'))
}

beforeEach(async () => {
  if (refusal !== undefined) return
  disk = mkdtempSync(join(tmpdir(), 'sigma-id-disk-'))
  onTestFinished(mount(disk))
  const folder = join(disk, 'data')
  mkdirSync(folder)
  app = await startApp({ folder })
  onTestFinished(() => app.stop())
  await app.core.links.invite({ email: EMAIL, name: 'Sanne de Vries', locale: 'nl' })
  const sanne = new Person()
  await sanne.visit(await app.linkFor(EMAIL))
  await sanne.submit({ password: PASSWORD, repeat: PASSWORD })
}, 60_000)

if (refusal !== undefined) console.log(`disk-full tests are skipped: no file system of our own (${refusal})`)

test.skipIf(refusal !== undefined)(
  'a sign-in on a full disk is refused with 503, and works as soon as there is room',
  async () => {
    const sanne = new Person()
    await sanne.visit(`${app.portalOrigin}/login`)
    fill()
    const form = sanne.copy()
    await sanne.submit({ email: EMAIL, password: PASSWORD })
    expect(sanne.page.status).toBe(503)
    expect(sanne.page.headers.get('retry-after')).toMatch(/^\d+$/)
    // No sign-in without a record of it: nothing came of the right password.
    expect(sanne.cookie('sigma-session')).toBeUndefined()

    free()
    await form.submit({ email: EMAIL, password: PASSWORD })
    expect(form.page.url).toBe(`${app.portalOrigin}/`)
    expect(form.page.html).toContain('Sanne de Vries')
  },
)

test.skipIf(refusal !== undefined)('every other door says 503 too, and nothing that was kept is harmed', async () => {
  fill()
  const sanne = new Person()
  await sanne.visit(`${app.portalOrigin}/login`)
  expect(sanne.page.status).toBe(503)
  const recovering = new Person()
  await recovering.visit(`${app.origin}/recover`)
  await recovering.submit({ email: EMAIL })
  expect(recovering.page.status).toBe(503)

  const db = new DatabaseSync(join(disk, 'data', 'sigma-id.db'), { readOnly: true })
  expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
  db.close()

  free()
  await sanne.visit(`${app.portalOrigin}/login`)
  await sanne.submit({ email: EMAIL, password: PASSWORD })
  expect(sanne.page.url).toBe(`${app.portalOrigin}/`)
  await recovering.visit(`${app.origin}/recover`)
  await recovering.submit({ email: EMAIL })
  expect(await app.linkFor(EMAIL)).toContain('/recover/')
  expect(await app.core.store.durable.verifyAudit()).toBeUndefined()
})
