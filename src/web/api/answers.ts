/**
 * What the API answers, by shapes that take nothing else: in development and in tests every answer is held to its shape,
 * so a field that nobody meant to tell is found before it is told. They are the document's, too.
 */
import { z } from 'zod'
import { LINE_FAULTS } from '../../accounts/invitation-file.ts'
import { EVENTS } from '../../audit/event.ts'
import { KINDS } from '../../client/kinds.ts'
import { STAGES } from '../../person/imported.ts'
import { TWO_STEP_STATES } from '../../person/listing.ts'
import { CHECKS } from '../../person/recovery-case.ts'

const moment = z.iso.datetime()
const id = z.string()
const version = z.int().min(1)

const change = z
  .strictObject({ field: z.string(), from: z.unknown().optional(), to: z.unknown().optional() })
  .describe('one field; from is absent where there was nothing, to where there is nothing any more')
const owner = z.union([
  z.strictObject({ kind: z.literal('store') }),
  z.strictObject({ kind: z.literal('file'), file: z.string(), line: z.int().optional() }),
])
const logo = z.string().optional().describe('digest: the picture is at /logo/<digest>.png')
const clientStatus = z.enum(['active', 'disabled', 'deleted'])

/** Of releases before it may lack a field; the document says what there is (openapi.ts). */
export const DEFINITION = z.record(z.string(), z.unknown())

export const CLIENT_SUMMARY = z.strictObject({
  client: id,
  name: z.string(),
  kind: z.enum(KINDS),
  status: clientStatus,
  owner,
  version,
  logo,
  changedAt: moment,
})

export const CLIENT = z.strictObject({
  client: id,
  definition: DEFINITION,
  status: clientStatus,
  endedAt: moment.optional(),
  owner,
  version,
  logo,
  createdAt: moment,
  changedAt: moment,
  secrets: z.array(
    z.strictObject({ id, createdAt: moment, lastUsedAt: moment.optional(), env: z.string().optional() }),
  ),
})

/** What would become of a change; over is 0 where there is none yet. */
export const PREVIEW = z.strictObject({
  over: z.int(),
  changes: z.array(change),
  definition: DEFINITION,
  waits: z.boolean().optional().describe('it would wait for a second person'),
})

/** What became of a change. */
const approval = z.string().optional().describe('it waits for a second person under this id: nothing was changed yet')
export const KEPT = z.strictObject({ ok: z.literal(true), version, changes: z.array(change), approval })

const secret = z.strictObject({
  id,
  value: z.string().optional().describe('shown this once: keep it'),
  shown: z
    .literal(true)
    .optional()
    .describe('in place of the value, where the key came again: it was shown before. If it was lost, make another.'),
})
export const CLIENT_MADE = z.strictObject({ client: id, version, secret: secret.optional() })
export const SECRET_MADE = z.strictObject({ client: id, version, secret: secret.optional(), approval })

export const VERSION = z.strictObject({
  version,
  at: moment,
  actor: z.string(),
  via: z.string(),
  approvedBy: z.string().optional(),
  changes: z.array(change),
})

const resource = {
  resource: id.describe('its indicator'),
  status: clientStatus,
  owner,
  version,
  changedAt: moment,
}
const scopes = z.array(z.string())
export const RESOURCE_SUMMARY = z.strictObject({ ...resource, scopes, format: z.enum(['opaque', 'jwt']) })
export const RESOURCE = z.strictObject({
  ...resource,
  definition: z.looseObject({ indicator: z.string(), scopes }),
  endedAt: moment.optional(),
  createdAt: moment,
  applications: z.array(z.strictObject({ client: id, name: z.string(), status: clientStatus })),
})
export const RESOURCE_MADE = z.strictObject({ resource: id, version })

const connection = z.strictObject({
  library: z.string(),
  title: z.string(),
  about: z.array(z.string()),
  environment: z.array(z.strictObject({ name: z.string(), value: z.string().optional(), env: z.string().optional() })),
  needs: z.array(z.strictObject({ field: z.string(), to: z.unknown().optional() })),
  parts: z.array(z.strictObject({ text: z.array(z.string()), kind: z.string(), code: z.string() })),
  rest: z.array(z.string()),
})
export const CONNECTED = z.strictObject({
  client: id,
  kind: z.enum(KINDS),
  libraries: z.array(z.strictObject({ library: z.string(), title: z.string() })),
  connection: connection.optional(),
})
export const RESOURCE_CONNECTED = z.strictObject({ resource: id, connection })

export const SIGN_INS = z.strictObject({
  people: z.int(),
  sinceAt: moment,
  stopped: z.boolean(),
  newest: z
    .array(
      z.strictObject({
        id,
        name: z.string().optional(),
        email: z.string().optional(),
        at: moment,
        acr: z.string(),
      }),
    )
    .optional()
    .describe('for whoever may look at people'),
})

