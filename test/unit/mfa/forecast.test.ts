/** The forecast against a count of every person by itself, over campaigns of all kinds. */
import { expect, test } from 'vitest'
import { DAY } from '../../../src/lib/time.ts'
import { asked, type CampaignRules, type Period, standing } from '../../../src/mfa/campaign.ts'
import { crowdOf, withPasskeys } from '../../../src/mfa/crowd.ts'
import { type Belonging, forecast, type Part, stoppedAt } from '../../../src/mfa/forecast.ts'
import type { Account } from '../../../src/person/account.ts'
import { groupOf, TWO_STEP } from '../../../src/person/group.ts'
import { personKind } from '../../../src/person/kind.ts'
import { emptyPersonRecord, type PersonRecord } from '../../../src/person/person.ts'
import { authenticator, passkey } from '../../support/samples/factors.ts'
import { account, NOW } from '../../support/samples/records.ts'

const PEOPLE = 300
const RP_ID = 'sigma.example'
const CAMPAIGNS = 200
/** The last was merged into the first, the one before it is disabled; nobody knows the one after. */
const ORGANIZATIONS = ['one', 'two', 'three', 'four', 'shut', 'merged', 'unknown']
const ROLES = ['auditor', 'help-desk', 'owner', 'payroll']
const MOMENTS = [0, 1, 13, 45, 90, 150, 400].map((days) => NOW + days * DAY)

/** The same at every run (mulberry32). */
let state = 20261129
function random(): number {
  state = (state + 0x6d2b79f5) | 0
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}
const oneOf = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T
const perhaps = <T>(chance: number, make: () => T): T | undefined => (random() < chance ? make() : undefined)

const organizations: Belonging = {
  find: (id) => (id === 'unknown' ? undefined : { id: id === 'merged' ? 'one' : id, active: id !== 'shut' }),
}

function somebody(_: unknown, index: number): PersonRecord {
  const enrolledAt = perhaps(0.5, () => NOW - DAY)
  const extended = perhaps(0.02, () => ({ until: NOW + (random() - 0.3) * 60 * DAY, reason: '', by: '', at: NOW }))
  return {
    ...emptyPersonRecord(),
    ...(random() < 0.01 && { trialUntil: NOW + DAY }),
    account: account({
      id: `p${index}`,
      emailKey: `p${index}@sigma.example`,
      organizationId: perhaps(0.9, () => oneOf(ORGANIZATIONS)),
      roles: ROLES.filter(() => random() < 0.1),
      status: oneOf(['active', 'active', 'active', 'invited', 'disabled']),
      enrolledAt,
      ...(extended && { extension: extended }),
    }),
    authenticators: enrolledAt
      ? [
          authenticator({ ...(random() < 0.3 && { imported: true }) }),
          // Of some, for another name; of some, two for ours.
          ...[RP_ID, RP_ID, 'elsewhere.example'].flatMap((rpId) => perhaps(0.2, () => passkey({}, { rpId })) ?? []),
        ]
      : [],
  }
}

function somePeriod(): Period {
  const start = NOW + (random() - 0.6) * 200 * DAY
  return { start, deadline: perhaps(0.8, () => start + random() * 120 * DAY) }
}

function someRules(): CampaignRules {
  const of = (names: string[], chance: number) =>
    new Map(names.flatMap((name) => (random() < chance ? [[name, somePeriod()] as const] : [])))
  const own = of(['one', 'two', 'three', 'four', 'shut'], 0.4)
  const period = (id: string) => own.get(organizations.find(id)?.id ?? '')
  return {
    everyone: perhaps(0.5, somePeriod),
    organizations: { get: period },
    roles: of(ROLES, 0.2),
    exempt: Array.from({ length: 3 }, () => ({
      emailKey: `p${Math.floor(random() * PEOPLE)}@sigma.example`,
      until: NOW + (random() - 0.3) * 60 * DAY,
      reason: 'on leave',
    })),
  }
}

const people = Array.from({ length: PEOPLE }, somebody)

