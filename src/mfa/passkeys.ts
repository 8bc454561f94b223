/**
 * Passkeys (WebAuthn Level 3): what becomes of a browser's answer. What it is asked is passkey-options.ts; whether an
 * answer is right by the standard, passkey-check.ts; that it is answered once, passkey-challenge.ts.
 *
 * User verification is asked for at every ceremony and looked at in every answer, so a passkey is always two factors: what
 * somebody has, and what they know or are (NIST SP 800-63B-4 section 3.1.7).
 */
import type { Notice } from '../accounts/notify.ts'
import { findPerson } from '../accounts/people.ts'
import type { Requester } from '../accounts/requester.ts'
import { type Audit, deed, refusal } from '../audit/audit.ts'
import type { Keyring } from '../lib/crypto.ts'
import type { Outcome } from '../lib/outcome.ts'
import type { Throttle } from '../lib/throttle.ts'
import { type Clock, HOUR } from '../lib/time.ts'
import type { Account } from '../person/account.ts'
import type { Authenticator } from '../person/authenticator.ts'
import { keyOf } from '../person/kind.ts'
import { addPasskey, countsBack, listPasskeys, type Passkey, usePasskey } from '../person/passkey.ts'
import type { PersonRecord } from '../person/person.ts'
import { APP, PASSKEY } from '../person/second-factor.ts'
import { unlessTaken } from '../record/records.ts'
import { type Ceremony, type PasskeyChallenges, passkeyChallenges } from './passkey-challenge.ts'
import {
  type Assertion,
  checkAssertion,
  checkRegistration,
  NOBODYS,
  readAssertion,
  readRegistration,
} from './passkey-check.ts'
import { type Credential, credentialOf, keyDigest } from './passkey-credential.ts'
import { passkeyProvider } from './passkey-names.ts'
import {
  enrolling,
  type PasskeyOptions,
  type PasskeyOptionsParts,
  passkeyOptions,
  type RequestOptions,
} from './passkey-options.ts'
import { sealAuthenticator } from './sealed-authenticator.ts'

/** `refused`: it counted back, and its person has a role. */
export type Used = 'right' | 'wrong' | 'used' | 'expired' | 'refused'
export type Made = Outcome<{ passkey: Passkey }, 'wrong' | 'expired'>
export type Proven = Outcome<{ passkey: Passkey }, 'wrong' | 'expired' | 'used'>
export type Added = Outcome<{ passkey: Passkey }, 'wrong' | 'expired' | 'known' | 'too-many' | 'gone'>

export interface Passkeys extends PasskeyOptions {
  /** The RP id; undefined where there are no passkeys. */
  rpId: string | undefined
  /** Whether an answer is to a page of this ceremony. */
  fits(assertion: Assertion, ceremony: Ceremony): boolean
  /**
   * Checks an answer to a page of this ceremony that names this passkey, and keeps that it was used. `wrong` also for one
   * of nobody (`passkey` is undefined), at the same cost.
   */
  use(
    assertion: Assertion,
    owner: Owner | undefined,
    ceremony: Ceremony,
    how: Pick<Use, 'agent' | 'source'>,
  ): Promise<Used>
  /** One that was just made, as it would be kept; its challenge is spent. Nothing is kept yet. */
  made(requester: Requester, registration: string, agent: string): Promise<Made>
  /** What a page hands to the browser, so that one that was just made shows that it works. */
  askNew(requester: Requester, made: Passkey): RequestOptions | undefined
  /**
   * One that was just made, after it has signed for such a page; its challenge is spent. Nothing is kept yet. A registration
   * is signed by nobody (WebAuthn Level 3 section 6.5.4, attestation `none`): before this, nothing says that the device kept it.
   */
  proves(requester: Requester, made: Passkey, assertion: string): Promise<Proven>
  /** The same as `made`, kept beside what there is. It ends nothing. */
  add(requester: Requester, registration: string, agent: string): Promise<Added>
}

export interface Owner {
  account: Account
  passkey: Passkey
}

interface Use {
  agent: string
  source: Requester['source']
}

export interface PasskeysParts extends PasskeyOptionsParts {
  ring: Keyring
  throttle: Pick<Throttle, 'first' | 'window'>
  audit: Audit
  notice: Notice
  enqueue: (parcels: ReturnType<Notice>) => Promise<unknown>
  now: Clock
  /** The only origin that shows our pages. */
  origin: string
}

/** Enough for all devices of anybody, too few to hide one among. */
export const MOST_PASSKEYS = 10

