/** Verbs for the audit trail. Looking into it is kept in it, like everything else. */
import { z } from 'zod'
import { type ActorKind, actorNamed } from '../audit/actor.ts'
import { type AuditPlace, type AuditRecord, EVENTS } from '../audit/audit.ts'
import { toRecord } from '../audit/chain.ts'
import { EXPORT_FORMATS, FORMS } from '../audit/export-form.ts'
import { type AuditFilter, type AuditPage, pageOfAudit } from '../audit/page.ts'
import { verifyTrail } from '../audit/verify.ts'
import { AppError, InputError } from '../lib/errors.ts'
import { DAY } from '../lib/time.ts'
import { personNamed } from './person.ts'
import type { Role, Target } from './role.ts'
import { type AdminContext, type MadeFile, verb } from './verb.ts'

const ROLES: Role[] = ['owner', 'auditor']

const id = z.string().trim().min(1).max(254)
const DATE = 'a day such as 2026-11-29 (UTC), or a moment such as 2026-11-29T08:00:00+01:00'

/** The first millisecond of a day, or the moment. */
const from = z.union([z.iso.date(), z.iso.datetime({ offset: true })], DATE).transform((text) => Date.parse(text))
/** A day is meant with all that it has. */
const to = z.union(
  [z.iso.date().transform((day) => Date.parse(day) + DAY), z.iso.datetime({ offset: true }).transform(Date.parse)],
  DATE,
)

/** What is typed for each part of a filter; every part that is there narrows. */
const filter = {
  person: id.optional().describe('about whom: account id, also of one who was erased, or e-mail address'),
  actor: id
    .optional()
    .describe('by whom: account id or e-mail address, operator:<name>, client:<client_id>, system or unknown'),
  application: id.optional().describe('client_id of an application'),
  organization: id.optional().describe('id, exact name or number of an organization'),
  kind: z
    .enum(EVENTS, 'a kind of event, such as sign-in.completed')
    .optional()
    .describe('kind of event, such as sign-in.completed'),
  since: from.optional().describe(`from when: ${DATE}`),
  until: to.optional().describe('until when: a day with all that it has, or a moment'),
  reference: z
    .string()
    .trim()
    .toUpperCase()
    .regex(
      /^[A-Z0-9]{8}(?:[A-Z0-9]{4})?$/,
      'eight letters and digits, as an error page shows them; of a sign-in twelve',
    )
    .optional()
    .describe('one request: the reference on its page, the correlation in the log; or a whole sign-in: its signIn'),
}

/** Where a page begins: what `next` said at the one before. */
const after = z
  .string()
  .trim()
  .regex(/^\d{1,16}-\d{1,16}$/, 'what the page before says as its next')
  .transform((text): AuditPlace => {
    const [at = 0, seq = 0] = text.split('-').map(Number)
    return { at, seq }
  })

const ABOUT_LIST = {
  name: 'audit:list',
  summary: 'List what the audit trail says, the newest first',
  roles: ROLES,
}

export const listAudit = verb({
  ...ABOUT_LIST,
  input: z.object({
    ...filter,
    after: after.optional().describe('the next page: what this command says as next'),
    limit: z.coerce.number().int().min(1).max(1000).default(50).describe('how many, 1 to 1000 (50)'),
  }),
  subject: personOrTombstone,
  async run(context, given, _actor, subject): Promise<AuditListed> {
    const { after, limit } = given
    const asked = await filterOf(context, given, subject)
    return listed(await pageOfAudit(context.trail, asked, { limit, after }))
  },
})

function listed({ rows, next, stopped }: AuditPage): AuditListed {
  return { records: rows.map(toRecord), next: next && `${next.at}-${next.seq}`, stopped }
}

/**
 * The same at the command line, where no number is too large: whoever is there may read everything anyway, and waits for it
 * alone. It is read and told a batch at a time. At the other doors one request stays a small one.
 */
export const listWholeAudit = verb({
  ...ABOUT_LIST,
  input: z.object({
    ...filter,
    after: after.optional().describe('go on there: what this command said as next'),
    limit: z
      .union([z.coerce.number().int().min(1), z.literal('all')], 'a number of records, or all')
      .default(50)
      .describe('how many, or all (50)'),
    format: z
      .enum(['json', 'jsonl'])
      .default('json')
      .describe('json: one object with what comes next; jsonl: a record a line (json)'),
  }),
  subject: personOrTombstone,
  async run(context, given, _actor, subject): Promise<AuditStream> {
    const limit = given.limit === 'all' ? Number.POSITIVE_INFINITY : given.limit
    const asked = await filterOf(context, given, subject)
    const batch = (left: number, place: AuditPlace | undefined) =>
      pageOfAudit(context.trail, asked, { limit: Math.min(left, BATCH), after: place })
    // Before this look is itself in the trail.
    const first = await batch(limit, given.after)
    return { format: given.format, batches: batchesOf(first, batch, limit) }
  },
})

