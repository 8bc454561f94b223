/** SIGHUP: what is in the file counts where that is safe, is told where it is not, and never ends the process. */
import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Installation, installation, isReady, type Running, startServer } from '../../support/app/process.ts'
import { Person } from '../../support/people/person.ts'

const PATIENT = { timeout: 20_000 }

function rewrite(where: Installation, change: (settings: Record<string, unknown>) => unknown): void {
  const file = where.env.SIGMA_CONFIG ?? ''
  const settings = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
  const text = change(settings)
  writeFileSync(file, typeof text === 'string' ? text : JSON.stringify(text))
}

/** The next thing that the log says of it. */
async function answered(server: Running, change: () => void): Promise<Record<string, unknown>> {
  const said = () =>
    server
      .printed()
      .err.split('\n')
      .filter((line) => line.includes('configuration read anew'))
  const before = said().length
  change()
  server.signal('SIGHUP')
  await expect.poll(() => said().length, PATIENT).toBe(before + 1)
  return JSON.parse(said().at(-1) ?? '') as Record<string, unknown>
}

test('it takes up what is safe, names what needs a restart, and leaves everything as it is when the file is wrong', async () => {
  const where = await installation({ settings: { log: { level: 'info' }, throttle: { perAddress: 100 } } })
  const server = await startServer(where)

  expect(await answered(server, () => undefined)).toMatchObject({ level: 'info', taken: [] })
  const both = {
    throttle: { perAddress: 2 },
    log: { level: 'debug' },
    session: { idle: '5m' },
    brand: { name: 'Other' },
  }
  expect(await answered(server, () => rewrite(where, (given) => ({ ...given, ...both })))).toMatchObject({
    level: 'warn',
    taken: expect.arrayContaining(['throttle.perAddress', 'log.level']),
    restart: expect.arrayContaining(['session.idle', 'brand.name']),
  })
  const pages: string[] = []
  for (const tries of [1, 2, 3]) pages.push(await signIn(where, `nobody${tries}@sigma.example`))
  expect(pages.map((page) => /too many tries|te vaak/i.test(page))).toEqual([false, false, true])

  const wrong = { ...both, throttle: { perAddress: -1 }, sesion: {} }
  expect(await answered(server, () => rewrite(where, (given) => ({ ...given, ...wrong })))).toMatchObject({
    level: 'error',
    faults: expect.arrayContaining([expect.objectContaining({ path: 'throttle.perAddress' })]),
  })
  expect(await answered(server, () => rewrite(where, () => '{ not: [yaml'))).toMatchObject({ level: 'error' })
  expect(await isReady(where)).toBe(true)
  server.signal('SIGTERM')
  expect(await server.ended).toMatchObject({ code: 0, signal: null })
})

/** The page that a wrong password leads to. */
async function signIn({ origin, portalOrigin }: Installation, email: string): Promise<string> {
  const person = new Person()
  await person.visit(`${portalOrigin}/login`)
  expect(person.page.url).toContain(origin)
  await person.submit({ email, password: 'vier losse woorden samen' })
  return person.page.html
}

test('however often it comes, it does not end the process', async () => {
  const where = await installation()
  const server = await startServer(where)
  for (let again = 0; again < 20; again += 1) server.signal('SIGHUP')
  expect(await isReady(where)).toBe(true)
  server.signal('SIGTERM')
  expect(await server.ended).toMatchObject({ code: 0, signal: null })
})