export function passkeys(parts: PasskeysParts): Passkeys {
  const { people, seal, audit, notice, now, rpId, origin } = parts
  const challenges: PasskeyChallenges = passkeyChallenges(parts)
  const options = passkeyOptions(parts, challenges)

  /** Somebody may have a copy of it. */
  async function countedBack({ account, passkey }: Owner, source: Use['source'], refused: boolean): Promise<void> {
    const event = refused ? refusal : deed
    await audit(event('passkey.counted-back', { account, source }, { method: PASSKEY }))
    const rule = { most: 1, window: HOUR }
    const told = await parts.throttle.window(`passkey-mail/${account.id}`, rule)
    if (told.ok) await parts.enqueue(notice(account, 'passkey-counted-back', { label: passkey.label, refused }))
  }

  async function made(requester: Requester, text: string, agent: string): Promise<Made> {
    const { account } = requester
    const registration = readRegistration(text)
    if (!registration || rpId === undefined) return { ok: false, reason: 'wrong' }
    const { challenge } = registration
    const spent = await challenges.spend(challenge, enrolling(requester))
    if (spent !== 'right') return { ok: false, reason: spent === 'not-ours' ? 'wrong' : 'expired' }
    const checked = checkRegistration(registration, { challenge, origin, rpId })
    if (!checked.ok) return { ok: false, reason: 'wrong' }
    const { credentialId: id, publicKey, algorithm, ...state } = checked.credential
    const person = await findPerson(people, account.id)
    const name = passkeyProvider(state.aaguid) ?? agent
    const credential: Credential = { id, publicKey, algorithm }
    const at = now()
    const sealed = sealAuthenticator(seal, JSON.stringify(credential), {
      accountId: account.id,
      kind: PASSKEY,
      label: freshName(name, listPasskeys(person)),
      numberKey: undefined,
      lastStep: 0,
      createdAt: at,
      lastUsedAt: undefined,
    })
    return { ok: true, passkey: { ...sealed, passkey: { ...state, key: keyDigest(id), rpId, agent } } }
  }

  async function proves(requester: Requester, passkey: Passkey, text: string): Promise<Proven> {
    const { account } = requester
    const assertion = readAssertion(text)
    if (!assertion || rpId === undefined) return { ok: false, reason: 'wrong' }
    const { challenge } = assertion
    const spent = await challenges.spend(challenge, enrolling(requester))
    if (spent !== 'right') return { ok: false, reason: spent === 'not-ours' ? 'wrong' : spent }
    const known = { ...credentialOf(seal, passkey), ...passkey.passkey }
    const checked = checkAssertion(assertion, known, { challenge, origin, rpId })
    if (!checked.ok || !isOf(assertion, { account, passkey })) return { ok: false, reason: 'wrong' }
    const { signCount, backedUp } = checked
    // Where roles are strict about it, one that does not count on would open nothing.
    if (countsBack(passkey.passkey, signCount)) return { ok: false, reason: 'wrong' }
    const proven = { ...passkey, lastUsedAt: now(), passkey: { ...passkey.passkey, signCount, backedUp } }
    return { ok: true, passkey: proven }
  }

  return {
    ...options,
    rpId,
    made,
    askNew: (requester, passkey) => options.ask(enrolling(requester), [passkey]),
    proves,

    fits: ({ challenge }, ceremony) => challenges.fits(challenge, ceremony),

    async use(assertion, owner, ceremony, { agent, source }) {
      const { challenge } = assertion
      if (rpId === undefined) return 'wrong'
      const spent = await challenges.spend(challenge, ceremony)
      if (spent !== 'right') return spent === 'not-ours' ? 'wrong' : spent
      const known = owner ? { ...credentialOf(seal, owner.passkey), ...owner.passkey.passkey } : NOBODYS
      const checked = checkAssertion(assertion, known, { challenge, origin, rpId })
      if (!owner || !checked.ok || !isOf(assertion, owner)) return 'wrong'
      const { account, passkey } = owner
      const { signCount, backedUp } = checked
      const strict = account.roles.length > 0
      const tell = (old: string) => notice(account, 'passkey-switched', { from: old, label: passkey.label })
      const use = { signCount, backedUp, agent, at: now(), strict, tell }
      const used = await people.change(account.id, (person) => usePasskey(person, passkey.id, use))
      if (used === 'lower' || used === 'refused') await countedBack(owner, source, used === 'refused')
      if (used === 'switched')
        await audit(deed('factor.removed', { account, source }, { method: APP, last: false, switches: true }))
      if (used === 'gone') return 'wrong'
      return used === 'refused' ? 'refused' : 'right'
    },

    async add(requester, text, agent) {
      const { account } = requester
      const one = await made(requester, text, agent)
      if (!one.ok) return one
      const { passkey } = one
      const told = notice(account, 'passkey-added', { label: passkey.label })
      const { epoch } = account
      const change = { epoch, passkey, most: MOST_PASSKEYS }
      const added = await unlessTaken(
        keyOf.passkey(passkey.passkey.key),
        'known' as const,
        people.change(account.id, (person) => addPasskey(person, change, told)),
      )
      if (added !== 'added') return { ok: false, reason: added }
      await audit(deed('factor.enrolled', requester, { method: PASSKEY }))
      return one
    },
  }
}

/** What of a person's authenticators can answer here. */
export function usableOf({ usable }: Pick<Passkeys, 'usable'>, person: PersonRecord): Authenticator[] {
  const others = person.authenticators.filter((one) => one.kind !== PASSKEY)
  return [...others, ...usable(person.authenticators)]
}

/** The device kept whose it is, and says so whenever it was not told (section 7.2, step 6). */
function isOf({ credentialId, userHandle }: Assertion, { account, passkey }: Owner): boolean {
  if (keyDigest(credentialId) !== passkey.passkey.key) return false
  return userHandle === undefined || userHandle === account.userHandle
}

/** The first that no other has. */
function freshName(name: string, others: Passkey[]): string {
  const taken = others.map(({ label }) => label)
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? name : `${name} (${number})`
    if (!taken.includes(candidate)) return candidate
  }
}
