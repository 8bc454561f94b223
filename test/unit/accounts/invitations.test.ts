/** Many invitations at once, from the file to whoever has not come, on a store, with a clock that is moved. */
import { setImmediate } from 'node:timers/promises'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { readPeople } from '../../../src/accounts/invitation-file.ts'
import { planInvitations } from '../../../src/accounts/invitation-plan.ts'
import { invitationRounds } from '../../../src/accounts/invitation-rounds.ts'
import { invitations, type Wish } from '../../../src/accounts/invitations.ts'
import { accountLife } from '../../../src/accounts/life.ts'
import { digest } from '../../../src/lib/crypto.ts'
import { DAY, HOUR, MINUTE } from '../../../src/lib/time.ts'
import { workingHours } from '../../../src/lib/working-hours.ts'
import { emailKey } from '../../../src/person/account.ts'
import { keyOf } from '../../../src/person/kind.ts'
import { setPassword } from '../../../src/person/password.ts'
import { type AccountParts, accountParts, SOURCE, told } from '../../support/unit/account-parts.ts'
import { knownOrganizations, organization } from '../../support/unit/organizations.ts'

const BY = { actor: 'olga', source: SOURCE }
// Monday 5 January 2026, ten in Amsterdam, is where the clock begins.
const PACE = { perHour: 600, workingHours: true }
const FILE = 'E-mail;Naam;Werkgever\nanne@x.nl;Anne;Bakkerij\nbob@x.nl;Bob;\ncas@x.nl;Cas;Slagerij\n'

let parts: AccountParts
let bench: ReturnType<typeof benchOn>

function benchOn(known: AccountParts) {
  const organizations = knownOrganizations({
    b: organization('Bakkerij', { ending: 2 }),
    d: organization('Drukkerij', { status: 'disabled' }),
  })
  const { people, invitationRounds: rounds } = known.store
  const life = accountLife({ ...known, forget: async () => undefined })
  const common = { people, rounds, organizations, life, digest, links: known.links, audit: known.audit, now: known.now }
  return {
    ...invitations({ ...common, isWorking: workingHours('Europe/Amsterdam') }),
    seen: invitationRounds({ people, rounds }),
    life,
  }
}

beforeEach(() => {
  parts = accountParts()
  bench = benchOn(parts)
  onTestFinished(() => parts.close())
})

function wish(pace: Partial<Wish['pace']> = {}): Wish {
  return { locale: 'nl', pace: { ...PACE, ...pace } }
}

async function planned(file = FILE, asked = wish()) {
  const found = await bench.plan(Buffer.from(file), asked)
  if (!found.ok) throw new Error(found.reason)
  return found
}

async function sent(file = FILE, asked = wish()) {
  const { plan } = await planned(file, asked)
  const outcome = await bench.send(plan, { ...asked, digest: plan.digest, label: 'January' }, BY)
  if (!outcome.ok) throw new Error(outcome.reason)
  return outcome
}

/** Mails that leave in so many minutes. */
async function pass(minutes: number): Promise<string[]> {
  const mails = []
  for (let minute = 0; minute < minutes; minute += 1) {
    await bench.sendDue()
    mails.push(...(await parts.mails()))
    parts.advance(MINUTE)
  }
  return told(mails)
}

const find = async (email: string) => (await parts.people.findBy(keyOf.email(emailKey(email))))?.record

async function come(email: string): Promise<void> {
  const found = await parts.people.findBy(keyOf.email(email))
  const link = found?.record.links.at(-1)
  if (!found || !link) throw new Error(`no link for ${email}`)
  const change = { link: { digest: link.digest, purpose: link.purpose }, passwordHash: 'k:hash', at: parts.now() }
  expect(await parts.people.change(found.id, (person) => setPassword(person, change, []))).toBe(true)
}

const many = (count: number) =>
  `email;naam\n${Array.from({ length: count }, (_, index) => `p${index}@x.nl;P${index}`).join('\n')}\n`