export interface AuditStream {
  format: 'json' | 'jsonl'
  /** The last one says where to go on, if anything is left. */
  batches: AsyncIterable<AuditListed>
}

const BATCH = 1000

async function* batchesOf(
  first: AuditPage,
  batch: (left: number, place: AuditPlace | undefined) => Promise<AuditPage>,
  limit: number,
): AsyncGenerator<AuditListed> {
  let [page, left] = [first, limit]
  for (;;) {
    left -= page.rows.length
    yield listed({ ...page, stopped: false })
    if (!page.next || left <= 0) return
    page = await batch(left, page.next)
  }
}

export interface AuditListed {
  records: AuditRecord[]
  /** For `after`; undefined where nothing is left. */
  next: string | undefined
  /** So much was looked at that fits in part only that this page is not full: the next goes on there. */
  stopped: boolean
}

export const exportAudit = verb({
  name: 'audit:export',
  summary: 'Export the audit trail, or what a filter finds in it, as a file that audit:verify-export checks',
  roles: ROLES,
  sensitive: true,
  file: true,
  input: z.object({
    ...filter,
    format: z
      .enum(EXPORT_FORMATS)
      .default('jsonl')
      .describe(`${EXPORT_FORMATS.join(' or ')} (jsonl)`),
  }),
  // No `subject`: taking a copy of what is told of somebody is no act on them.
  async run(context, given): Promise<MadeFile & { about: string | undefined }> {
    const subject = await personOrTombstone(context, given)
    const lines = context.exportAudit(await filterOf(context, given, subject), given.format)
    return { name: `sigma-id-audit.${given.format}`, type: FORMS[given.format].type, lines, about: subject?.id }
  },
  made: ({ about }) => about,
})

export const verifyAudit = verb({
  name: 'audit:verify',
  summary: 'Check that no record of the audit trail was changed',
  roles: ROLES,
  input: z.object({}),
  async run({ trail, checkpointSeal, now }) {
    const broken = await verifyTrail(trail, { seal: checkpointSeal, now: now() })
    if (broken) throw new AppError('audit-changed', `${toldBroken(broken)} does not fit what came before it`)
    return { intact: true }
  },
})

function toldBroken(name: string): string {
  return name.startsWith('checkpoint ') ? `the ${name}` : `record ${name}`
}

interface Asked {
  person?: string | undefined
  actor?: string | undefined
  application?: string | undefined
  organization?: string | undefined
  kind?: AuditRecord['type'] | undefined
  since?: number | undefined
  until?: number | undefined
  reference?: string | undefined
}

async function filterOf(context: AdminContext, asked: Asked, subject: Target | undefined): Promise<AuditFilter> {
  const { application, organization, kind, since, until, reference } = asked
  if (since !== undefined && until !== undefined && since >= until)
    throw new InputError('The input is not in order.', [{ path: 'until', reason: 'is before the beginning' }])
  return {
    // A request has eight signs, a whole sign-in twelve (oidc/sign-in-name.ts).
    correlation: reference?.length === 8 ? reference : undefined,
    signIn: reference?.length === 12 ? reference : undefined,
    subject: subject?.id,
    actor: asked.actor === undefined ? undefined : await actorOf(context, asked.actor),
    // By whatever it is called; one that is not known is asked for as it was typed.
    organization:
      organization === undefined ? undefined : (context.organizations.own(organization)?.id ?? organization),
    client: application,
    type: kind,
    since,
    until,
  }
}

const NO_ACCOUNT: ActorKind[] = ['operator', 'client', 'system', 'unknown']

async function actorOf(context: AdminContext, given: string): Promise<string> {
  if (NO_ACCOUNT.includes(actorNamed(given).kind)) return given
  try {
    return (await personOrTombstone(context, { person: given }))?.id ?? given
  } catch (fault) {
    if (!(fault instanceof AppError && fault.code === 'not-found')) throw fault
    throw new InputError('The input is not in order.', [{ path: 'actor', reason: 'there is no such person' }])
  }
}

/** What an erased person did, and what was done to them, can still be asked for by id (GDPR article 17(3)). */
async function personOrTombstone(
  context: AdminContext,
  given: { person?: string | undefined },
): Promise<Target | undefined> {
  if (given.person === undefined) return undefined
  if ((await context.people.find(given.person))?.erasedAt !== undefined) return { id: given.person, roles: [] }
  return personNamed(context, { person: given.person })
}
