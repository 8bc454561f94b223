/**
 * Remembered devices: a browser that proved a second factor need not do so again for 30 days. An opaque token that
 * changes at every use; an old one that comes back means that somebody has a copy, and then the device is forgotten.
 *
 * A remembered device never replaces the password, and never answers a request for more or for something fresh: that is
 * the policy's business, this file only says whether the browser is one.
 */

import type { Notice } from '../accounts/notify.ts'
import { findPerson } from '../accounts/people.ts'
import { type Audit, deed, refusal, type Source } from '../audit/audit.ts'
import { digest, randomToken } from '../lib/crypto.ts'
import { type Clock, DAY, SECOND } from '../lib/time.ts'
import type { Account } from '../person/account.ts'
import type { People } from '../person/kind.ts'
import type { RememberedDevice } from '../person/remembered-device.ts'
import { findDevice, insertDevice, removeDevice, rotateDevice } from '../person/remembered-device.ts'
import type { RememberedFactor } from '../person/second-factor.ts'

/** Days that a device is remembered, however often it is used (NIST SP 800-63B-4 section 5.1). */
export const REMEMBERED_DAYS = 30
/** A token begins with the id of its device, so that an outdated one, however old, tells whose device was copied. */
const ID_LENGTH = 43
/** Two tabs may send the same token at once. */
const OVERLAP = 30 * SECOND
const MOST_DEVICES = 10

export interface Token {
  token: string
  expiresAt: number
}

/** `next` is the token from now on; undefined while another tab has just been given it. */
export type Recognized = { ok: true; method: RememberedDevice['method']; next: Token | undefined } | { ok: false }

export interface RememberedDevices {
  recognize(token: string, account: Account, source: Source): Promise<Recognized>
  /** Undefined if everything was ended meanwhile. */
  remember(
    account: Account,
    how: { method: RememberedFactor; agent: string; source: Source },
  ): Promise<Token | undefined>
}

export interface RememberedDevicesParts {
  people: Pick<People, 'find' | 'change'>
  notice: Notice
  audit: Audit
  now: Clock
}

export function rememberedDevices({ people, notice, audit, now }: RememberedDevicesParts): RememberedDevices {
  async function rotate(device: RememberedDevice, from: string): Promise<Recognized> {
    const token = `${device.id}${randomToken()}`
    const change = { id: device.id, from, to: digest(token), previousUntil: now() + OVERLAP }
    const first = await people.change(device.accountId, (person) => rotateDevice(person, change, now()))
    return { ok: true, method: device.method, next: first ? { token, expiresAt: device.expiresAt } : undefined }
  }

  return {
    async recognize(token, account, source) {
      const from = digest(token)
      const device = findDevice(await findPerson(people, account.id), token.slice(0, ID_LENGTH), now())
      if (!device) return { ok: false }
      if (device.digest === from) return rotate(device, from)
      if (device.previousDigest === from && now() < device.previousUntil)
        return { ok: true, method: device.method, next: undefined }
      // The device is right and the token is not: somebody used a copy, once or often, and either of them may be here.
      const told = notice(account, 'device-misused', { at: now(), agent: device.agent })
      await people.change(account.id, (person) => removeDevice(person, device.id, told))
      await audit(refusal('device.misused', { account, source }))
      return { ok: false }
    },

    async remember(account, { method, agent, source }) {
      const id = randomToken()
      const token = `${id}${randomToken()}`
      const expiresAt = now() + REMEMBERED_DAYS * DAY
      const device: RememberedDevice = {
        id,
        accountId: account.id,
        digest: digest(token),
        previousDigest: undefined,
        previousUntil: 0,
        createdAt: now(),
        lastUsedAt: now(),
        expiresAt,
        method,
        agent,
      }
      const told = notice(account, 'device-remembered', { at: now(), agent })
      const { epoch } = account
      const kept = await people.change(account.id, (person) => insertDevice(person, device, MOST_DEVICES, told, epoch))
      if (!kept) return undefined
      await audit(deed('device.remembered', { account, source }, { method }))
      return { token, expiresAt }
    },
  }
}
