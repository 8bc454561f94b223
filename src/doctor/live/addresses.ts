/** The application's own addresses, looked at from here: whether somebody is there, its certificate, and its clock. */
import { type Clock, SECOND } from '../../lib/time.ts'
import type { LookAt } from '../../oidc/outgoing.ts'
import { originOf } from '../address.ts'
import { answerOf } from '../back-channel.ts'
import type { Fields } from '../evidence.ts'
import type { LiveResult } from '../memory.ts'

/** Seconds that a clock may differ: an answer takes its time, too. */
const MOST_SKEW = 9
const MOST_ADDRESSES = 5

interface Seen {
  address: string
  answer: string
  skew: number | undefined
}

export async function addressResults(fields: Fields, keySet: string | undefined, lookAt: LookAt, now: Clock) {
  const origins = [fields.home, ...fields.redirectUris].flatMap((address) => webOrigin(address) ?? [])
  const addresses = [...new Set([...origins, ...(keySet === undefined ? [] : [keySet])])].slice(0, MOST_ADDRESSES)
  const seen = await Promise.all(addresses.map((address) => look(address, lookAt, now)))
  return [...resultOf(seen, keySet), ...clockOf(seen)]
}

/** Of an app there is nothing to look at. */
function webOrigin(address: string | undefined): string | undefined {
  return address !== undefined && /^https?:/.test(address) ? `${originOf(address)}/` : undefined
}

async function look(address: string, lookAt: LookAt, now: Clock): Promise<Seen> {
  try {
    const { status, headers } = await lookAt(address)
    const date = Date.parse(headers.get('date') ?? '')
    const skew = Number.isFinite(date) ? Math.round((date - now()) / SECOND) : undefined
    return { address, answer: `http-${status}`, skew }
  } catch (fault) {
    return { address, answer: answerOf(fault), skew: undefined }
  }
}

function resultOf(seen: Seen[], keySet: string | undefined): LiveResult[] {
  if (seen.length === 0) return []
  const failed = seen.find(
    ({ answer, address }) => answer === 'certificate' || (address === keySet && answer !== 'http-200'),
  )
  const away = seen.find(({ answer }) => !isThere(answer))
  const values = (one: Seen) => ({ address: one.address, answer: one.answer.replace('http-', '') })
  if (failed) return [{ check: 'addresses', state: 'failed', found: foundOf(failed), values: values(failed) }]
  // People's browsers go there, which we do not: perhaps it is for those of one network only.
  if (away) return [{ check: 'addresses', state: 'unknown', values: values(away) }]
  return [{ check: 'addresses', state: 'passed', values: { addresses: seen.length } }]
}

function foundOf({ answer }: Seen): string {
  return answer === 'certificate' ? answer : 'keys'
}

function isThere(answer: string): boolean {
  return /^http-[1-4]/.test(answer)
}

function clockOf(seen: Seen[]): LiveResult[] {
  const worst = seen.reduce((most, { skew = 0 }) => (Math.abs(skew) > Math.abs(most) ? skew : most), 0)
  return Math.abs(worst) > MOST_SKEW ? [{ check: 'clock', state: 'failed', values: { seconds: worst } }] : []
}