/** What a store would answer. */
function kept(records: PersonRecord[]): Parameters<typeof crowdOf>[0] {
  const found = records.map((record) => ({
    id: record.account?.id ?? '',
    record,
    ...personKind.finders(record),
  }))
  const byKey = new Map(found.map((one) => [personKind.keys(one.record)[0], one]))
  return {
    async counts(by) {
      const counts = new Map<string, number>()
      for (const one of found)
        for (const value of new Set([one[by] ?? []].flat().map(String))) counts.set(value, (counts.get(value) ?? 0) + 1)
      return [...counts].map(([value, count]) => ({ value, count }))
    },
    list: async ({ from = 0, limit }) =>
      found.filter(({ extendedUntil }) => Number(extendedUntil) >= Number(from)).slice(0, limit),
    findBy: async (key) => byKey.get(key),
  }
}

function isLate(rules: CampaignRules, { extension, emailKey }: Account): boolean {
  const exempt = rules.exempt.filter((one) => one.emailKey === emailKey)
  return [...exempt, ...(extension ? [extension] : [])].some(({ until }) => until > NOW)
}

/** One by one, by what a sign-in at that moment would ask. */
function counted(rules: CampaignRules, mine: (account: Account) => boolean) {
  const tally = Object.fromEntries(TWO_STEP.map((name) => [name, 0]))
  const part = { tally, passkeys: 0, longer: 0, today: 0, stopped: MOMENTS.map(() => 0) }
  for (const person of people) {
    const [group, { account }] = [groupOf(person), person]
    const head = account?.organizationId && organizations.find(account.organizationId)
    if (!group || !account || !mine(account) || (head && !head.active)) continue
    if (!asked(rules, account)) continue
    const waits = isLate(rules, account)
    tally[group.twoStep] = (tally[group.twoStep] ?? 0) + 1
    if (waits) part.longer += 1
    if (person.authenticators.some(({ passkey }) => passkey?.rpId === RP_ID)) part.passkeys += 1
    if (group.twoStep === 'on' || group.twoStep === 'invited') continue
    if (!waits) part.today += 1
    for (const [index, at] of MOMENTS.entries())
      if (standing(rules, account, at).campaign === 'required') part.stopped[index] = (part.stopped[index] ?? 0) + 1
  }
  return part
}

function forecasted(part: Part) {
  const { tally, passkeys, longer, today } = part
  return { tally, passkeys, longer, today, stopped: MOMENTS.map((at) => stoppedAt(part, at)) }
}

test('is what a count of everybody by themselves would be, of all and of each organization', async () => {
  const store = kept(people)
  let stopped = 0
  for (let campaign = 0; campaign < CAMPAIGNS; campaign += 1) {
    const rules = someRules()
    const crowd = { ...(await crowdOf(store, rules.exempt, NOW)), passkeys: await withPasskeys(store, RP_ID) }
    const told = forecast(rules, crowd, organizations)
    expect(forecasted(told.all)).toEqual(counted(rules, () => true))
    const [id, part] = oneOf([...told.organizations, [undefined, told.all] as const])
    if (part !== told.all) {
      const headOf = (own: string) => organizations.find(own)?.id ?? own
      const isOf = ({ organizationId: own }: Account) => (own === undefined ? undefined : headOf(own)) === id
      expect(forecasted(part)).toEqual(counted(rules, isOf))
    }
    stopped += told.all.today
  }
  expect(stopped).toBeGreaterThan(CAMPAIGNS)
})

test('from when somebody is stopped is the first moment at which a sign-in would ask for it', () => {
  for (let tries = 0; tries < 2000; tries += 1) {
    const [rules, { account }] = [someRules(), oneOf(people)]
    if (!account) continue
    const from = asked(rules, account)?.from
    const at = (moment: number) => standing(rules, account, moment).campaign
    if (from === undefined) expect(MOMENTS.map(at)).not.toContain('required')
    else expect([at(from - 1), at(from)]).toEqual([expect.not.stringMatching('required'), 'required'])
  }
})
