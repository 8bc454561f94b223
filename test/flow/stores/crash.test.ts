/**
 * The process is killed (kill -9) while people activate their accounts, again and again, and goes on with the same data
 * each time (SECURITY ). It dies as soon as it has written to the database's log for the first time, the
 * second, and so on, which finds the gap between any two writes whatever the machine is doing.
 */
import { watch } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'
import { startApp } from '../../support/app/app.ts'
import { type Installation, installation, startServer } from '../../support/app/process.ts'
import { Person, whereTo } from '../../support/people/person.ts'

const ROUNDS = 20
/** So many at most, until both sides of the moment that counts were seen. */
const MOST_ROUNDS = 150
const AT_ONCE = 2
/** Two activations at once write about this often. */
const WRITES = 10

class Invitee {
  readonly browser: Person
  /** True once an answer said that the account is active. */
  acknowledged = false
  readonly email: string
  readonly password: string
  readonly link: string

  constructor(n: number, email: string, link: string) {
    // From everywhere, so that no limit on one address or network gets in the way.
    this.browser = new Person({ headers: { 'x-forwarded-for': `10.${n >> 8}.${n & 255}.1` } })
    this.email = email
    this.password = `vier losse woorden van ${email}`
    this.link = link
  }

  async openLink(): Promise<void> {
    await this.browser.visit(this.link)
    // Refused, and by then everything that a first password waits for has been read.
    await this.browser.submit({ password: 'short', repeat: 'short' })
    expect(this.browser.page.status).toBe(400)
  }

  /** Until the answer, or until there will be none. */
  async activate(): Promise<void> {
    const [form] = this.browser.forms()
    const fields = new URLSearchParams({ ...form?.fields, password: this.password, repeat: this.password })
    await this.browser.request('POST', new URL('/activate/set', this.link).href, fields).then(
      async (answer) => {
        this.acknowledged = whereTo(answer, await answer.text().catch(() => '')) !== undefined
      },
      () => undefined,
    )
  }
}

async function invite(where: Installation, count: number): Promise<Invitee[]> {
  const app = await startApp({ folder: where.data })
  const emails = Array.from({ length: count }, (_, n) => `person-${n}@sigma.example`)
  for (const email of emails) await app.core.links.invite({ email, name: 'Sanne de Vries', locale: 'nl' })
  const links = new Map((await app.inbox()).map(({ to, text }) => [to, /\/activate\/[\w-]+/.exec(text)?.[0]]))
  await app.stop()
  return emails.map((email, n) => new Invitee(n, email, where.origin + links.get(email)))
}

/** Resolves when the log was written to this many times, or after a second. */
function writes(where: Installation, times: number): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let left = times
  const watcher = watch(join(where.data, 'sigma-id.db-wal'), () => {
    left -= 1
    if (left === 0) resolve()
  })
  return Promise.race([promise, pause(1000)]).finally(() => watcher.close())
}

interface Kept {
  email: string
  status: string
  has_password: number
  unused_links: number
}

/** What is on disk after a crash; reads it as the next start would. */
async function kept(where: Installation): Promise<Map<string, Kept>> {
  const file = join(where.data, 'sigma-id.db')
  const db = new DatabaseSync(file)
  expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
  const rows = db
    .prepare(`
      SELECT record->>'$.account.email' AS email, record->>'$.account.status' AS status,
        record->>'$.account.passwordHash' IS NOT NULL AS has_password,
        (SELECT count(*) FROM json_each(record, '$.links') WHERE value->>'$.usedAt' IS NULL) AS unused_links
      FROM people`)
    .all() as unknown as Kept[]
  db.close()
  const store = openSqliteStore(file)
  expect(await store.durable.verifyAudit()).toBeUndefined()
  await store.close()
  return new Map(rows.map((row) => [row.email, row]))
}

function isWhole({ status, has_password, unused_links }: Kept): boolean {
  return status === 'active' ? has_password === 1 && unused_links === 0 : has_password === 0 && unused_links === 1
}

test('killed at any moment of an activation, it happened wholly or not at all', { timeout: 900_000 }, async () => {
  const where = await installation({ settings: { trustedProxies: 1 } })
  const [first, ...others] = await invite(where, 1 + MOST_ROUNDS * AT_ONCE)
  const invitees = first ? [first] : []
  let [untold, waiting] = [0, 0]

  let round = 0
  for (; round < ROUNDS || ((untold === 0 || waiting === 0) && round < MOST_ROUNDS); round += 1) {
    const server = await startServer(where)
    if (first && round === 0) {
      await first.openLink()
      await first.activate()
    }
    const batch = others.splice(0, AT_ONCE)
    invitees.push(...batch)
    await Promise.all(batch.map((invitee) => invitee.openLink()))
    const written = writes(where, 1 + (round % WRITES))
    const answers = batch.map((invitee) => invitee.activate())
    await written
    server.signal('SIGKILL')
    await Promise.all([server.ended, ...answers])

    const found = await kept(where)
    for (const account of found.values()) expect([account, isWhole(account)]).toEqual([account, true])
    for (const { email } of invitees.filter(({ acknowledged }) => acknowledged)) {
      expect(found.get(email)).toMatchObject({ status: 'active' })
    }
    untold += batch.filter(({ email, acknowledged }) => found.get(email)?.status === 'active' && !acknowledged).length
    waiting += batch.filter(({ email }) => found.get(email)?.status !== 'active').length
  }

  const found = await kept(where)
  const active = (invitee: Invitee) => found.get(invitee.email)?.status === 'active'
  const told = invitees.filter(({ acknowledged }) => acknowledged).length
  console.log(`${round} kills: ${told} active and told, ${untold} active and not told, ${waiting} still invited`)
  // Otherwise every kill came too early or too late, and nothing was tested.
  expect(untold).toBeGreaterThan(0)
  expect(waiting).toBeGreaterThan(0)

  // Nobody is without a way in: the password that was sent, or the link.
  await startServer(where)
  for (const invitee of invitees) {
    if (!active(invitee)) {
      await invitee.openLink()
      await invitee.activate()
      expect(invitee.acknowledged).toBe(true)
    }
    const { browser, email, password } = invitee
    await browser.visit(`${where.portalOrigin}/login`)
    await browser.submit({ email, password })
    expect([email, browser.page.url]).toEqual([email, `${where.portalOrigin}/`])
  }
})