describe('a plan', () => {
  test('says of every line what becomes of it, and does nothing', async () => {
    await parts.person('bob@x.nl')
    const { plan, waves } = await planned(`${FILE}BOB@X.NL;Bob again;\ndora@x.nl;Dora;Drukkerij\n`)
    expect(plan.lines.map(({ line, action, organization: of, faults }) => [line, action, of, faults])).toEqual([
      [2, 'invite', 'Bakkerij', []],
      [3, 'same', undefined, []],
      [4, 'refuse', undefined, [{ field: 'organization', code: 'unknown', hint: 'Bakkerij', said: 'Slagerij' }]],
      [5, 'refuse', undefined, [{ field: 'email', code: 'twice', hint: '3' }]],
      [6, 'refuse', undefined, [{ field: 'organization', code: 'disabled', hint: 'Drukkerij' }]],
    ])
    expect(waves).toEqual([{ at: parts.now(), count: 1 }])
    expect(await find('anne@x.nl')).toBeUndefined()
  })

  test('a misspelled organization has its nearest beside it; name and number of two are not one', async () => {
    const { plan } = await planned('email;naam;werkgever;klantnummer\na@x.nl;A;Bakerij;\nb@x.nl;B;Bakkerij;Drukkerij\n')
    expect(plan.lines.flatMap(({ faults }) => faults)).toEqual([
      { field: 'organization', code: 'unknown', hint: 'Bakkerij', said: 'Bakerij' },
      { field: 'organization', code: 'differs', hint: 'Drukkerij, Bakkerij' },
    ])
  })

  test('refuses an address that looks like another’s, in the file or here, unless such are accepted; it is the same round', async () => {
    await parts.person('marnix@x.nl')
    const file = 'email;naam\nmamix@x.nl;A\njan.vos@x.nl;B\njanvos@x.nl;C\nd@bakkerij.example;D\ne@bakkerjj.example;E\n'
    const { plan } = await planned(file)
    expect(plan.lines.flatMap(({ line, faults }) => faults.map(({ code, hint }) => [line, code, hint]))).toEqual([
      [2, 'looks-alike', 'marnix@x.nl'],
      [4, 'looks-alike', 'jan.vos@x.nl'],
    ])
    const { plan: accepted } = await planned(file, { ...wish(), lookAlike: 'accept' })
    expect(accepted.lines.map(({ action }) => action)).toEqual(Array(5).fill('invite'))
    expect([accepted.round === plan.round, accepted.digest === plan.digest]).toEqual([true, false])
  })

  test('is done as it was looked at, or not at all', async () => {
    const { plan } = await planned()
    await parts.person('anne@x.nl')
    const { plan: later } = await planned()
    expect(await bench.send(later, { ...wish(), digest: plan.digest, label: '' }, BY)).toEqual({
      ok: false,
      reason: 'plan-changed',
    })
    const { plan: faster } = await planned(FILE, wish({ perHour: 10_000 }))
    expect(faster.digest).not.toBe(later.digest)
  })

  test('that would take years is none, also of a round that is there', async () => {
    const slow = { ok: false, reason: 'too-slow', field: 'perDay' }
    const file = Buffer.from(many(401))
    expect(await bench.plan(file, wish({ perDay: 1 }))).toEqual(slow)
    await sent(many(401))
    expect(await bench.plan(file, wish({ perDay: 1 }))).toEqual(slow)
    expect(await bench.plan(file, wish({ perDay: 2 }))).toMatchObject({ ok: true })
  })

  test('that invites nobody is none', async () => {
    const { plan } = await planned('email;naam\nnobody;\n')
    expect(await bench.send(plan, { ...wish(), digest: plan.digest, label: '' }, BY)).toEqual({
      ok: false,
      reason: 'nobody',
    })
  })
})