export const YAML = z.strictObject({ yaml: z.string() })
const named = { noun: z.enum(['client', 'resource']), id }
const written = { ...named, definition: z.record(z.string(), z.unknown()), secrets: z.array(z.string()) }
const rewritten = { ...written, version, changes: z.array(change) }
const proposalState = z.enum(['open', 'approved', 'declined', 'withdrawn', 'expired', 'stale'])
export const PLAN = z.strictObject({
  created: z.array(z.strictObject(written)),
  changed: z.array(z.strictObject(rewritten)),
  disabled: z.array(z.strictObject({ ...named, version })),
  waiting: z.array(
    z.strictObject({
      ...rewritten,
      approval: z.strictObject({ id, state: proposalState, asked: z.literal(true).optional() }).optional(),
    }),
  ),
  byHand: z.array(z.strictObject({ ...named, at: moment, actor: z.string() })),
  untouched: z.array(z.strictObject(named)),
  digest: z.string(),
})
const waiting = {
  id,
  client: id,
  name: z.string(),
  state: proposalState,
  at: moment,
  expiresAt: moment,
  actor: z.string(),
  via: z.string(),
  over: z.int(),
  changes: z.array(change),
  decided: z
    .strictObject({
      state: z.enum(['approved', 'declined', 'withdrawn']),
      actor: z.string(),
      via: z.string(),
      at: moment,
    })
    .optional(),
}
export const APPROVAL = z.strictObject(waiting)
export const DECISION = z.strictObject({ ...waiting, version, secret: secret.optional() })

export const RELEASED = z.strictObject({ id, owner: z.literal('store') })

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

const recoveryCase = { number: z.string(), createdAt: moment, expiresAt: moment, decidableAt: moment }
export const CASE_SUMMARY = z.strictObject({ ...recoveryCase, person: PERSON_SUMMARY })
export const CASE = z.strictObject({
  ...recoveryCase,
  state: z.string(),
  contact: z.string(),
  closedAt: moment.optional(),
  closedBy: z.string().optional(),
  check: z.enum(CHECKS).optional(),
  note: z.string().optional(),
  person: PERSON,
})
export const DECIDED = z.strictObject({
  number: z.string(),
  state: z.enum(['issued', 'declined']),
  code: z.string().optional().describe('temporary access code, shown this once'),
  expiresAt: moment.optional(),
})

export const AUDIT_RECORD = z.strictObject({
  id,
  at: moment,
  type: z.enum(EVENTS),
  outcome: z.enum(['ok', 'refused', 'failed']),
  actor: z.string().optional(),
  subject: z.string().optional(),
  client: z.string().optional(),
  source: z.strictObject({ ip: z.string(), correlation: z.string() }).optional(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
})
export const VERIFIED = z.strictObject({ intact: z.literal(true) })
/** Sent as it is, not as JSON. */
export const FILE = z.string()

export const DELIVERY = z.strictObject({
  id,
  channel: z.enum(['email', 'sms', 'logout', 'link']),
  createdAt: moment,
  dueAt: moment,
  attempt: z.int(),
  leasedUntil: z.number(),
  reason: z.string().optional(),
  failedAt: moment.optional(),
  person: z.strictObject({ id, name: z.string(), email: z.string() }).optional(),
})
export const RETRIED = z.strictObject({ id, dueAt: moment })
/** What the doctor says of an application. */
export const EXAMINED = z.strictObject({
  client: id,
  version,
  liveAt: moment.optional(),
  checks: z.array(
    z.strictObject({
      check: z.string(),
      state: z.enum(['passed', 'failed', 'unknown']),
      finding: z.string().optional(),
      sentence: z.string(),
      said: z.strictObject({ family: z.enum(['fault', 'check', 'live']), name: z.string(), variant: z.string() }),
      values: z.record(z.string(), z.union([z.string(), z.number()])),
      at: moment.optional(),
      fix: z
        .strictObject({
          verb: z.enum(['client:change', 'client:secret-add']),
          input: z.record(z.string(), z.unknown()),
        })
        .optional(),
    }),
  ),
})

export const KEY = z.strictObject({
  kid: z.string(),
  alg: z.enum(['RS256', 'ES256']),
  state: z.enum(['next', 'current', 'previous']),
  createdAt: moment,
  publishedAt: moment,
  activatedAt: moment.optional(),
  retiredAt: moment.optional(),
})
export const ROTATED = z.strictObject({ rotation: z.enum(['rotated', 'not-due', 'rotated-elsewhere']) })
