/**
 * Going through a file line by line: what is read, what it meets, and what would be done. Its digest is of every line and
 * what becomes of it, so that what is carried out is what was looked at.
 */
import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { holdsCitizenNumber } from '../accounts/citizen-number.ts'
import { type LookAlikes, type LookAlikesParts, lookAlikes } from '../accounts/look-alike.ts'
import { hmac, type Keyring } from '../lib/crypto.ts'
import { InputError } from '../lib/errors.ts'
import { numberKeys } from '../mfa/number-key.ts'
import type { Account } from '../person/account.ts'
import { type Change, type Conflict, type Decision, decide, type Known } from './decide.ts'
import { type FirebaseProject, fieldsOf } from './exported.ts'
import { EXPORTERS, type ExporterName } from './exporters.ts'
import type { ImportFile } from './import-file.ts'
import { type Incoming, type Reading, readLine } from './incoming.ts'
import type { LineFault } from './line.ts'
import { type Keyed, type LookUpParts, lookUp } from './look-up.ts'
import type { Item } from './reader.ts'
import { type Survey, survey } from './survey.ts'

export interface ImportOptions extends Omit<Reading, 'countries'> {
  source: string
  from: ExporterName
  /** Of whoever's line names none. */
  organization: string | undefined
  firebase: FirebaseProject | undefined
}

/** What is told of a line. */
export interface Told {
  line: number
  externalId?: string
  do: Decision['do'] | 'refuse'
  changes?: Change[]
  conflicts?: Conflict[]
  faults?: LineFault[]
  /** What is left out of it. */
  notes?: LineFault[]
  /** Its address looks like that of this account or organization, or like another in the file, or mixes scripts. */
  looksLike?: string
}

export interface Step {
  known: Known
  account: Account | undefined
  decision: Decision
  /** It makes the account, or this very plan has made it. */
  made: boolean
  /** A mail with a link has left, or waits. */
  invited: boolean
}

export interface Planned {
  item: Item
  told: Told
  /** What becomes of it, in a few signs. */
  did: string
  step: Step | undefined
}

export type Progress = (phase: string, lines: number) => void

export interface PlanningParts {
  people: LookUpParts['people'] & LookAlikesParts['people']
  organizations: LookUpParts['organizations'] & LookAlikesParts['organizations']
  ring: Keyring
  /** That text messages go to. */
  countries: readonly string[]
  onProgress: Progress
}

/** One going through the file. */
interface Round {
  options: ImportOptions
  seen: Survey
  alikes: LookAlikes
  plan: string | undefined
}

/** Lines at once: enough to share a commit. */
const BITE = 100

