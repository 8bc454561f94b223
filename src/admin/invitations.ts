/** Verbs for inviting many at once: what a file would do, doing it, and what has become of it. */
import { z } from 'zod'
import type { LineFault } from '../accounts/invitation-file.ts'
import type { PlannedLine } from '../accounts/invitation-plan.ts'
import type { SeenRound } from '../accounts/invitation-rounds.ts'
import type { Wish } from '../accounts/invitations.ts'
import { AppError, InputError } from '../lib/errors.ts'
import { LOCALES } from '../lib/locales.ts'
import { FileRefused, LINE_WORDS } from './invitation-faults.ts'
import { lookAlikeChoice } from './look-alike.ts'
import { HELPERS, READERS, summaryOf } from './person.ts'
import { type Actor, actorName, mayActOn } from './role.ts'
import { type AdminContext, verb } from './verb.ts'

/** Bytes of a file. */
export const MOST_BYTES = 1024 * 1024
const MOST_SIGNS = Math.ceil(MOST_BYTES / 3) * 4

const text = z.string().trim().min(1).max(80)

/** How fast mails leave. */
export const PACE = {
  perHour: z.coerce
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(500)
    .describe('the most mails in an hour, 1 to 10000 (500)'),
  limit: z.coerce.number().int().min(1).max(10_000).optional().describe('the most in a day: a wave'),
  anyTime: z.boolean().default(false).describe('mails leave at night and at weekends too'),
}

/** What is asked of a file. */
const FILE = {
  csv: z
    .base64('is no base64')
    .max(MOST_SIGNS, 'is more than 1 MiB')
    .describe('people, as a spreadsheet saves them (CSV)'),
  emailColumn: text.optional().describe('heading of the column with the addresses, where there are several'),
  organization: text.optional().describe('name or number of the organization of lines that do not say'),
  locale: z
    .enum(LOCALES)
    .default('nl')
    .describe(`language of lines that do not say: ${LOCALES.join(' or ')}`),
  lookAlike: lookAlikeChoice,
  ...PACE,
}

type File = z.output<z.ZodObject<typeof FILE>>

export const planInvitations = verb({
  name: 'invitations:plan',
  summary: 'Show what a file of people would do: who is invited, who has an account, which lines are refused and why',
  roles: HELPERS,
  input: z.object(FILE),
  run: async (context, input) => answerOf(await planOf(context, input)),
})

export const sendInvitations = verb({
  name: 'invitations:send',
  summary: 'Invite the people of a file: exactly the plan whose digest is given; their mails leave in waves',
  roles: HELPERS,
  sensitive: true,
  input: z.object({
    ...FILE,
    digest: z.string().describe('of the plan that is to be done, as invitations:plan printed it'),
    label: text.optional().describe('what this round of invitations is called'),
  }),
  async run(context, { digest, label, ...input }, actor) {
    const { plan } = await planOf(context, input)
    const by = { actor: actorName(actor), source: actor.source }
    const wish = { ...wishOf(input), digest, label: label ?? '' }
    const sent = await context.invitations.send(plan, wish, by)
    if (!sent.ok) throw unfit(sent.reason)
    return { round: sent.round, invited: sent.invited, refused: counted(plan.lines, 'refuse') }
  },
})

const round = z.string().trim().min(1).max(80).describe('id of a round, as invitations:list tells it')
const page = {
  after: z.string().trim().max(80).optional().describe('id of the last one of the page before'),
  limit: z.coerce.number().int().min(1).max(1000).default(50).describe('how many, 1 to 1000 (50)'),
}

export const listInvitations = verb({
  name: 'invitations:list',
  summary: 'List rounds of invitations, the newest first, and how many have come',
  roles: READERS,
  input: z.object(page),
  async run({ rounds }, { after, limit }) {
    const { found } = await rounds.list(after, limit)
    return found.map(summary)
  },
})

export const showInvitations = verb({
  name: 'invitations:show',
  summary: 'Show a round of invitations: how fast its mails leave, and how many have come',
  roles: READERS,
  input: z.object({ round }),
  async run({ rounds }, input) {
    const found = await rounds.find(input.round)
    if (!found) throw unfit('unknown')
    return summary(found)
  },
})

