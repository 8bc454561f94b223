/** Second factors on a real store with a clock to turn, without pages: who is told what, and what the audit trail says. */

import { notices } from '../../../src/accounts/notify.ts'
import { type Audit, type AuditEvent, auditing } from '../../../src/audit/audit.ts'
import { unwrap, wrapper } from '../../../src/delivery/queue.ts'
import { keyring, type Sealer, sealer } from '../../../src/lib/crypto.ts'
import { networks } from '../../../src/lib/network.ts'
import { throttle } from '../../../src/lib/throttle.ts'
import { type Challenges, challenges } from '../../../src/mfa/challenge.ts'
import { enrollments } from '../../../src/mfa/enrollment.ts'
import { backup, temporary } from '../../../src/mfa/factors.ts'
import { newApps } from '../../../src/mfa/new-app.ts'
import { passkeys } from '../../../src/mfa/passkeys.ts'
import { rememberedDevices } from '../../../src/mfa/remembered-device.ts'
import { type SmsCodes, smsCodes } from '../../../src/mfa/sms.ts'
import { type SmsRules, smsLimits } from '../../../src/mfa/sms-limits.ts'
import { totp } from '../../../src/mfa/totp.ts'
import type { Account } from '../../../src/person/account.ts'
import type { People } from '../../../src/person/kind.ts'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'
import type { Store } from '../../../src/store/store.ts'
import { asked } from '../people/asked-people.ts'
import { apart, codeOf } from '../people/second-factor.ts'
import { authenticator, numberChange, sentCode } from '../samples/factors.ts'
import { account, link } from '../samples/records.ts'

export const SOURCE = { ip: '192.0.2.1', correlation: 'c' }
const START = Date.UTC(2030, 0, 15, 12)
const CODE_STEP = 30_000

/** One mail to one address, before it is put into words. */
export interface Told {
  to: string
  name: string
  data: Record<string, unknown>
}

export type FactorBench = Awaited<ReturnType<typeof factorBench>>

