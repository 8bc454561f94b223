/** What the API answers of organizations and people, and of those who are brought in or invited by a file. */
import { z } from 'zod'
import { LINE_FAULTS } from '../../accounts/invitation-file.ts'
import { STAGES } from '../../person/imported.ts'
import { TWO_STEP_STATES } from '../../person/listing.ts'
import { change, id, moment } from './answer-parts.ts'

const organization = {
  id,
  name: z.string(),
  number: z.string().optional(),
  status: z.enum(['active', 'disabled', 'merged']),
  phase: z.enum(['none', 'planned', 'offered', 'required']).describe('of its campaign for a second step'),
}
export const ORGANIZATION_SUMMARY = z.strictObject(organization)
export const ORGANIZATION = z.strictObject({
  ...organization,
  version: z.int(),
  domains: z.array(z.string()),
  contacts: z.array(z.string()),
  campaign: z.strictObject({ startsAt: moment, deadlineAt: moment.optional() }).optional(),
  mergedInto: id.optional(),
  people: z.int(),
  createdAt: moment,
  changedAt: moment,
})
export const ORGANIZATION_MADE = z.strictObject({ id, name: z.string(), number: z.string().optional() })
export const ORGANIZATION_CHANGED = z.strictObject({ id, changed: z.array(z.string()) })
export const MERGED = z.strictObject({ id, mergedInto: id })
export const STATUS = z.strictObject({ id, status: z.string() })

const person = {
  id,
  name: z.string(),
  email: z.string(),
  organization: z.string().optional(),
  status: z.enum(['invited', 'active', 'disabled']),
  roles: z.array(z.string()),
  twoStep: z.boolean(),
}
export const PERSON_SUMMARY = z.strictObject(person)
export const PERSON_CHANGED = z.strictObject({ id, changed: z.array(z.string()) })
export const EMAIL_CHANGED = z.strictObject({ id, email: z.string() })
export const ROLES_CHANGED = z.strictObject({ id, roles: z.array(z.string()) })
export const EXTENDED = z.strictObject({ id, moreTimeEndsAt: moment.optional() })
export const PERSON_LISTED = z.strictObject({
  ...person,
  twoStepState: z.enum(TWO_STEP_STATES),
  factors: z.array(z.string()),
  lastSignInAt: moment.optional(),
  linkExpiresAt: moment.optional(),
  moreTimeEndsAt: moment.optional(),
})
export const PERSON = z.strictObject({
  ...person,
  givenName: z.string().optional(),
  familyName: z.string().optional(),
  locale: z.string(),
  version: z.int().describe('of the name, its parts and the language'),
  createdAt: moment,
  passwordChangedAt: moment.optional(),
  emailChangedAt: moment.optional(),
  noticeAddress: z.boolean(),
  enrolledAt: moment.optional(),
  apps: z.array(z.strictObject({ createdAt: moment, lastUsedAt: moment.optional() })),
  passkeys: z.array(
    z.strictObject({
      createdAt: moment,
      lastUsedAt: moment.optional(),
      synced: z.boolean().describe('it is on all devices of the person, not on one only'),
      usable: z.boolean().describe('false for one that was made for another passkeys.rpId than the present one'),
    }),
  ),
  phone: z.strictObject({ hint: z.string(), createdAt: moment }).optional(),
  backupCode: z.strictObject({ createdAt: moment, saved: z.boolean() }).optional(),
  devices: z.int(),
  lastActivityAt: moment.optional(),
  lastSignInAt: moment.optional(),
  applications: z.array(z.strictObject({ client: id, name: z.string(), signedInAt: moment })),
  moreTime: z.strictObject({ endsAt: moment, reason: z.string(), by: z.string(), givenAt: moment }).optional(),
  emailUnproven: z.boolean(),
  brought: z
    .strictObject({
      source: z.string(),
      at: moment,
      passwordProvenAt: moment.optional(),
      codeProvenAt: moment.optional(),
      fellBackAt: moment.optional(),
      switchedAt: moment.optional(),
    })
    .optional(),
  openCase: z.string().optional(),
})
const lineFault = z.strictObject({ field: z.string(), code: z.string(), reason: z.string() })
const peopleLine = z.strictObject({
  line: z.int(),
  externalId: z.string().optional(),
  do: z.enum(['create', 'same', 'change', 'conflict', 'refuse']),
  changes: z.array(change).optional(),
  conflicts: z
    .array(change.extend({ reason: z.enum(['changed-here', 'signed-in', 'has-role']) }))
    .optional()
    .describe(
      'left as they are: the person or an administrator changed them, or the person has signed in since or has a role',
    ),
  faults: z.array(lineFault).optional(),
  notes: z.array(lineFault).optional().describe('what is left out of it'),
  looksLike: z
    .string()
    .optional()
    .describe(
      'id of the account whose address looks like it, or of the organization whose domain does; another-line, or mixed-scripts',
    ),
})

