/**
 * Inviting those whom a run has made and who bring no password: in the rounds of invitations that there are, one for each
 * organization, whose mails leave in waves. A run that was stopped goes on with those whom it has made and not invited.
 */
import { departures, tooSlow } from '../accounts/waves.ts'
import { hmac, type Keyring } from '../lib/crypto.ts'
import { InputError } from '../lib/errors.ts'
import type { Clock } from '../lib/time.ts'
import type { WorkingHours } from '../lib/working-hours.ts'
import type { Directory } from '../organization/directory.ts'
import type { Invitation } from '../person/invitation.ts'
import { beginRound, type Pace, type RoundRecords } from '../person/invitation-round.ts'
import type { Draft } from '../person/person.ts'
import type { Planned } from './planning.ts'

export interface InvitingParts {
  rounds: Pick<RoundRecords, 'change'>
  organizations: Pick<Directory, 'nameOf'>
  ring: Keyring
  isWorking: WorkingHours
  now: Clock
}

export interface Run {
  plan: string
  source: string
  actor: string | undefined
  /** Of all its mails together. Undefined where nobody is invited. */
  pace: Pace | undefined
}

export type Inviting = ReturnType<typeof inviting>

export function inviting({ rounds, organizations, ring, isWorking, now }: InvitingParts, run: Run) {
  const { plan, source, actor, pace } = run
  const begun = new Map<string, string>()
  let [count, next] = [0, 0]
  let moments: number[] | undefined

  function momentsOf(asked: Pace): number[] {
    const field = tooSlow(count, asked)
    const path = field === 'perDay' ? 'limit' : 'perHour'
    if (field) throw new InputError('The input is not in order.', [{ path, code: 'too-slow', reason: TOO_SLOW }])
    return departures(count, asked, { from: now(), isWorking })
  }

  async function roundOf(organizationId: string | undefined, asked: Pace): Promise<string> {
    const key = `import ${plan} ${organizationId ?? ''}`
    const known = begun.get(key)
    if (known !== undefined) return known
    // As long as those of a file of invitations.
    const round = Buffer.from(hmac(ring.derive('invitations'), key), 'base64url')
      .toString('hex')
      .slice(0, 32)
    const label = [source, organizations.nameOf(organizationId) ?? ''].filter((part) => part !== '').join(': ')
    await rounds.change(round, (draft) => beginRound(draft, { label, by: actor ?? '', ...asked }, now()))
    begun.set(key, round)
    return round
  }

  return {
    /** All are looked at before the first is invited. */
    look(planned: Planned): void {
      if (isToInvite(planned)) count += 1
    },
    /** Rejects before anything is done if the mails would leave for years. */
    begin(): void {
      if (pace) moments = momentsOf(pace)
    },
    /** Undefined for whoever is not invited. */
    async of(planned: Planned): Promise<Invitation | undefined> {
      if (!pace || !isToInvite(planned)) return undefined
      const round = await roundOf(planned.step?.known.organizationId, pace)
      const dueAt = moments?.[next] ?? now()
      next += 1
      return { round, dueAt }
    },
    rounds: () => [...begun.values()],
  }
}

const TOO_SLOW = 'is so few that the mails would leave on more than 400 days'

function isToInvite({ step }: Planned): boolean {
  if (!step?.made || step.invited) return false
  const { known, account } = step
  return account ? account.status === 'invited' : known.password === undefined && known.status !== 'disabled'
}

/** Of somebody whom the same plan has made before it was stopped, or was run without inviting. */
export function inviteMade(person: Draft, plan: string, invitation: Invitation): boolean {
  const { account } = person
  if (account?.status !== 'invited' || account.imported?.run.plan !== plan || person.invitation) return false
  person.invitation = invitation
  return true
}
