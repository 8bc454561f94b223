/** One workday of many people as the trail tells of it, through the product's own audit and no front door: so a year passes in minutes. */
import { clientActor } from '../../../src/audit/actor.ts'
import type { Auditing } from '../../../src/audit/audit.ts'
import { deed, refusal } from '../../../src/audit/event.ts'
import { TOKENS } from '../../../src/audit/repeats.ts'
import { HOUR, MINUTE } from '../../../src/lib/time.ts'

/** Who come at once. */
const GROUP = 200
export const REFRESHES = 8
/** One in so many mistypes the password. */
export const MISTYPES = 10
const CLIENT = 'house'

interface Clock {
  at: number
}

export async function dayAtThePort(told: Auditing, people: number, clock: Clock): Promise<void> {
  const morning = clock.at
  for (let group = 0; group < people; group += GROUP) {
    clock.at = morning + 7 * HOUR + Math.floor(group / GROUP) * MINUTE
    const size = Math.min(GROUP, people - group)
    await Promise.all(Array.from({ length: size }, (_, n) => person(told, group + n, clock.at)))
  }
  clock.at = morning + 18 * HOUR
  await told.writeRepeats({ all: true })
}

async function person({ audit }: Auditing, n: number, at: number): Promise<void> {
  const account = { id: `0195a1b2-c3d4-7e5f-8a9b-${n.toString(16).padStart(12, '0')}` }
  const name = (Math.floor(at / MINUTE) * 7919 + n * 104_729).toString(36).padStart(12, 'A').toUpperCase()
  const signIn = name.slice(-12)
  let requests = 0
  const from = (ip: string) => ({ ip, correlation: signIn.slice(-7) + ++requests, signIn })
  const own = () => ({ account, source: from(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`) })
  const actor = clientActor(CLIENT)
  if (n % MISTYPES === 0) await audit(refusal('sign-in.password', own(), { known: true }))
  await audit(deed('sign-in.password', own(), { known: true }))
  await audit(deed('sign-in.second-factor', own(), { method: 'totp' }))
  const details = { acr: 'urn:sigma:acr:mfa', amr: 'pwd otp mfa' }
  await audit({ ...deed('sign-in.completed', own(), details), client: CLIENT })
  const token = { type: 'token.issued', outcome: 'ok', actor, client: CLIENT, subject: account.id } as const
  const code = { by: 'authorization_code', rule: TOKENS }
  await audit({ ...token, source: from('10.1.2.3'), details: { grant: 'authorization_code' }, repeats: code })
  for (let refreshes = 1; refreshes <= REFRESHES; refreshes += 1) {
    const repeats = { by: account.id, rule: 'daily' } as const
    await audit({ ...token, source: from('10.1.2.3'), details: { grant: 'refresh_token', refreshes }, repeats })
  }
  const { source } = own()
  const out = { outcome: 'ok', client: CLIENT, subject: account.id, source: { ...source, signIn: undefined } } as const
  await audit({ ...out, type: 'session.ended', actor: account.id })
  await audit({ ...out, type: 'token.revoked', actor })
}