export const PEOPLE_PLAN = z.strictObject({
  digest: z.string(),
  totals: z.strictObject({ create: z.int(), same: z.int(), change: z.int(), conflict: z.int(), refuse: z.int() }),
  refused: z.array(peopleLine).describe('the first 50, as in the lists after it'),
  changed: z.array(peopleLine),
  conflicts: z.array(peopleLine),
  notes: z.array(peopleLine),
  looksLike: z.array(peopleLine),
  refusedFile: z.string().optional(),
})
export const PEOPLE_APPLIED = PEOPLE_PLAN.extend({
  written: z.int(),
  invited: z.int().describe('whose mail with a link is due by it'),
  rounds: z.array(id).describe('that they are in, one for each organization'),
  moved: z.array(peopleLine).describe('changed by others meanwhile, and left as they are'),
})
export const PEOPLE_FORGOTTEN = z.strictObject({
  forgotten: z.int(),
  left: z.int().describe('have a role, and whoever asks could not have given it'),
})
export const MIGRATION = z.strictObject({
  source: z.string(),
  organization: z.string().optional(),
  stages: z
    .strictObject(Object.fromEntries(STAGES.map((stage) => [stage, z.int()])))
    .describe('how many have got this far, and no further'),
})

export const INVITED = z.strictObject({ id, email: z.string(), status: z.string() })
export const MOVED = z.strictObject({ id, organization: z.string().optional() })
export const SIGNED_OUT = z.strictObject({ id, signedOut: z.literal(true) })
export const RESENT = z.strictObject({ id, email: z.string() })
export const ERASED = z.strictObject({ id, erased: z.literal(true) })
/** Everything that is kept of somebody, as the person gets it from their own settings. */
export const PERSON_DATA = z.looseObject({})

export const INVITATION_PLAN = z.strictObject({
  digest: z.string().describe('what invitations:send asks for'),
  round: id,
  invite: z.int(),
  same: z.int().describe('lines whose address has an account: nothing is done'),
  refused: z.int(),
  headings: z.array(z.string()),
  separator: z.string(),
  unused: z.array(z.string()).describe('headings of columns that are not used'),
  waves: z.array(z.strictObject({ at: moment, count: z.int() })),
  lines: z.array(
    z.strictObject({
      line: z.int(),
      action: z.enum(['invite', 'same', 'refuse']),
      email: z.string(),
      name: z.string(),
      locale: z.string(),
      organization: z.string().optional(),
      cells: z.array(z.string()).optional().describe('of a line that is refused, as they stand in the file'),
      faults: z
        .array(
          z.strictObject({
            field: z.enum(['email', 'name', 'language', 'organization', 'line']),
            code: z.enum(LINE_FAULTS),
            reason: z.string(),
            said: z.string().optional().describe('what stands there and is not known'),
            hint: z.string().optional(),
          }),
        )
        .optional(),
    }),
  ),
})
export const INVITATIONS_SENT = z.strictObject({ round: id, invited: z.int(), refused: z.int() })
/** A round of invitations. */
export const INVITATIONS = z.strictObject({
  round: id,
  label: z.string(),
  actor: z.string(),
  createdAt: moment,
  perHour: z.int(),
  limit: z.int().optional().describe('the most in a day'),
  anyTime: z.boolean(),
  people: z.int(),
  due: z.int().describe('their mail has not left'),
  sent: z.int().describe('their mail has left, and they have not come'),
  came: z.int(),
  ended: z.int().describe('disabled without having come'),
  withdrawn: z.int(),
})
export const ABSENT = PERSON_SUMMARY.extend({
  dueAt: moment.optional(),
  sentAt: moment.optional(),
  expiresAt: moment.optional().describe('when the link of the last mail ends, or ended'),
})
export const INVITATIONS_DUE = z.strictObject({ round: id, due: z.int(), left: z.int() })
export const INVITATIONS_WITHDRAWN = z.strictObject({ round: id, withdrawn: z.int(), left: z.int() })
