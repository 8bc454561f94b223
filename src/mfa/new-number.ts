/**
 * Another phone number, in the security settings: what was typed waits on the server, sealed, bound to one account and
 * one session, so that a reload shows the same, another message goes to the same number, and a mistyped one can be
 * corrected. What a code is worth, limits and what becomes of the number are sms.ts's work.
 */

import { findPerson } from '../accounts/people.ts'
import type { Requester } from '../accounts/requester.ts'
import { digest, type Sealer } from '../lib/crypto.ts'
import { type Clock, MINUTE } from '../lib/time.ts'
import type { People } from '../person/kind.ts'
import type { PendingEnrollment } from '../person/wizard.ts'
import { findWizard, putWizard, removeWizard } from '../person/wizard.ts'
import type { Added, Sent, SmsCodes } from './sms.ts'

/** `typed` and `country` as the person gave them; `hint` the last two digits of what they mean. */
export interface WaitingNumber {
  typed: string
  country: string
  hint: string
  /** When another message may be asked for. */
  resendAt: number
}

export interface NewNumbers {
  /** Sends a code to the number and keeps it for the page that asks for the code. */
  send(requester: Requester, typed: string, country: string): Promise<Sent>
  /** The number that a code was sent to. */
  find(requester: Requester): Promise<WaitingNumber | undefined>
  /** With the code that was sent, the number takes the place of the one before. */
  confirm(requester: Requester, code: string): Promise<Added>
  cancel(requester: Requester): Promise<void>
}

export interface NewNumberParts {
  people: Pick<People, 'find' | 'change'>
  seal: Sealer
  sms: Pick<SmsCodes, 'sendToNew' | 'add'>
  now: Clock
}

/** Longer than a code lives: whoever waits for a message that never came asks for another without typing again. */
const LIFETIME = 30 * MINUTE

export function newNumbers({ people, seal, sms, now }: NewNumberParts): NewNumbers {
  const sittingOf = ({ session }: Requester): string => `settings/${session}`
  const keyOf = (requester: Requester): string =>
    digest(`new-number/${requester.account.id}/${requester.session}/${requester.account.epoch}`)

  async function pendingOf(requester: Requester): Promise<PendingEnrollment | undefined> {
    return findWizard(await findPerson(people, requester.account.id), keyOf(requester), now())
  }

  async function keep(requester: Requester, number: WaitingNumber): Promise<void> {
    const key = keyOf(requester)
    const before = await pendingOf(requester)
    // False if another tab sent to another number at the same time: then that one waits, and a code of this one is wrong.
    const next: PendingEnrollment = {
      key,
      accountId: requester.account.id,
      sealed: seal.seal(JSON.stringify(number), `new-number/${key}`),
      version: (before?.version ?? 0) + 1,
      expiresAt: now() + LIFETIME,
    }
    await people.change(requester.account.id, (person) => putWizard(person, next, now()))
  }

  function end(requester: Requester): Promise<void> {
    return people.change(requester.account.id, (person) => removeWizard(person, keyOf(requester)))
  }

  return {
    async send(requester, typed, country) {
      const { account, source } = requester
      const sent = await sms.sendToNew(account, sittingOf(requester), typed, country, source)
      if (sent.ok) await keep(requester, { typed, country, hint: sent.hint, resendAt: sent.resendAt })
      return sent
    },

    async find(requester) {
      const pending = await pendingOf(requester)
      return pending && (JSON.parse(seal.open(pending.sealed, `new-number/${pending.key}`)) as WaitingNumber)
    },

    async confirm(requester, code) {
      const added = await sms.add(requester.account, sittingOf(requester), code, requester.source, {
        raisesEpoch: true,
      })
      if (added.ok) await end(requester)
      return added
    },

    cancel: end,
  }
}