describe('a round', () => {
  test('makes the accounts at once, belonging where the file says, and each mail leaves once', async () => {
    const { round, invited } = await sent()
    expect(invited).toBe(2)
    expect((await find('anne@x.nl'))?.account).toMatchObject({
      status: 'invited',
      organizationId: 'b',
      endingDone: 2,
      locale: 'nl',
    })
    expect(await parts.mails()).toEqual([])
    await Promise.all([bench.sendDue(), bench.sendDue(), bench.sendDue()])
    expect(await pass(5)).toEqual(['activation anne@x.nl', 'activation bob@x.nl'])
    expect(await bench.seen.find(round)).toMatchObject({
      label: 'January',
      by: 'olga',
      people: { due: 0, sent: 2, came: 0 },
    })
    expect(parts.events.map(({ type, actor }) => `${type} ${actor}`).slice(0, 2)).toEqual([
      'account.invited olga',
      'account.invited olga',
    ])
  })

  test('sent twice, or at once, invites nobody twice; broken off, it goes on', async () => {
    const { plan } = await planned(many(30))
    const send = () => bench.send(plan, { ...wish(), digest: plan.digest, label: '' }, BY)
    const outcomes = await Promise.all([send(), send()])
    expect(outcomes.reduce((sum, one) => sum + (one.ok ? one.invited : 0), 0)).toBe(30)
    // As a process leaves it that died over it.
    for (const email of ['p3@x.nl', 'p9@x.nl'])
      await bench.life.erase((await find(email))?.account ?? expect.fail(), BY)
    const { plan: again } = await planned(many(30))
    expect([again.digest, again.round]).toEqual([plan.digest, plan.round])
    expect(await bench.send(again, { ...wish(), digest: plan.digest, label: '' }, BY)).toMatchObject({
      ok: true,
      invited: 2,
    })
    expect((await planned(many(30))).plan.lines.every(({ action }) => action === 'same')).toBe(true)
  })

  test('leaves no faster than was asked, also after hours in which nothing ran', async () => {
    await sent(many(40), wish({ perHour: 120 }))
    expect((await pass(5)).length).toBe(9)
    parts.advance(HOUR)
    const late = await pass(1)
    expect(late.length).toBe(3)
    expect((await pass(13)).length).toBe(28)
  })

  test('holds up no other, however slow and late it is, and has no hour with more than was asked', async () => {
    const { round } = await sent(many(2001), wish({ perHour: 10_000 }))
    await parts.store.invitationRounds.change(round, (draft) => Object.assign(draft, { perHour: 1 }))
    parts.advance(HOUR)
    await sent('email;naam\nother@x.nl;Other\n')
    expect(await pass(1)).toContain('activation other@x.nl')
    expect(await pass(59)).toEqual([])
    expect(await pass(60)).toHaveLength(1)
  })

  test('leaves in working hours only, though it was due before', async () => {
    await sent()
    // Seven in the evening: no node ran since.
    parts.advance(9 * HOUR)
    expect(await pass(3)).toEqual([])
    parts.advance(14 * HOUR)
    expect((await pass(60)).length).toBe(2)
  })

  test('mails nobody whose organization was disabled meanwhile, nor a second time who asked for a link', async () => {
    await sent()
    await parts.links.request('bob@x.nl', SOURCE)
    expect(told(await parts.mails())).toEqual(['activation bob@x.nl'])
    const anne = await parts.people.findBy(keyOf.email('anne@x.nl'))
    await parts.people.change(anne?.id ?? '', (person) => Object.assign(person.account ?? {}, { organizationId: 'd' }))
    expect(await pass(5)).toEqual([])
  })
})