export const listAbsent = verb({
  name: 'invitations:absent',
  summary: 'List who was invited in a round and has not come, by name',
  roles: READERS,
  input: z.object({ round, ...page }),
  async run(context, { round: id, after, limit }) {
    const { found } = await context.rounds.absent(id, after, limit)
    return found.map(({ account, dueAt, sentAt, expiresAt }) => ({
      ...summaryOf(context, account),
      dueAt,
      sentAt,
      expiresAt,
    }))
  },
})

export const resendInvitations = verb({
  name: 'invitations:resend',
  summary: 'Mail a new link to all of a round who have not come, at its pace; not to whom one left less than a day ago',
  roles: HELPERS,
  sensitive: true,
  input: z.object({ round }),
  async run({ invitations }, input, actor) {
    const asked = await invitations.resend(input.round, mayActAs(actor))
    if (!asked.ok) throw unfit(asked.reason)
    return { round: input.round, due: asked.due, left: asked.left }
  },
})

export const withdrawInvitations = verb({
  name: 'invitations:withdraw',
  summary: 'Withdraw the invitations of a round that nobody has answered: links open nothing, and addresses are free',
  roles: HELPERS,
  sensitive: true,
  input: z.object({ round }),
  async run({ invitations }, input, actor) {
    const by = { actor: actorName(actor), source: actor.source }
    const gone = await invitations.withdraw(input.round, mayActAs(actor), by)
    if (!gone.ok) throw unfit(gone.reason)
    return { round: input.round, withdrawn: gone.withdrawn, left: gone.left }
  },
})

async function planOf({ invitations }: AdminContext, { csv, ...input }: File) {
  const planned = await invitations.plan(Buffer.from(csv, 'base64'), wishOf(input))
  if (planned.ok) return planned
  if (planned.reason !== 'too-slow') throw new FileRefused(planned.reason, planned.columns)
  const path = planned.field === 'perDay' ? 'limit' : 'perHour'
  throw new InputError('The input is not in order.', [
    { path, at: [path], code: planned.reason, reason: 'is so few that the mails would leave on more than 400 days' },
  ])
}

function wishOf({ emailColumn, organization, locale, perHour, limit, anyTime, lookAlike }: Omit<File, 'csv'>): Wish {
  return { emailColumn, organization, locale, lookAlike, pace: { perHour, perDay: limit, workingHours: !anyTime } }
}

function answerOf({ plan: { digest, round: id, file, lines }, waves }: Awaited<ReturnType<typeof planOf>>) {
  return {
    digest,
    round: id,
    invite: counted(lines, 'invite'),
    same: counted(lines, 'same'),
    refused: counted(lines, 'refuse'),
    headings: file.headings,
    separator: file.separator,
    unused: file.unused,
    waves,
    lines: lines.map(({ line, action, person: { email, name, locale }, organization, cells, faults }) => ({
      line,
      action,
      email,
      name,
      locale,
      organization,
      ...(action === 'refuse' && { cells, faults: faults.map(told) }),
    })),
  }
}

function told({ field, code, said, hint }: LineFault) {
  return {
    field,
    code,
    reason: LINE_WORDS[code],
    ...(said !== undefined && { said }),
    ...(hint !== undefined && { hint }),
  }
}

function counted(lines: PlannedLine[], action: PlannedLine['action']): number {
  return lines.filter((line) => line.action === action).length
}

function summary({ id, label, by, perHour, perDay, workingHours, withdrawn, createdAt, people }: SeenRound) {
  const { due, sent, came, ended } = people
  return {
    round: id,
    label,
    actor: by,
    createdAt,
    perHour,
    limit: perDay,
    anyTime: !workingHours,
    people: due + sent + came + ended,
    due,
    sent,
    came,
    ended,
    withdrawn,
  }
}

/** Of somebody above them nothing is sent again, and nothing withdrawn. */
function mayActAs(actor: Actor): (account: { id: string; roles: string[] }) => boolean {
  return (account) => mayActOn(actor, account).ok
}

const WORDS = {
  unknown: 'there is no such round of invitations',
  'plan-changed': 'something has changed since the plan was made: make it again',
  nobody: 'there is nobody in the file who can be invited',
}

function unfit(reason: keyof typeof WORDS): AppError {
  return new AppError(reason === 'unknown' ? 'not-found' : reason, WORDS[reason], {
    status: reason === 'unknown' ? 404 : 409,
  })
}
