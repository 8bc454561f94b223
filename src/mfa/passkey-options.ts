/**
 * What pages hand to browsers about passkeys (WebAuthn Level 3): what to ask for, what to make, and what a device may keep
 * of an account.
 */
import { findPerson } from '../accounts/people.ts'
import type { Requester } from '../accounts/requester.ts'
import { randomToken, type Sealer } from '../lib/crypto.ts'
import { MINUTE } from '../lib/time.ts'
import type { Account } from '../person/account.ts'
import type { Authenticator } from '../person/authenticator.ts'
import type { People } from '../person/kind.ts'
import { ensureUserHandle, isPasskey, listPasskeys, type Passkey } from '../person/passkey.ts'
import type { Ceremony, PasskeyChallenges } from './passkey-challenge.ts'
import { ALGORITHMS } from './passkey-check.ts'
import { credentialOf } from './passkey-credential.ts'

/** What a page hands to `navigator.credentials.get` (section 5.5), binary values as base64url. */
export interface RequestOptions {
  challenge: string
  rpId: string
  /** Milliseconds that the browser waits. */
  timeout: number
  userVerification: 'required'
  allowCredentials: Descriptor[]
}

/** What a page hands to `navigator.credentials.create` (section 5.4), binary values as base64url. */
export interface CreationOptions {
  challenge: string
  rp: { id: string; name: string }
  user: { id: string; name: string; displayName: string }
  pubKeyCredParams: Array<{ type: 'public-key'; alg: number }>
  timeout: number
  excludeCredentials: Descriptor[]
  authenticatorSelection: { residentKey: 'required'; requireResidentKey: true; userVerification: 'required' }
  attestation: 'none'
  extensions: { credProps: true }
}

interface Descriptor {
  type: 'public-key'
  id: string
  transports?: string[]
}

export interface PasskeyOptions {
  /** Those of a person that can answer here: of another RP id none can. */
  usable(authenticators: readonly Authenticator[]): Passkey[]
  /** Of these passkeys, or of whichever the browser has. */
  ask(ceremony: Ceremony, known?: Passkey[]): RequestOptions | undefined
  /** What a browser needs to make one for this account; writes only if the account has no handle yet. */
  creation(requester: Requester): Promise<CreationOptions | undefined>
  /** What the device may keep of this account (section 5.1.10.4): whatever else it has of it is good for nothing. */
  accepted(account: Account): Promise<Accepted | undefined>
  /** As the device calls this account from now on (section 5.1.10.5). */
  details(account: Account): AccountDetails | undefined
}

export interface AccountDetails extends AccountNames {
  rpId: string
  userId: string
}

/** What people choose by, where a device has passkeys of several accounts. */
interface AccountNames {
  name: string
  displayName: string
}

export interface Accepted {
  rpId: string
  userId: string
  allAcceptedCredentialIds: string[]
}

export interface PasskeyOptionsParts {
  people: Pick<People, 'find' | 'change'>
  seal: Sealer
  rpId: string | undefined
  /** As browsers name us. */
  product: string
  /** What the organization of an account is called. */
  organizationOf: (account: Account) => string | undefined
}

/** Milliseconds that a browser waits for a person (section 5.4, `timeout`). */
const PATIENCE = 5 * MINUTE

export function passkeyOptions(parts: PasskeyOptionsParts, challenges: PasskeyChallenges): PasskeyOptions {
  const { people, seal, rpId } = parts

  function descriptorOf(passkey: Passkey): Descriptor {
    const { transports } = passkey.passkey
    return { type: 'public-key', id: credentialOf(seal, passkey).id, ...(transports.length > 0 && { transports }) }
  }

  function namesOf(account: Account): AccountNames {
    // Somebody with two accounts has two addresses, and often one name.
    const organization = parts.organizationOf(account)
    const displayName = organization === undefined ? account.name : `${account.name} – ${organization}`
    return { name: account.email, displayName }
  }

  function usable(authenticators: readonly Authenticator[]): Passkey[] {
    return authenticators.filter(isPasskey).filter(({ passkey }) => passkey.rpId === rpId)
  }

  return {
    usable,

    ask(ceremony, known = []) {
      if (rpId === undefined) return undefined
      const allowCredentials = known.map(descriptorOf)
      return {
        challenge: challenges.make(ceremony),
        rpId,
        timeout: PATIENCE,
        userVerification: 'required',
        allowCredentials,
      }
    },

    async creation(requester) {
      const { account } = requester
      if (rpId === undefined) return undefined
      const person = await findPerson(people, account.id)
      const handle =
        person.account?.userHandle ??
        (await people.change(account.id, (draft) => ensureUserHandle(draft, randomToken())))
      if (handle === undefined) return undefined
      return {
        challenge: challenges.make(enrolling(requester)),
        rp: { id: rpId, name: parts.product },
        user: { id: handle, ...namesOf(account) },
        pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
        timeout: PATIENCE,
        excludeCredentials: usable(listPasskeys(person)).map(descriptorOf),
        authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
        attestation: 'none',
        extensions: { credProps: true },
      }
    },

    async accepted(account) {
      if (rpId === undefined || account.userHandle === undefined) return undefined
      const ids = usable(listPasskeys(await findPerson(people, account.id))).map(
        (passkey) => credentialOf(seal, passkey).id,
      )
      return { rpId, userId: account.userHandle, allAcceptedCredentialIds: ids }
    },

    details(account) {
      if (rpId === undefined || account.userHandle === undefined) return undefined
      return { rpId, userId: account.userHandle, ...namesOf(account) }
    },
  }
}

/** The ceremony of a page that makes one: of this session, and of nothing that was before everything was ended. */
export function enrolling({ account, session }: Requester): Ceremony {
  return { purpose: 'enroll', place: `${session}/${account.epoch}`, accountId: account.id }
}
