/** What waits for a second person: looked at, approved, declined. Whether somebody may is the door's to say. */
import type { Clock } from '../lib/time.ts'
import { type Refused, type Who, whole } from './administration.ts'
import { type BesideParts, besideOf } from './beside.ts'
import type { Definitions } from './definition.ts'
import { isOwn } from './hands.ts'
import { mayTouch, NOT_HELD } from './power.ts'
import { approvalId, type Deciding, decide, isOpenIn, PROPOSAL_LIFE, type ProposalState, stateOf } from './proposal.ts'
import type { ClientRecord, ClientRecords, Proposal } from './record.ts'
import type { Registry } from './registry.ts'
import { madeSecret, namesOf } from './secrets.ts'

export interface Approval extends Pick<Proposal, 'at' | 'actor' | 'via' | 'over' | 'changes' | 'decided'> {
  id: string
  client: string
  name: string
  state: ProposalState
  /** Milliseconds. */
  expiresAt: number
}

export type Decided = Approval & { version: number; secret?: { id: string; value: string } }
export type DecisionRefused =
  | Exclude<Deciding, { ok: true }>
  | typeof NOT_HELD
  | { ok: false; reason: 'own-service' }
  | Extract<Refused, { reason: 'not-in-order' }>

export interface Approvals {
  /** Those that can be decided, the oldest first. */
  list(): Promise<Approval[]>
  find(id: string): Promise<Approval | undefined>
  approve(id: string, who: Who): Promise<{ ok: true; decided: Decided } | DecisionRefused>
  /** Of what one proposed oneself it is taking it back. */
  decline(id: string, who: Who): Promise<{ ok: true; decided: Decided } | DecisionRefused>
  /** How many can be decided, of one application or of all, as far as this node knows. */
  waiting(client?: string): number
}

export interface ApprovalsParts extends BesideParts {
  clients: ClientRecords
  definitions: Definitions
  registry: Pick<Registry, 'follow' | 'records'>
  now: Clock
}

export function approvals(parts: ApprovalsParts): Approvals {
  const { clients, definitions, registry, now } = parts
  const beside = besideOf(parts)

  /** By the rules of now: another application may have taken the name meanwhile, or a resource be gone. */
  async function faultsOf(client: string, record: ClientRecord, { asked }: Proposal) {
    if (!asked.definition) return []
    const given = whole(asked.definition, asked.names ?? namesOf(record))
    const hasSecret = record.secrets.some(({ digest }) => digest !== undefined)
    const checked = definitions.client(given, await beside(client, hasSecret))
    return checked.ok ? [] : checked.faults
  }

  async function decided(id: string, to: 'approve' | 'decline', who: Who) {
    const [client, own] = parted(id)
    const record = await clients.find(client)
    const proposal = record?.proposals?.find((one) => one.id === own)
    if (!record || !proposal) return { ok: false as const, reason: 'no-such-proposal' as const }
    // What a service proposed is of whoever may hold its secret. Whoever proposes by themselves is refused in `decide`.
    if (to === 'approve' && proposal.actor !== who.actor) {
      await registry.follow()
      if (isOwn(proposal.actor, who.actor, registry.records()))
        return { ok: false as const, reason: 'own-service' as const }
    }
    const faults = to === 'approve' ? await faultsOf(client, record, proposal) : []
    if (faults.length > 0) return { ok: false as const, reason: 'not-in-order' as const, faults }
    const made = to === 'approve' && proposal.asked.secret ? madeSecret() : undefined
    const outcome = await clients.change(client, (draft) =>
      // A secret is shown to whoever approves it.
      to === 'decline' || mayTouch(who, draft.definition, proposal.asked.definition ?? {})
        ? decide(draft, { id: own, to, made }, { ...who, at: now() })
        : NOT_HELD,
    )
    await registry.follow()
    if (!outcome.ok) return outcome
    const { version } = outcome
    const secret = made && { id: made.id, value: made.secret }
    const seen = approvalOf(client, { ...record, version }, outcome.proposal, now())
    return { ok: true as const, decided: { ...seen, version, ...(secret && { secret }) } }
  }

  return {
    async list() {
      await registry.follow()
      const found = [...registry.records()].flatMap(({ id, record }) =>
        (record.proposals ?? []).filter(isOpenIn(record, now())).map((one) => approvalOf(id, record, one, now())),
      )
      return found.sort((one, other) => one.at - other.at)
    },
    async find(id) {
      const [client, own] = parted(id)
      const record = await clients.find(client)
      const proposal = record?.proposals?.find((one) => one.id === own)
      return record && proposal && approvalOf(client, record, proposal, now())
    },
    approve: (id, who) => decided(id, 'approve', who),
    decline: (id, who) => decided(id, 'decline', who),
    waiting(client) {
      let count = 0
      for (const { id, record } of registry.records())
        if (client === undefined || id === client)
          count += record.proposals?.filter(isOpenIn(record, now())).length ?? 0
      return count
    },
  }
}

function parted(id: string): [client: string, proposal: string] {
  const [client = '', own = ''] = id.split('.')
  return [client, own]
}

function approvalOf(client: string, record: ClientRecord, proposal: Proposal, now: number): Approval {
  const { id: _id, asked: _asked, ...shown } = proposal
  return {
    ...shown,
    id: approvalId(client, proposal),
    client,
    name: String(record.definition.client_name),
    state: stateOf(proposal, record, now),
    expiresAt: proposal.at + PROPOSAL_LIFE,
  }
}
