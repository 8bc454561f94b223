/** A root key is rotated and retired as docs/keys.md has it, by the commands as an operator types them, beside a server. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commandLine, installation, launch, linkFrom, startServer } from '../../support/app/process.ts'
import { Person } from '../../support/people/person.ts'

const EMAIL = 'sanne@sigma.example'
const PASSWORD = 'vier losse woorden samen'
const OLD = `old:${randomBytes(32).toString('base64')}`
const NEW = `new:${randomBytes(32).toString('base64')}`

interface Told {
  keys: Array<{ id: string; state: string; passwords: number; canBeRemoved: boolean; say: string }>
}

test('rotate, reseal, look, take out: each as the page has it', async () => {
  const people = [{ email: EMAIL, name: 'Sanne de Vries', locale: 'nl' }]
  const where = await installation({ settings: { people }, env: { SIGMA_KEYS: OLD } })
  const withKeys = (keys: string) => ({ ...where, env: { ...where.env, SIGMA_KEYS: keys } })
  const run = (keys: string, ...args: string[]) => commandLine(withKeys(keys), ...args)
  const done = async <T = Told>(keys: string, ...args: string[]) => {
    const { code, out, err } = await run(keys, ...args)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    return JSON.parse(out) as T
  }
  const first = await startServer(where)
  const sanne = new Person()
  await sanne.visit(await linkFrom(where, EMAIL))
  await sanne.submit({ password: PASSWORD, repeat: PASSWORD })
  const file = join(where.folder, 'trail.csv')
  await done(OLD, 'audit:export', '--format', 'csv', '--to', file)

  // A command does not make a key one that servers have.
  expect(await run(`${NEW},${OLD}`, 'keys:reseal')).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringMatching(/no server has begun with "new" in front: restart every server/),
  })
  first.signal('SIGTERM')
  await first.ended

  const second = await startServer(where, { SIGMA_KEYS: `${NEW},${OLD}` })
  const before = await done(`${NEW},${OLD}`, 'keys:status')
  expect(before.keys).toMatchObject([
    { id: 'new', state: 'newest' },
    { id: 'old', state: 'needed', canBeRemoved: false, passwords: 1 },
  ])
  const { keys } = await done(`${NEW},${OLD}`, 'keys:reseal')
  expect(keys[1]).toMatchObject({ id: 'old', state: 'removable', canBeRemoved: true, passwords: 1 })
  expect(keys[1]?.say).toMatch(/can be taken out of SIGMA_KEYS; of 1 password the pepper is kept/)
  const { records } = await done<{ records: Array<{ type: string; details?: { verb?: string } }> }>(
    ...([`${NEW},${OLD}`, 'audit:list'] as const),
  )
  expect(
    records.filter(({ details }) => details?.verb?.startsWith('keys:')).map(({ details }) => details),
  ).toMatchObject([
    { verb: 'keys:reseal', phase: 'done' },
    { verb: 'keys:reseal', phase: 'begun' },
    { verb: 'keys:status' },
  ])
  second.signal('SIGTERM')
  await second.ended

  const third = await startServer(where, { SIGMA_KEYS: NEW })
  const visitor = new Person()
  await visitor.visit(`${where.portalOrigin}/login`)
  await visitor.submit({ email: EMAIL, password: PASSWORD })
  expect(visitor.page.url).toBe(`${where.portalOrigin}/`)
  expect((await done(NEW, 'keys:status')).keys[1]).toMatchObject({ id: 'old', state: 'gone', passwords: 0 })
  // Sealed by the key that is gone.
  expect(await done(NEW, 'audit:verify-export', '--file', file)).toMatchObject({ ok: true })
  third.signal('SIGTERM')
  expect(await third.ended).toMatchObject({ code: 0 })
  // The old one alone opens nothing any more, and does not get to.
  const { code, err } = await launch(where, { SIGMA_KEYS: OLD }).ended
  expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(/SIGMA_KEYS: lacks new, which kept .* need/) })
})
