/** Verbs that bring people in from elsewhere, with what they sign in by: what it would do, doing it, and taking it back. */
import { z } from 'zod'
import { AppError, InputError } from '../lib/errors.ts'
import type { FirebaseProject } from '../migration/exported.ts'
import { EXPORTER_NAMES } from '../migration/exporters.ts'
import { fileInText, fileOnDisk, type ImportFile } from '../migration/import-file.ts'
import { SOURCE } from '../migration/line.ts'
import type { ImportOptions } from '../migration/planning.ts'
import { PACE } from './invitations.ts'
import { READERS } from './person.ts'
import { type Actor, actorName, mayGive, ROLES } from './role.ts'
import { type AdminContext, insist, verb } from './verb.ts'

/** Whoever brings a password and a role along could bring themselves. */
const IMPORTERS = ['owner'] as const

const source = z
  .string()
  .regex(SOURCE, 'is 1 to 32 small letters, digits or hyphens')
  .describe('what the old system is called: people are known by it and their id there in every run')

const digest = z
  .string()
  .regex(/^[0-9a-f]{32}$/, 'is no digest of a plan: people:plan prints it')
  .describe('digest of the plan that is to be done, as people:plan printed it')

const input = {
  source,
  from: z
    .enum(EXPORTER_NAMES)
    .default('people')
    .describe(`what wrote the file: ${EXPORTER_NAMES.join(', ')}; people is our own format, docs/import.md`),
  file: z
    .string()
    .min(1)
    .optional()
    .describe('a file on this machine; other doors than the command line have no files'),
  lines: z.string().max(1_000_000).optional().describe('the lines themselves, instead of a file'),
  organization: z
    .string()
    .trim()
    .min(1)
    .max(80)
    .optional()
    .describe('of whoever has none in the file: exact name or number'),
  firebase: z
    .base64()
    .max(10_000)
    .optional()
    .describe('the hash parameters of a Firebase project in JSON: signer_key, salt_separator, rounds, mem_cost'),
  realm: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe('of whom, where a file of Keycloak has several realms: its name'),
  acceptWeak: z
    .boolean()
    .default(false)
    .describe('also one round of MD5 or SHA: their owners have to choose another password'),
  withRoles: z.boolean().default(false).describe('takes the roles in the file'),
}

type Input = z.output<z.ZodObject<typeof input>>

export const planPeople = verb({
  name: 'people:plan',
  summary: 'Show what bringing people in from a file would do, line by line: created, changed, in conflict, refused',
  roles: IMPORTERS,
  sensitive: true,
  input: z.object(input),
  run: (context, given, actor) => context.migration.plan(fileFor(given, actor), optionsOf(context, given, actor)),
})

export const applyPeople = verb({
  name: 'people:apply',
  summary: 'Bring people in: exactly the plan whose digest is given; it goes on where it was stopped',
  roles: IMPORTERS,
  sensitive: true,
  input: z.object({
    ...input,
    plan: digest,
    invite: z
      .boolean()
      .default(false)
      .describe('mails a link to those whom it makes and who have no password; without it nobody is mailed'),
    ...PACE,
  }),
  run(context, given, actor) {
    const { plan, invite, perHour, limit, anyTime } = given
    const pace = invite ? { perHour, perDay: limit, workingHours: !anyTime } : undefined
    return context.migration.apply(fileFor(given, actor), optionsOf(context, given, actor), plan, whoIs(actor), pace)
  },
})

export const forgetPeople = verb({
  name: 'people:forget',
  summary: 'Take back those of a source who never signed in, of one organization or of all',
  roles: IMPORTERS,
  sensitive: true,
  input: z.object({
    source,
    organization: z.string().trim().min(1).max(80).optional().describe('exact name or number'),
  }),
  async run({ migration, organizations }, { source: from, organization: named }, actor) {
    await organizations.follow()
    const found = named === undefined ? undefined : organizations.called(named)
    if (named !== undefined && !found) throw new AppError('not-found', 'there is no such organization', { status: 404 })
    // Somebody with a role, too, is taken back only by whoever could have given it.
    const may = (roles: string[]) => mayGive(actor, roles).ok
    return migration.forget({ source: from, organizationId: found?.id, mayGive: may }, whoIs(actor))
  },
})

export const migrationStatus = verb({
  name: 'migration:status',
  summary: 'Show how far people who were brought in are, by source and organization',
  roles: READERS,
  input: z.object({}),
  async run({ migration, organizations }) {
    const counts = await migration.status()
    return counts.map(({ organizationId, ...rest }) => {
      const organization = organizations.nameOf(organizationId)
      return { ...rest, ...(organization !== undefined && { organization }) }
    })
  },
})

/** The file is on the machine of whoever works there, as with the file of applications. */
function fileFor({ file, lines, from, realm }: Input, { via }: Actor): ImportFile {
  if (realm !== undefined && (from !== 'keycloak' || file === undefined))
    throw fault('realm', 'is of a file of Keycloak')
  if (lines !== undefined && file === undefined) return fileInText(lines, from)
  if (via !== 'command-line') throw fault('lines', 'is needed here: this door reads no file')
  if (file !== undefined && lines === undefined) return fileOnDisk(file, from, realm)
  throw fault('file', 'or lines is needed, one of them')
}

function optionsOf({ now }: AdminContext, given: Input, actor: Actor): ImportOptions {
  const { source: from, withRoles, acceptWeak, organization } = given
  if (withRoles) insist(mayGive(actor, ROLES))
  const firebase = given.firebase === undefined ? undefined : projectOf(given.firebase)
  const taken = withRoles ? ROLES : []
  return { source: from, from: given.from, organization, firebase, acceptWeak, withRoles: taken, now: now() }
}

const PROJECT = z.strictObject({
  signer_key: z.string(),
  salt_separator: z.string(),
  rounds: z.int().positive(),
  mem_cost: z.int().positive(),
})

function projectOf(base64: string): FirebaseProject {
  try {
    const parsed = PROJECT.safeParse(JSON.parse(Buffer.from(base64, 'base64').toString()))
    if (parsed.success) return parsed.data
  } catch {}
  throw fault('firebase', 'is no JSON with signer_key, salt_separator, rounds and mem_cost')
}

function whoIs(actor: Actor) {
  return { actor: actorName(actor), source: actor.source }
}

function fault(path: string, reason: string): InputError {
  return new InputError('The input is not in order.', [{ path, reason, code: 'required' }])
}
