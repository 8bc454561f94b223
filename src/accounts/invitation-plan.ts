/**
 * What a file of people would do: who is invited, who has an account already, which lines are refused and why. A plan has
 * a digest of all that, so that what somebody looked at is what is done, or nothing.
 */
import { setImmediate } from 'node:timers/promises'
import type { Directory } from '../organization/directory.ts'
import { invitationState } from '../person/invitation.ts'
import type { Pace } from '../person/invitation-round.ts'
import { keyOf, type People } from '../person/kind.ts'
import { looksOf } from '../person/look-alike.ts'
import { type FileLine, type LineFault, LONGEST, type PeopleFile } from './invitation-file.ts'
import { type LookAlike, lookAlikes } from './look-alike.ts'

/** `same`: there is an account with this address, and nothing is done. */
export type PlannedAction = 'invite' | 'same' | 'refuse'

export interface PlannedLine extends FileLine {
  action: PlannedAction
  organizationId: string | undefined
  /** Its name. */
  organization: string | undefined
}

export interface InvitationPlan {
  digest: string
  /** Id of the round that these people are in. The same file again is the same round. */
  round: string
  file: PeopleFile
  lines: PlannedLine[]
  /** How many are in the round: those who would be invited, and whom it has made already. */
  size: number
}

export interface PlanParts {
  people: Pick<People, 'findBy' | 'list'>
  organizations: Directory
  /** Keyed: an address of a page tells nobody who is in a file. */
  digest: (text: string) => string
}

/** What becomes of an address that looks like another's, in the file or here. */
export type LookAlikeChoice = 'refuse' | 'accept'

const AT_ONCE = 100
/**
 * Names of organizations that there are none of, of which it is looked for what may be meant: that is compared with each that
 * there is, and a column may hold something else on every line. Whoever signs in meanwhile does not wait for all of them.
 */
const MOST_HINTS = 20

export async function planInvitations(
  { people, organizations, digest }: PlanParts,
  file: PeopleFile,
  { pace, lookAlike }: { pace: Pace; lookAlike: LookAlikeChoice },
): Promise<InvitationPlan> {
  await organizations.follow()
  const placed = await placedIn(file.lines, organizations)
  const good = placed.filter(({ faults }) => faults.length === 0)
  const round = digest(JSON.stringify(good.map(said)))
  const alike = lookAlikes({ people, organizations })
  const twins = lookAlike === 'refuse' ? twinsIn(good) : new Map<number, string>()
  const lines: Array<PlannedLine & { made: boolean }> = []
  for (let at = 0; at < placed.length; at += AT_ONCE)
    lines.push(...(await Promise.all(placed.slice(at, at + AT_ONCE).map(decided))))
  // Whoever this round has made already is still one of it: a run that was broken off goes on with the same digest.
  const meant = lines.map((line) => [line.line, line.made ? 'invite' : line.action, line.faults, said(line)])
  return {
    digest: digest(JSON.stringify([meant, pace])),
    round,
    file,
    size: lines.filter(({ action, made }) => made || action === 'invite').length,
    lines: lines.map(({ made: _made, ...line }) => line),
  }

  async function decided(line: Omit<PlannedLine, 'action'>): Promise<PlannedLine & { made: boolean }> {
    if (line.faults.length > 0) return { ...line, action: 'refuse', made: false }
    const found = await people.findBy(keyOf.email(line.person.emailKey))
    const made = found?.record.invitation?.round === round && invitationState(found.record) !== undefined
    if (found) return { ...line, action: 'same', made }
    const taken =
      lookAlike === 'refuse' ? (twins.get(line.line) ?? seen((await alike(line.person.email))[0])) : undefined
    if (taken === undefined) return { ...line, action: 'invite', made }
    return { ...line, action: 'refuse', faults: [{ field: 'email', code: 'looks-alike', hint: taken }], made }
  }
}

/** By line: an address before it in the file that it could be taken for. */
function twinsIn(lines: FileLine[]): Map<number, string> {
  const first = new Map<string, string>()
  const twins = new Map<number, string>()
  for (const { line, person } of lines) {
    const looks = looksOf(person.emailKey)
    const before = first.get(looks)
    if (before === undefined) first.set(looks, person.email)
    else twins.set(line, before)
  }
  return twins
}

/** What an address could be taken for. */
function seen(alike: LookAlike | undefined): string | undefined {
  return alike?.like === 'person' ? alike.email : alike?.domain
}

/** What a line comes to. */
function said({
  person: { emailKey, email, name, givenName, familyName, locale },
  organizationId,
}: {
  person: FileLine['person']
  organizationId: string | undefined
}): unknown[] {
  return [emailKey, email, name, givenName, familyName, locale, organizationId]
}

/** Each line with its organization. */
async function placedIn(lines: FileLine[], organizations: Directory): Promise<Array<Omit<PlannedLine, 'action'>>> {
  const known = new Map<string, ReturnType<typeof organizationOf>>()
  const placed: Array<Omit<PlannedLine, 'action'>> = []
  let hints = 0
  for (const line of lines) {
    const said = JSON.stringify(line.person.organizations)
    let found = known.get(said)
    if (!found) {
      const before = hints
      found = organizationOf(organizations, line.person.organizations, (text) => {
        if (hints === MOST_HINTS) return undefined
        hints += 1
        return organizations.nearest(text)
      })
      known.set(said, found)
      if (hints > before) await setImmediate()
    }
    placed.push({ ...line, ...found, faults: [...line.faults, ...found.faults] })
  }
  return placed
}

function organizationOf(organizations: Directory, called: string[], nearest: Directory['nearest']) {
  const nobody = { organizationId: undefined, organization: undefined }
  const fault = (code: LineFault['code'], hint?: string, said?: string) => ({
    ...nobody,
    faults: [
      {
        field: 'organization' as const,
        code,
        ...(hint !== undefined && { hint }),
        ...(said !== undefined && { said }),
      },
    ],
  })
  const found = called.map((text) => ({ text, one: organizations.called(text) }))
  const missing = found.find(({ one }) => one === undefined)
  if (missing) return fault('unknown', nearest(missing.text), missing.text.slice(0, LONGEST))
  const [one, other] = found.map((each) => each.one)
  if (!one) return { ...nobody, faults: [] }
  if (other && other.id !== one.id) return fault('differs', `${one.record.name}, ${other.record.name}`)
  if (one.record.status === 'disabled') return fault('disabled', one.record.name)
  return { organizationId: one.id, organization: one.record.name, faults: [] }
}