export async function factorBench(path = ':memory:') {
  let time = START
  let persons = 0
  const now = () => time
  const store: Store = openSqliteStore(path)
  const { durable } = store
  const { people } = durable
  const ring = keyring([{ id: 'k', key: Buffer.alloc(32, 7) }])
  const seal: Sealer = sealer(ring, 'records')
  const wrap = wrapper(seal, now)
  const notice = notices(wrap, (name, _locale, data) => ({ subject: name, text: JSON.stringify(data), html: '' }), now)
  const events: AuditEvent[] = []
  const record: Audit = auditing(durable, now, { onEvent: (event) => events.push(event) }).audit
  const parts = {
    people,
    store: durable,
    seal,
    ring,
    throttle: throttle(durable, now),
    audit: record,
    notice,
    now,
    rpId: 'localhost',
  }
  const { enqueue } = durable
  const common = {
    ...parts,
    passkeys: passkeys({
      ...parts,
      enqueue,
      origin: 'https://localhost',
      product: 'Sigma ID',
      organizationOf: () => undefined,
    }),
  }
  const factors = [totp(people, seal, now), backup(people, now), temporary(people, ring, now)]
  const proof: Challenges = challenges({ ...common, factors })
  const wizard = enrollments(common)
  const apps = newApps(common)
  const devices = rememberedDevices(common)

  /** The account as it is kept now. */
  async function again({ id }: Pick<Account, 'id'>): Promise<Account> {
    const found = await asked(durable.people).findAccount(id)
    if (!found) throw new Error(`no account ${id}`)
    return found
  }

  /** An active account. */
  async function person(given: Partial<Account> = {}): Promise<Account> {
    persons += 1
    const email = `person${persons}@sigma.example`
    const made = account({ email, emailKey: email, status: 'active', roles: [], createdAt: START, ...given })
    if (!(await asked(durable.people).insertAccount(made, link(made.id), []))) throw new Error('taken')
    return made
  }

  return {
    store: durable,
    common,
    challenges: proof,
    wizard,
    apps,
    events,
    now,
    pass(ms: number) {
      time += ms
    },
    /** The code that an app with this key shows, one that was not shown before, and that `other` does not show. */
    code(key: string, other?: string): string {
      do time += CODE_STEP
      while (other !== undefined && !apart(key, other, time))
      return codeOf(key, time)
    },
    again,
    person,
    /** The same with an app and a backup code that is saved; nobody is told any more. */
    async enrolled(given: Partial<Account> = {}) {
      const requester = { account: await person(given), session: 'wizard', proven: false, holding: {}, source: SOURCE }
      const { secret: key = '' } = await wizard.choose(requester, 'other')
      time += CODE_STEP
      const confirmed = await wizard.confirm(requester, codeOf(key, time))
      const backupCode = confirmed.ok && confirmed.wizard.backup?.code
      await wizard.saved({ ...requester, account: await again(requester.account) })
      const [app] = await asked(durable.people).listAuthenticators(requester.account.id)
      if (!backupCode || !app) throw new Error('not enrolled')
      await told()
      events.length = 0
      return { account: await again(requester.account), key, app: app.id, backupCode }
    },
    /** Text messages, of which the code of the newest is known. `kept`: where others are to be written to. */
    texting(rules: Partial<SmsRules>, kept: People = people): { sms: SmsCodes; sent: () => string } {
      let sent = ''
      const limits = smsLimits({ throttle: common.throttle, now, networks, rules })
      const words = (_locale: string, code: string) => {
        sent = code
        return `Your code: ${code}`
      }
      const given = { ...common, people: kept, wrap, limits, words, host: 'localhost', countries: ['NL'] }
      return { sms: smsCodes(given), sent: () => sent }
    },
    /** Everything that was signed in ends; nothing else changes. */
    async signOut({ id }: Account): Promise<void> {
      await asked(durable.people).setStatus({ accountId: id, from: ['active'], to: 'active' }, [])
    },
    /** One more app beside those that there are; its id. Nobody is told any more. */
    async anotherApp({ id }: Account): Promise<string> {
      const requester = { account: await again({ id }), session: 'settings', source: SOURCE }
      const begun = await apps.begin(requester, undefined)
      time += CODE_STEP
      if (!begun.ok || !(await apps.confirm(requester, codeOf(begun.app.secret, time))).ok)
        throw new Error('no other app')
      await told()
      events.length = 0
      return (await asked(durable.people).listAuthenticators(id)).at(-1)?.id ?? ''
    },
    /** A phone number, whose id is `phone-` and its last two digits. */
    async phone({ id: accountId }: Account, hint = '78'): Promise<void> {
      const code = sentCode({ accountId, createdAt: time, expiresAt: time + 1 })
      await asked(durable.people).putSentCode(code, [])
      const { epoch } = await again({ id: accountId })
      const given = {
        id: `phone-${hint}`,
        accountId,
        kind: 'sms',
        label: hint,
        numberKey: 'n',
        createdAt: time,
      } as const
      const number = numberChange(code, { authenticator: authenticator(given), epoch })
      if (!(await asked(durable.people).addNumber(number, time, []))) throw new Error('no number')
    },
    /** A browser that is remembered; nobody is told any more. */
    async device(account: Account, agent = 'Firefox on Linux'): Promise<void> {
      await devices.remember(await again(account), { method: 'totp', agent, source: SOURCE })
      await told()
    },
    told,
    close: () => store.close(),
  }

  /** The mails that were put in the queue since this was last asked. */
  async function told(): Promise<Told[]> {
    const parcels = await durable.claim(time, time + 1, 1000)
    for (const { id, attempt } of parcels) await durable.settle(id, attempt)
    return parcels.flatMap((parcel) => {
      if (parcel.channel !== 'email') return []
      const { to, subject, text } = unwrap(seal, { ...parcel, channel: 'email' })
      return [{ to, name: subject, data: JSON.parse(text) }]
    })
  }
}

/** Details of the events of this type, in order. */
export function detailsOf(events: AuditEvent[], type: AuditEvent['type']): AuditEvent['details'][] {
  return events.filter((event) => event.type === type).map(({ details }) => details)
}