export function planning(parts: PlanningParts) {
  const meets = lookUp(parts)
  const { ring, countries } = parts
  const keys = ring.deriveAll('imported-secrets')

  function readItem(
    item: Item,
    options: ImportOptions,
  ): { ok: true; incoming: Incoming } | { ok: false; faults: LineFault[] } {
    const { value } = item
    if (!value.ok) return { ok: false, faults: [{ field: '', code: value.code, reason: value.reason }] }
    const reading = { ...options, countries }
    if (options.from === 'people') return readLine(withOrganization(value.value, options), reading)
    const { line, faults, notes = [] } = EXPORTERS[options.from].convert(fieldsOf(value.value), options.firebase)
    const read = readLine(withOrganization(line, options), reading)
    if (read.ok && faults.length === 0)
      return { ok: true, incoming: { ...read.incoming, notes: [...notes, ...read.incoming.notes] } }
    return { ok: false, faults: [...faults, ...(read.ok ? [] : read.faults)] }
  }

  /** By each key, since what is kept may be by an older one. */
  function keyed({ apps, phone }: Incoming): Keyed {
    return {
      secrets: apps && keys.map((key) => apps.map(({ secret }) => hmac(key, secret)).toSorted()),
      numbers: phone ? numberKeys(ring, phone.number) : undefined,
    }
  }

  async function look(file: ImportFile, options: ImportOptions): Promise<Survey> {
    const seen = survey(holdsCitizenNumber)
    let lines = 0
    for await (const item of file.items()) {
      lines += 1
      if (lines % BITE === 0) await setImmediate()
      if (lines % 1000 === 0) parts.onProgress('read', lines)
      const read = readItem(item, options)
      if (read.ok) seen.note(item.line, read.incoming, keyed(read.incoming).secrets?.[0] ?? [])
    }
    if (seen.holdsCitizenNumbers())
      throw new InputError('The file', [
        {
          path: 'external_id',
          reason: 'holds citizen service numbers (BSN), which may not be kept here',
          code: 'citizen-number',
        },
      ])
    return seen
  }

  async function planOne(item: Item, round: Round): Promise<Planned> {
    const { options, seen, plan } = round
    const { line } = item
    const read = readItem(item, options)
    if (!read.ok) return refused(item, read.faults, undefined)
    const { incoming } = read
    const { externalId } = incoming
    const digests = keyed(incoming)
    const twice = seen.faults(line, incoming, digests.secrets?.[0] ?? [])
    if (twice.length > 0) return refused(item, twice, externalId)
    const found = await meets.find(options, incoming, digests, seen)
    if (!found.ok) return refused(item, found.faults, externalId)
    const { known, account, invited } = found
    const decision = decide(known, account)
    const comes = !account || decision.changes.some(({ field }) => field === 'email')
    const looksLike = comes ? await alike(incoming, account?.id, round) : undefined
    const told: Told = {
      ...{ line, externalId, do: decision.do },
      ...(decision.changes.length > 0 && { changes: decision.changes }),
      ...(decision.conflicts.length > 0 && { conflicts: decision.conflicts }),
      ...(known.notes.length > 0 && { notes: known.notes }),
      ...(looksLike !== undefined && { looksLike }),
    }
    // A name may be another organization's by the time that it is carried out. What this very plan has done already is still what it does: so it goes on where it was stopped.
    const run = account?.imported?.run
    const making = short([decide(known, undefined), known.organizationId])
    const did = plan !== undefined && run?.plan === plan ? run.did : account ? short(decision) : making
    const made = !account || (run?.plan === plan && run?.did === making)
    return { item, told, did, step: { known, account, decision, made, invited } }
  }

  async function alike({ email }: Incoming, self: string | undefined, { seen, alikes }: Round) {
    const found = await alikes(email, self)
    if (found.some(({ like }) => like === 'nothing-else')) return 'mixed-scripts'
    if (seen.looksLikeAnother(email)) return 'another-line'
    return found.map((other) => ('id' in other ? other.id : other.domain))[0]
  }

  return {
    /** In bites, in the order of the file. `plan` is the digest of the plan that is being carried out. */
    async *lines(file: ImportFile, options: ImportOptions, seen: Survey, phase: string, plan?: string) {
      const round: Round = { options, seen, alikes: lookAlikes(parts), plan }
      let bite: Item[] = []
      let lines = 0
      async function* planBite() {
        lines += bite.length
        yield await Promise.all(bite.map((item) => planOne(item, round)))
        parts.onProgress(phase, lines)
        // Lines that come in one request are there at once: whoever signs in meanwhile is not to wait for all of them.
        await setImmediate()
        bite = []
      }
      for await (const item of file.items()) if (bite.push(item) === BITE) yield* planBite()
      if (bite.length > 0) yield* planBite()
    },
    look,
  }
}

export type Planning = ReturnType<typeof planning>

/** Grows with each line. */
export function planDigest({ now: _now, ...options }: ImportOptions) {
  const hash = createHash('sha256').update(JSON.stringify(options))
  return {
    add: ({ item, did }: Planned) => void hash.update(`${item.line} ${short(item.text)} ${did}\n`),
    hex: () => hash.digest('hex').slice(0, 32),
  }
}

function refused(item: Item, faults: LineFault[], externalId: string | undefined): Planned {
  const told: Told = { line: item.line, ...(externalId !== undefined && { externalId }), do: 'refuse', faults }
  return { item, told, did: short(faults), step: undefined }
}

function withOrganization(value: unknown, { organization }: ImportOptions): unknown {
  if (organization === undefined || typeof value !== 'object' || value === null || 'organization' in value) return value
  return { ...value, organization }
}

function short(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return createHash('sha256').update(text).digest('base64url').slice(0, 22)
}
