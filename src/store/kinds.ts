/**
 * The kinds of record that there are, each under its name. Whoever adds one names it here: every store keeps it then,
 * and copies it.
 */
import { appliedKind } from '../client/applied.ts'
import { logoKind } from '../client/logo.ts'
import { madeOnceKind } from '../client/made-once.ts'
import { clientKind, resourceKind } from '../client/record.ts'
import { memoryKind } from '../doctor/memory.ts'
import { rootKeyKind } from '../keys/root-key.ts'
import { organizationKind } from '../organization/kind.ts'
import { invitationRoundKind } from '../person/invitation-round.ts'
import { personKind } from '../person/kind.ts'

export const KINDS = {
  people: personKind,
  organizations: organizationKind,
  clients: clientKind,
  resources: resourceKind,
  appliedFiles: appliedKind,
  clientMemories: memoryKind,
  madeOnce: madeOnceKind,
  logos: logoKind,
  invitationRounds: invitationRoundKind,
  rootKeys: rootKeyKind,
}

export type KindName = keyof typeof KINDS
export type RecordOf<N extends KindName> = ReturnType<(typeof KINDS)[N]['empty']>

export const KIND_NAMES = Object.keys(KINDS) as KindName[]
