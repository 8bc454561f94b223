/** Addresses that look like another's: whoever gives one to somebody is told first, and may mean it. */
import { z } from 'zod'
import { type LookAlike, lookAlikes } from '../accounts/look-alike.ts'
import { AppError } from '../lib/errors.ts'
import type { AdminContext } from './verb.ts'

export const lookAlikeChoice = z
  .enum(['refuse', 'accept'])
  .default('refuse')
  .describe('what becomes of an address that looks like another’s: refuse or accept (refuse)')

/** What the address could be taken for. */
export class LooksAlike extends AppError {
  readonly alike: LookAlike[]

  constructor(alike: LookAlike[]) {
    super('looks-alike', `${alike.map(told).join('; ')}; if it is meant, say that it is to be accepted`, {
      status: 409,
    })
    this.alike = alike
  }
}

/** Rejects with `LooksAlike`. `self` is the account that the address is for. */
export async function insistNoLookAlike(
  context: Pick<AdminContext, 'people' | 'organizations'>,
  email: string,
  choice: z.output<typeof lookAlikeChoice>,
  self?: string,
): Promise<void> {
  if (choice === 'accept') return
  const alike = await lookAlikes(context)(email, self)
  if (alike.length > 0) throw new LooksAlike(alike)
}

function told(alike: LookAlike): string {
  if (alike.like === 'person') return `the address looks like ${alike.email} of ${alike.name}`
  if (alike.like === 'organization') return `its domain looks like ${alike.domain} of ${alike.name}`
  return `its domain is shown as ${alike.domain}, in letters of several scripts`
}
