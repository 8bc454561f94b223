/**
 * A change of a protected application that waits for a second person: pure rules over the application's own record. So
 * what is decided and what follows from it are one write, and of any number who decide at once one does.
 *
 * A proposal is over one version. Whatever moves the record ends it: nobody approves what they did not see.
 */
import { DAY } from '../lib/time.ts'
import { isSame } from '../record/copy.ts'
import { type By, refusalOf } from './changes.ts'
import type { Asked, ClientRecord, FieldChange, Proposal } from './record.ts'
import { keptWith, type MadeSecret, namedSecrets, namesOf, type SecretChanging, secretId, withMade } from './secrets.ts'

export type ProposalState = NonNullable<Proposal['decided']>['state'] | 'open' | 'expired' | 'stale'

/** Milliseconds that somebody has for it. */
export const PROPOSAL_LIFE = 7 * DAY
/** Open at a time, of one who proposes: among hundreds nobody would see the one that matters. */
const MOST_OPEN = 10
/** Ended ones that are kept, so that whoever comes late reads what became of it. */
const MOST_ENDED = 10

export type Proposing = { ok: true; proposal: Proposal } | { ok: false; reason: 'too-many-proposals' }

/** `changes` are those of the rule that said `needs-approval`. */
export function propose(draft: ClientRecord, asked: Asked, changes: FieldChange[], by: By): Proposing {
  const { proposals = [] } = draft
  const isOpen = isOpenIn(draft, by.at)
  const open = proposals.filter(isOpen)
  // Sent twice, by an impatient finger or by every node that starts.
  const same = open.find((one) => isSame(one.asked, asked))
  if (same) return { ok: true, proposal: same }
  const { actor, via, at } = by
  if (asked.on === 'file') takeBack(open, by)
  else if (open.filter((one) => one.actor === actor).length >= MOST_OPEN)
    return { ok: false, reason: 'too-many-proposals' }
  // Which one it will be is known once it is made.
  const told = asked.secret ? [{ field: 'secrets', to: 'new' }] : changes
  const proposal: Proposal = { id: secretId(), at, actor, via, over: draft.version, asked, changes: told }
  draft.proposals = [
    ...proposals.filter((one) => !isOpen(one)).slice(-MOST_ENDED),
    ...proposals.filter(isOpen),
    proposal,
  ]
  draft.changedAt = Math.max(draft.changedAt, at)
  return { ok: true, proposal }
}

/** A file says one thing at a time: what it said before waits no more. */
function takeBack(open: Proposal[], { actor, via, at }: By): void {
  for (const one of open) if (one.asked.on === 'file') one.decided = { state: 'withdrawn', actor, via, at }
}

/** As people and doors name it: no id of a client has a dot. */
export function approvalId(client: string, { id }: Pick<Proposal, 'id'>): string {
  return `${client}.${id}`
}

export function stateOf({ decided, over, at }: Proposal, { version }: { version: number }, now: number): ProposalState {
  if (decided) return decided.state
  if (version !== over) return 'stale'
  return now < at + PROPOSAL_LIFE ? 'open' : 'expired'
}

export function isOpenIn(record: { version: number }, now: number): (proposal: Proposal) => boolean {
  return (proposal) => stateOf(proposal, record, now) === 'open'
}

export type Deciding =
  | { ok: true; proposal: Proposal; version: number; changes: FieldChange[] }
  | { ok: false; reason: 'no-such-proposal' | 'own-proposal' }
  | { ok: false; reason: 'not-open'; state: ProposalState }
  | Exclude<SecretChanging, { ok: true }>

export interface Decision {
  id: string
  to: 'approve' | 'decline'
  /** In case it asks for one. */
  made?: Pick<MadeSecret, 'id' | 'digest'> | undefined
}

/** Whoever proposed it may take it back, and nothing else. */
export function decide(draft: ClientRecord, { id, to, made }: Decision, by: By): Deciding {
  const proposal = draft.proposals?.find((one) => one.id === id)
  if (!proposal) return { ok: false, reason: 'no-such-proposal' }
  const state = stateOf(proposal, draft, by.at)
  if (state !== 'open') return { ok: false, reason: 'not-open', state }
  const own = proposal.actor === by.actor
  if (to === 'approve' && own) return { ok: false, reason: 'own-proposal' }
  const { actor, via, at } = by
  const outcome =
    to === 'approve'
      ? carryOut(draft, proposal, made, by)
      : { ok: true as const, version: draft.version, changes: [] as FieldChange[] }
  if (!outcome.ok) return outcome
  const ended = to === 'approve' ? 'approved' : own ? 'withdrawn' : 'declined'
  const decided: Proposal = { ...proposal, decided: { state: ended, actor, via, at } }
  draft.proposals = draft.proposals?.map((one) => (one === proposal ? decided : one))
  draft.changedAt = Math.max(draft.changedAt, at)
  return { ok: true, proposal: decided, version: outcome.version, changes: outcome.changes }
}

/** As one version, of whoever proposed it, that says who approved it. */
function carryOut(draft: ClientRecord, proposal: Proposal, made: Decision['made'], by: By): SecretChanging {
  const { asked, over, actor, via } = proposal
  const refusal = refusalOf(draft, { on: asked.on, read: over })
  if (refusal) return refusal
  const secrets = asked.secret
    ? made && withMade(draft, made, by.at)
    : namedSecrets(draft, asked.names ?? namesOf(draft), by.at)
  const { definition, status, owner } = asked
  const next = { ...(definition && { definition }), ...(status && { status }), ...(owner && { owner }) }
  return keptWith(draft, next, secrets, { actor, via, at: by.at, approvedBy: by.actor })
}
