/**
 * The logo of an application: the picture itself, kept under its digest, and what changes which one an application has.
 * It is no part of the definition: a file has no pictures, so it says nothing of one, and whoever may change an
 * application gives it a logo whether or not a file says the rest of it. That a second person agrees is not asked, as it is
 * not for a name (protection.ts): a picture leads nobody anywhere, and is taken back at once.
 */
import type { Kind } from '../record/kind.ts'
import type { Records } from '../record/records.ts'
import { type By, type Changing, kept, refusalOf } from './changes.ts'
import type { ClientRecord } from './record.ts'

/** A picture that was made here (logo-picture.ts). */
export interface Logo {
  /** What it is kept under. */
  digest: string
  /** PNG, as base64. */
  image: string
  /** Milliseconds: when somebody last wanted it; 0 for one that is not there. */
  keptAt: number
}

export type LogoRecords = Records<Logo, 'digest'>

export const logoKind: Kind<Logo, 'digest'> = {
  name: 'logos',
  empty: () => ({ digest: '', image: '', keptAt: 0 }),
  keys: () => [],
  finders: ({ digest }) => ({ digest: digest === '' ? undefined : digest }),
  search: () => undefined,
}

/** `logo` is the digest; without one it has none any more. */
export function changeLogo(
  draft: ClientRecord,
  { logo, read }: { logo?: string | undefined; read?: number | undefined },
  by: By,
): Changing {
  const refusal = refusalOf(draft, { on: draft.owner.kind, read })
  if (refusal) return refusal
  const from = draft.logo
  const told = { field: 'logo', ...(from !== undefined && { from }), ...(logo !== undefined && { to: logo }) }
  const outcome = kept(draft, {}, by, from === logo ? [] : [told])
  if (!outcome.ok) return outcome
  delete draft.logo
  if (logo !== undefined) draft.logo = logo
  return outcome
}

/** Also where it is there already: somebody is about to name it. */
export function keep(draft: Logo, logo: Pick<Logo, 'digest' | 'image'>, now: number): void {
  Object.assign(draft, { ...logo, keptAt: now })
}

/** Of one that no application has: true if it is gone. One that was just kept is about to be named. */
export function forget(draft: Logo, until: number): boolean {
  if (draft.keptAt === 0 || draft.keptAt > until) return false
  Object.assign(draft, logoKind.empty())
  return true
}
