/** The kinds of record that there are. Whoever adds one names it here: every store keeps it then, and copies it. */
import type { Kind } from '../record/kind.ts'

export const KINDS = [] as const satisfies ReadonlyArray<Kind<object>>
