/**
 * What somebody is setting up, page by page: it waits on the server, sealed, bound to one account and one session, or
 * one browser where it is to outlive the session, so that reloading, the back button and two tabs all show the same. What a wizard holds, how long it lives and what it
 * becomes are the business of the file whose wizard it is.
 */
import { findPerson } from '../accounts/people.ts'
import type { Requester } from '../accounts/requester.ts'
import { digest, type Sealer } from '../lib/crypto.ts'
import type { Clock } from '../lib/time.ts'
import type { People } from '../person/kind.ts'
import { ensureUserHandle } from '../person/passkey.ts'
import type { PendingEnrollment } from '../person/wizard.ts'
import { findWizard, putWizard, removeWizard } from '../person/wizard.ts'

export const WIZARDS = ['enrollment', 'new-app', 'new-number'] as const
export type WizardKind = (typeof WIZARDS)[number]

export interface SealedWizardParts {
  people: Pick<People, 'find' | 'change'>
  seal: Sealer
  now: Clock
}

/** Whose wizard it is. */
export interface WizardOwner extends Requester {
  /** The browser, by its name (oidc/seat.ts), where the wizard outlives the session. */
  browser?: string
}

export interface SealedWizards<T> {
  /** What waits in this session or browser, and the record that it waits in. */
  find(requester: WizardOwner): Promise<{ held: T; pending: PendingEnrollment } | undefined>
  /** The record as it becomes, for a write that does more than keep it. */
  sealed(requester: WizardOwner, held: T, before: PendingEnrollment | undefined, expiresAt: number): PendingEnrollment
  /**
   * Keeps it in the place of what was there `before`. False if another tab was first. With `handle` the account has one for
   * passkeys after it, this one if it had none.
   */
  put(
    requester: WizardOwner,
    held: T,
    before: PendingEnrollment | undefined,
    expiresAt: number,
    handle?: string,
  ): Promise<boolean>
  remove(requester: WizardOwner): Promise<void>
  /** Of the record that it waits in, for a write that does more. */
  keyOf(requester: WizardOwner): string
}

/** What it is sealed for. */
export function wizardRecord(kind: WizardKind, key: string): string {
  return `${kind}/${key}`
}

export function sealedWizards<T>(kind: WizardKind, { people, seal, now }: SealedWizardParts): SealedWizards<T> {
  /** Of this epoch: what a copy of the session has seen before everything else was ended is not offered again. */
  function wizardKey({ account, session, browser = session }: WizardOwner): string {
    return digest(`${kind}/${account.id}/${browser}/${account.epoch}`)
  }

  function sealed(requester: WizardOwner, held: T, before: PendingEnrollment | undefined, expiresAt: number) {
    const key = wizardKey(requester)
    return {
      key,
      accountId: requester.account.id,
      sealed: seal.seal(JSON.stringify(held), wizardRecord(kind, key)),
      version: (before?.version ?? 0) + 1,
      expiresAt,
    }
  }

  return {
    async find(requester) {
      const pending = findWizard(await findPerson(people, requester.account.id), wizardKey(requester), now())
      return pending && { pending, held: JSON.parse(seal.open(pending.sealed, wizardRecord(kind, pending.key))) as T }
    },
    sealed,
    put(requester, held, before, expiresAt, handle) {
      const next = sealed(requester, held, before, expiresAt)
      return people.change(requester.account.id, (person) => {
        if (handle !== undefined) ensureUserHandle(person, handle)
        return putWizard(person, next, now())
      })
    },
    keyOf: wizardKey,
    remove: (requester) => people.change(requester.account.id, (person) => removeWizard(person, wizardKey(requester))),
  }
}
