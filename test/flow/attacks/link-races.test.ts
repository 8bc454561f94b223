/** B-06: many requests at once with one link and different passwords. One wins, and its password is the one that is kept. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { links } from '../../../src/accounts/links.ts'
import { hasher } from '../../../src/accounts/password.ts'
import { setPassword } from '../../../src/accounts/set-password.ts'
import { audit } from '../../../src/audit/audit.ts'
import { wrapper } from '../../../src/delivery/queue.ts'
import { keyring, sealer } from '../../../src/lib/crypto.ts'
import { semaphore } from '../../../src/lib/semaphore.ts'
import { throttle } from '../../../src/lib/throttle.ts'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'
import { type RunningApp, startApp } from '../../support/app/app.ts'
import { activate, signedIn, signIn } from '../../support/attack/attack.ts'
import { asked } from '../../support/people/asked-people.ts'
import { Person } from '../../support/people/person.ts'
import { knownOrganizations } from '../../support/unit/organizations.ts'

const AT_ONCE = 20
const ROUNDS = 100
// No words in them: judging one that has some takes ten times as long, and thousands are judged.
const passwords = Array.from({ length: AT_ONCE }, (_, index) => `hfqzkwvnxjbtrcg${String.fromCodePoint(97 + index)}`)
const source = { ip: '192.0.2.1', correlation: 'TEST' }
const folder = mkdtempSync(join(tmpdir(), 'sigma-id-race-'))
const store = openSqliteStore(join(folder, 'race.db'))

afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

/** The product's own parts on a real store; only the hash costs less than it should, or this would take an hour. */
function underTest() {
  const now = () => Date.now()
  const ring = keyring([{ id: 'test', key: Buffer.alloc(32, 7) }])
  const seal = sealer(ring, 'records')
  const wrap = wrapper(seal, now)
  const record = audit(store.durable, now, () => undefined)
  const attempts = throttle(store.durable, now)
  let token = ''
  const oneTimeLinks = links({
    people: store.durable.people,
    organizations: knownOrganizations({}),
    store: store.durable,
    wrap,
    writeMail: (_name, _locale, { link }) => {
      if (link) token = String(link).slice(String(link).lastIndexOf('/') + 1)
      return { subject: '', text: '', html: '' }
    },
    throttle: attempts,
    audit: record,
    now,
    issuer: 'https://id.example',
    lifetimes: { activation: 1e6, reset: 1e6 },
    perHour: 1e6,
  })
  const cheap = hasher({
    pepper: ring,
    gate: semaphore({ running: 2, waiting: 1000, patience: 60_000 }),
    memoryKib: 8,
    passes: 1,
  })
  const set = setPassword({
    people: store.durable.people,
    links: oneTimeLinks,
    hasher: cheap,
    throttle: attempts,
    audit: record,
    notice: () => [],
    now,
    minimum: 15,
    words: [],
    endSessions: async () => undefined,
  })
  return { links: oneTimeLinks, set, hasher: cheap, token: () => token }
}

const parts = underTest()

/** How many of the parallel requests said yes, and whether the password that is kept is the winner's. */
async function race(email: string, purpose: 'activation' | 'reset'): Promise<{ winners: number; kept: boolean }> {
  const token = parts.token()
  const outcomes = await Promise.all(
    passwords.map((password) => parts.set.set({ token, purpose, password, repeat: password, source })),
  )
  const winners = outcomes.flatMap(({ ok }, index) => (ok ? [passwords[index] ?? ''] : []))
  expect(outcomes.filter((outcome) => !outcome.ok && outcome.reason !== 'dead-link')).toEqual([])
  const account = await asked(store.durable.people).findAccountByEmail(email)
  const kept = (await parts.hasher.verify(winners[0] ?? '', account?.passwordHash)).ok
  return { winners: winners.length, kept }
}

test(`B-06: of ${AT_ONCE} at once exactly one sets the password, in ${2 * ROUNDS} rounds`, async () => {
  const outcomes: unknown[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const email = `race${round}@sigma.example`
    await parts.links.invite({ email, name: 'Ruben', locale: 'nl' })
    outcomes.push(await race(email, 'activation'))
    await parts.links.send({ email, correlation: 'TEST' })
    outcomes.push(await race(email, 'reset'))
  }
  expect(outcomes).toEqual(Array(2 * ROUNDS).fill({ winners: 1, kept: true }))
}, 300_000)

describe('through the front door', () => {
  let app: RunningApp
  beforeAll(async () => {
    app = await startApp()
  })
  afterAll(() => app.stop())

  test.each(['activation', 'reset'])(
    'B-06: twenty forms at once with one %s link set one password',
    async (purpose) => {
      const email = `${purpose}@sigma.example`
      if (purpose === 'activation') await app.core.links.invite({ email, name: 'Ruben', locale: 'en' })
      else {
        await activate(app, email)
        await app.core.links.request(email, source)
      }
      const person = new Person()
      await person.visit(await app.linkFor(email))
      const answers = await Promise.all(
        passwords.map(async (password) => ({
          password,
          page: await person.copy().submit({ password, repeat: password }),
        })),
      )
      const winners = answers.filter(({ page }) => page.url.includes('/interaction/'))
      expect(winners).toHaveLength(1)
      // A loser whose turn to be hashed did not come in time is told to come back; most are told that the link is used.
      expect(answers.filter(({ page }) => page.status === 410 || page.status === 503)).toHaveLength(AT_ONCE - 1)
      expect(signedIn(app, await signIn(app, email, winners[0]?.password))).toBe(true)
    },
  )
})
