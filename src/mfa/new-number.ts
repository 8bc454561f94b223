/**
 * Another phone number, in the security settings: what was typed waits on the server, sealed, bound to one account and
 * one session, so that a reload shows the same, another message goes to the same number, and a mistyped one can be
 * corrected. What a code is worth, limits and what becomes of the number are sms.ts's work.
 */

import { findPerson } from '../accounts/people.ts'
import { digest, type Sealer } from '../lib/crypto.ts'
import { type Clock, MINUTE } from '../lib/time.ts'
import type { People } from '../person/kind.ts'
import type { PendingEnrollment } from '../person/wizard.ts'
import { findWizard, putWizard, removeWizard } from '../person/wizard.ts'
import type { Mover } from './new-app.ts'
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
  send(mover: Mover, typed: string, country: string): Promise<Sent>
  /** The number that a code was sent to. */
  find(mover: Mover): Promise<WaitingNumber | undefined>
  /** With the code that was sent, the number takes the place of the one before. */
  confirm(mover: Mover, code: string): Promise<Added>
  cancel(mover: Mover): Promise<void>
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
  const sittingOf = ({ session }: Mover): string => `settings/${session}`
  const keyOf = (mover: Mover): string =>
    digest(`new-number/${mover.account.id}/${mover.session}/${mover.account.epoch}`)

  async function pendingOf(mover: Mover): Promise<PendingEnrollment | undefined> {
    return findWizard(await findPerson(people, mover.account.id), keyOf(mover), now())
  }

  async function keep(mover: Mover, number: WaitingNumber): Promise<void> {
    const key = keyOf(mover)
    const before = await pendingOf(mover)
    // False if another tab sent to another number at the same time: then that one waits, and a code of this one is wrong.
    const next: PendingEnrollment = {
      key,
      accountId: mover.account.id,
      sealed: seal.seal(JSON.stringify(number), `new-number/${key}`),
      version: (before?.version ?? 0) + 1,
      expiresAt: now() + LIFETIME,
    }
    await people.change(mover.account.id, (person) => putWizard(person, next, now()))
  }

  function end(mover: Mover): Promise<void> {
    return people.change(mover.account.id, (person) => removeWizard(person, keyOf(mover)))
  }

  return {
    async send(mover, typed, country) {
      const { account, source } = mover
      const sent = await sms.sendToNew(account, sittingOf(mover), typed, country, source)
      if (sent.ok) await keep(mover, { typed, country, hint: sent.hint, resendAt: sent.resendAt })
      return sent
    },

    async find(mover) {
      const pending = await pendingOf(mover)
      return pending && (JSON.parse(seal.open(pending.sealed, `new-number/${pending.key}`)) as WaitingNumber)
    },

    async confirm(mover, code) {
      const added = await sms.add(mover.account, sittingOf(mover), code, mover.source, { raisesEpoch: true })
      if (added.ok) await end(mover)
      return added
    },

    cancel: end,
  }
}