describe('of those who have not come', () => {
  test('each is told by name, a page at a time, and whoever came is not', async () => {
    const { round } = await sent(many(5))
    await pass(5)
    await come('p2@x.nl')
    const first = await bench.seen.absent(round, undefined, 3)
    expect(first.found.map(({ account }) => account.name)).toEqual(['P0', 'P1', 'P3'])
    const rest = await bench.seen.absent(round, first.next, 3)
    expect([rest.found.map(({ account }) => account.name), rest.next]).toEqual([['P4'], undefined])
    expect(await bench.seen.find(round)).toMatchObject({ people: { sent: 4, came: 1 } })
  })

  test('all are sent another link a day later, not sooner, and never who may not be acted on', async () => {
    const { round } = await sent(many(3))
    await pass(3)
    await come('p0@x.nl')
    const anyone = () => true
    expect(await bench.resend(round, anyone)).toEqual({ ok: true, due: 0, left: 2 })
    parts.advance(DAY)
    const before = (await find('p1@x.nl'))?.links.at(-1)?.digest
    expect(await bench.resend(round, ({ email }) => email !== 'p2@x.nl')).toEqual({ ok: true, due: 1, left: 1 })
    expect(await bench.resend(round, ({ email }) => email !== 'p2@x.nl')).toEqual({ ok: true, due: 0, left: 2 })
    expect(await pass(3)).toEqual(['activation p1@x.nl'])
    const links = (await find('p1@x.nl'))?.links ?? []
    expect(links.filter(({ usedAt }) => usedAt === undefined).map(({ digest }) => digest === before)).toEqual([false])
  })

  test('what is withdrawn is gone without a mail, the address can be invited anew, and who came stays', async () => {
    const { round } = await sent(many(4))
    await pass(4)
    const waiting = (await find('p0@x.nl'))?.account ?? expect.fail()
    await come('p0@x.nl')
    // In the moment between the look and the deed.
    expect(await bench.life.withdraw(waiting, BY)).toBe(false)
    const outcome = await bench.withdraw(round, ({ email }) => email !== 'p3@x.nl', BY)
    expect(outcome).toEqual({ ok: true, withdrawn: 2, left: 1 })
    expect(await parts.mails()).toEqual([])
    expect([await find('p1@x.nl'), (await find('p0@x.nl'))?.account?.status]).toEqual([undefined, 'active'])
    expect(await bench.seen.find(round)).toMatchObject({ withdrawn: 2, people: { sent: 1, came: 1 } })
    expect(await sent('email;naam\np1@x.nl;P1\n')).toMatchObject({ invited: 1 })
  })

  test('of a round that there is not nothing is done', async () => {
    expect([await bench.resend('none', () => true), await bench.withdraw('none', () => true, BY)]).toEqual([
      { ok: false, reason: 'unknown' },
      { ok: false, reason: 'unknown' },
    ])
  })
})

test('rounds are listed, the newest first, a page at a time, also of one moment', async () => {
  const ids: string[] = []
  for (let index = 0; index < 5; index += 1) {
    ids.unshift((await sent(`email;naam\nr${index}@x.nl;R\n`)).round)
    if (index > 1) parts.advance(MINUTE)
  }
  const seen: string[] = []
  let after: string | undefined
  do {
    const { found, next } = await bench.seen.list(after, 2)
    seen.push(...found.map(({ id }) => id))
    after = next
  } while (after !== undefined)
  expect(seen.slice(0, 2)).toEqual(ids.slice(0, 2))
  expect(seen.toSorted()).toEqual(ids.toSorted())
})

test('of a column with something else on every line it is looked a few times what may be meant, and others get their turn', async () => {
  const many = Array.from({ length: 2000 }, (_, index) => `p${index}@x.nl;P;Bakerij ${index}`)
  const read = readPeople(Buffer.from(`email;naam;werkgever\n${many.join('\n')}\n`), { locale: 'nl' })
  if (!read.ok) throw new Error(read.reason)
  let [looked, turns, done] = [0, 0, false]
  const nearest = () => {
    looked += 1
    return 'Bakkerij'
  }
  const organizations = { ...knownOrganizations({ b: organization('Bakkerij') }), nearest }
  const taking = async () => {
    for (; !done; turns += 1) await setImmediate()
  }
  const given = { pace: PACE, lookAlike: 'accept' } as const
  const planning = planInvitations({ people: parts.store.people, organizations, digest }, read.file, given)
  const [{ lines }] = await Promise.all([planning.finally(() => (done = true)), taking()])
  expect(lines.every(({ action, faults: [fault] }) => action === 'refuse' && fault?.code === 'unknown')).toBe(true)
  expect(lines.filter(({ faults: [fault] }) => fault?.hint === 'Bakkerij')).toHaveLength(looked)
  expect(looked).toBeLessThan(50)
  expect(turns).toBeGreaterThanOrEqual(looked)
})
