/**
 * What is left to do when an account was erased (person/erasure.ts): the client addresses in its audit records are
 * shortened. That this is to be done was written down with the erasure; it is done at once, and by a chore where the
 * store went away, or the process, in between. To do it twice does no harm.
 */
import type { AuditStore } from '../audit/audit.ts'
import { AppError } from '../lib/errors.ts'
import { forgotten } from '../person/erasure.ts'
import type { People } from '../person/kind.ts'

export interface ErasureParts {
  people: Pick<People, 'change' | 'list'>
  trail: Pick<AuditStore, 'forgetAddresses'>
}

const BITE = 200

/** Erased the account is, whatever becomes of this. */
export async function forgetAddresses(parts: ErasureParts, accountId: string): Promise<void> {
  await forget(parts, accountId).catch((fault: unknown) => {
    if (!(fault instanceof AppError && fault.code === 'store-unavailable')) throw fault
  })
}

export async function finishErasures(parts: ErasureParts): Promise<void> {
  for (;;) {
    const left = await parts.people.list({ by: 'forgets', limit: BITE })
    for (const { id } of left) await forget(parts, id)
    if (left.length < BITE) return
  }
}

async function forget({ people, trail }: ErasureParts, accountId: string): Promise<void> {
  await trail.forgetAddresses(accountId)
  await people.change(accountId, forgotten)
}
