/**
 * Another phone number, in the security settings: what was typed waits in a wizard (sealed-wizard.ts), so that a reload
 * shows the same, another message goes to the same number, and a mistyped one can be corrected. What a code is worth,
 * limits and what becomes of the number are sms.ts's work.
 */

import type { Requester } from '../accounts/requester.ts'
import { MINUTE } from '../lib/time.ts'
import { type SealedWizardParts, sealedWizards } from './sealed-wizard.ts'
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

export interface NewNumberParts extends SealedWizardParts {
  sms: Pick<SmsCodes, 'sendToNew' | 'add'>
}

/** Longer than a code lives: whoever waits for a message that never came asks for another without typing again. */
const LIFETIME = 30 * MINUTE

export function newNumbers(parts: NewNumberParts): NewNumbers {
  const { sms, now } = parts
  const wizards = sealedWizards<WaitingNumber>('new-number', parts)
  const sittingOf = ({ session }: Requester): string => `settings/${session}`

  async function keep(requester: Requester, number: WaitingNumber): Promise<void> {
    const before = await wizards.find(requester)
    // Another tab may send to another number at the same time: then that one waits, and a code of this one is wrong.
    await wizards.put(requester, number, before?.pending, now() + LIFETIME)
  }

  return {
    async send(requester, typed, country) {
      const { account, source } = requester
      const sent = await sms.sendToNew(account, sittingOf(requester), typed, country, source)
      if (sent.ok) await keep(requester, { typed, country, hint: sent.hint, resendAt: sent.resendAt })
      return sent
    },

    async find(requester) {
      return (await wizards.find(requester))?.held
    },

    async confirm(requester, code) {
      const added = await sms.add(requester.account, sittingOf(requester), code, requester.source, {
        raisesEpoch: true,
      })
      if (added.ok) await wizards.remove(requester)
      return added
    },

    cancel: wizards.remove,
  }
}
