/** What the doctor makes of our own address: fault 26 is told where this machine meets it, and is not guessed elsewhere. */
import { expect, test } from 'vitest'
import type { ClientRecord } from '../../../src/client/record.ts'
import { acting } from '../../../src/doctor/live/acting.ts'

const ISSUER = 'https://id.example.org'
const SERVICE = { definition: { grant_types: ['client_credentials'] }, secrets: [], versions: [], status: 'active' }
const failed = (code: string) => new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) })

async function discovered(answer: () => Promise<Response>) {
  const never = () => Promise.reject(new Error('nothing more is tried'))
  const act = acting({
    issuer: ISSUER,
    door: { get: answer, post: never },
    sessions: { open: never, prove: never },
    withPerson: never,
    lookAt: never,
    sendLogout: never,
    secret: () => undefined,
    mfa: 'mfa',
    now: () => 0,
  })
  const [result] = await act('roster', SERVICE as unknown as ClientRecord)
  return result
}

test.each<[string, () => Promise<Response>, object]>([
  ['our name', async () => Response.json({ issuer: ISSUER }), { state: 'passed' }],
  [
    'another name',
    async () => Response.json({ issuer: 'https://old.example.org' }),
    { state: 'failed', found: 'differs' },
  ],
  [
    'a chain without its intermediate',
    () => Promise.reject(failed('UNABLE_TO_VERIFY_LEAF_SIGNATURE')),
    { state: 'failed', found: 'chain' },
  ],
  ['a certificate that ran out', () => Promise.reject(failed('CERT_HAS_EXPIRED')), { state: 'failed', found: 'chain' }],
  [
    'nobody, as behind a router that does not lead back',
    () => Promise.reject(failed('ECONNREFUSED')),
    { state: 'unknown', found: 'away' },
  ],
  ['a page of somebody else', async () => new Response('<html>'), { state: 'unknown', found: 'away' }],
])('%s', async (_what, answer, expected) => expect(await discovered(answer)).toMatchObject(expected))
