/** The disk that holds the data fails to keep what was written (SECURITY R-08): who is told what, and how the process ends. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { onDisk } from '../../../src/store/sqlite/log-sync.ts'
import { startApp } from '../../support/app/app.ts'
import { type Installation, installation, isReady, linkFrom, startServer } from '../../support/app/process.ts'
import { activate, atSignIn, PASSWORD } from '../../support/attack/attack.ts'
import { Person } from '../../support/people/person.ts'

const EMAIL = 'sanne@sigma.example'
const BROKEN = Object.assign(new Error('i/o error'), { code: 'EIO' })

test('a sign-in that is not on disk is refused, and the node says at once why it is not ready', async () => {
  let broken = false
  const log = onDisk(
    async () => {
      if (broken) throw BROKEN
    },
    () => undefined,
  )
  const app = await startApp({ database: { log } })
  onTestFinished(() => app.stop())
  await activate(app, EMAIL)
  const sanne = await atSignIn(app)
  broken = true
  await sanne.submit({ email: EMAIL, password: PASSWORD })
  expect([sanne.page.status, sanne.page.headers.get('retry-after')]).toEqual([503, '5'])
  expect(sanne.cookie('sigma-session')).toBeUndefined()
  const ready = await fetch(`${app.operationsOrigin}/readyz`)
  expect([ready.status, await ready.text()]).toEqual([
    503,
    'not ready\nthe disk did not keep what was written: this process has to be started again\n',
  ])
  expect((await fetch(`${app.operationsOrigin}/healthz`)).status).toBe(200)
  // A disk that seems well again may have forgotten what it could not write.
  broken = false
  expect((await fetch(`${app.operationsOrigin}/readyz`)).status).toBe(503)
  await expect(app.core.store.failed).resolves.toMatchObject({ code: 'store-unavailable', cause: BROKEN })
})

/** Fails to sync as long as there is such a file. */
function brokenBy(mark: string): Record<string, string> {
  const code = `
    import fs from 'node:fs'
    import { syncBuiltinESMExports } from 'node:module'
    const { fdatasync, existsSync } = fs
    const broken = Object.assign(new Error('i/o error'), { code: 'EIO' })
    fs.fdatasync = (file, done) => existsSync(${JSON.stringify(mark)}) ? setImmediate(done, broken) : fdatasync(file, done)
    syncBuiltinESMExports()`
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` }
}

async function signIn(where: Installation, person: Person): Promise<void> {
  await person.visit(`${where.portalOrigin}/login`)
  await person.submit({ email: EMAIL, password: PASSWORD })
}

test('the process ends by itself, by an exit code of its own, and the next one goes on with all that was told', async () => {
  const where = await installation({ settings: { people: [{ email: EMAIL, name: 'Sanne de Vries', locale: 'en' }] } })
  const mark = join(where.folder, 'broken')
  const server = await startServer(where, brokenBy(mark))
  const sanne = new Person()
  await sanne.visit(await linkFrom(where, EMAIL))
  await sanne.submit({ password: PASSWORD, repeat: PASSWORD })
  const other = new Person()
  await other.visit(`${where.portalOrigin}/login`)

  writeFileSync(mark, '')
  // Whoever asks in this moment is answered, if at all, that it does not work.
  await other.submit({ email: EMAIL, password: PASSWORD }).catch(() => undefined)
  expect(other.cookie('sigma-session')).toBeUndefined()
  const { code, signal, err } = await server.ended
  expect([code, signal]).toEqual([74, null])
  const fatal = err.split('\n').filter((line) => line.includes('"level":"fatal"'))
  expect(fatal).toHaveLength(1)
  expect(JSON.parse(fatal[0] ?? '')).toMatchObject({
    msg: 'the disk did not keep what was written: this process ends and has to be started again',
    fault: { reason: 'store-unavailable', stack: expect.stringContaining('i/o error') },
  })
  expect(await isReady(where)).toBe(false)

  rmSync(mark)
  await startServer(where)
  await signIn(where, other)
  expect(other.page.url).toBe(`${where.portalOrigin}/`)
})
