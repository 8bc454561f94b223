/**
 * A folder of back-ups that are named by whose they are and by their moment (UTC), so that their names sort by time, and how
 * many of them are kept. Nothing else in the folder is touched: neither files with other names nor links, nor back-ups of
 * another installation, which may have been given the same folder.
 */
import { createHash } from 'node:crypto'
import { type Dirent, lstatSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { InputError } from '../../lib/errors.ts'
import { farFrom } from '../../lib/known-time.ts'
import { DAY } from '../../lib/time.ts'
import { backUp } from './backup.ts'
import { knownTimeIn } from './inspection.ts'

export interface BackupPlace {
  folder: string
  /** Whose back-ups of those that are in there (`ownerOf`). */
  owner: string
}

export interface Retention {
  /** How many stay, the new one among them; 1 or more. All, if nothing is said. */
  keep?: number | undefined
  /** Milliseconds that one stays; the new one stays in any case. For ever, if nothing is said. */
  keepFor?: number | undefined
}

export interface FolderBackup {
  file: string
  bytes: number
  /** Those that there were too many of. */
  removed: string[]
  /** Those that there are too many of, and that could not be removed. */
  stayed: string[]
  /** Those that there are too many of by a clock that is not believed (lib/known-time.ts): they stay as well. */
  held: string[]
  /** Those that a clock which was ahead named after a later moment: they neither count nor go. */
  later: string[]
  /** How many of other installations there are. None of them counts. */
  others: number
  /** Likewise, of those that do not say whose they are, as a release before made them. */
  nameless: number
}

/** Of a release before there are some that do not say whose they are: nobody's. */
const NAME = /^sigma-id-(?:(.+)-)?(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)\.(\d{3})Z\.db$/
const UNFINISHED = /\.unfinished(?:-journal|-wal|-shm)?$/
/** What is told of them to whoever has to decide. */
export const LATER =
  'back-ups that are named after a later moment neither count nor go: a clock was ahead, or is behind'
export const NAMELESS =
  'back-ups without a name, as a release before made them, neither count nor go: remove them when they are old'
/** After which what is not finished never will be. */
const ABANDONED = DAY
const WRITABLE_BY_ALL = 0o002
/** Of the digest of an issuer, which tells those apart that read alike. */
const DIGITS = 6

/** What an installation is called in the names of its back-ups: the host, port and path of its issuer, and of its digest a part. */
export function ownerOf(issuer: string): string {
  const name = issuer
    .replace(/^\w+:\/\//, '')
    .replace(/[^\w.]+/g, '-')
    .replace(/^-|-$/g, '')
  return `${name}-${createHash('sha256').update(issuer).digest('hex').slice(0, DIGITS)}`
}

/** `sigma-id-login.example.com-4b246b-20261130T063121.123Z.db`. */
export function nameAt(owner: string, at: number): string {
  return `sigma-id-${owner}-${new Date(at).toISOString().replace(/[-:]/g, '')}.db`
}

/**
 * Those that there are too many of go when the new one is finished and was looked through, so what fails leaves the
 * folder as it was. Two at once are two back-ups. Rejects as `backUp` does.
 */
export async function backUpInto(
  path: string,
  place: BackupPlace,
  { keep, keepFor }: Retention,
  at: number,
): Promise<FolderBackup> {
  const { folder, owner } = place
  insistFolder(folder)
  removeAbandoned(place, at)
  const file = join(folder, nameAt(owner, at))
  const bytes = await backUp(path, file, at)
  // One that a wrong clock named after a later moment is neither counted nor removed: this one would go for it.
  const all = momentsIn(place)
  const counted = all.filter((moment) => moment <= at)
  const isLimited = (keep ?? keepFor) !== undefined
  const old = (isLimited ? byMaking(place, counted, at) : []).filter(
    ({ moment, madeAt }, index) =>
      moment !== at && (index >= (keep ?? counted.length) || madeAt < at - (keepFor ?? Number.POSITIVE_INFINITY)),
  )
  const files = old.map(({ moment }) => join(folder, nameAt(owner, moment)))
  // Of a store in which nobody noted it the back-up before says what is known.
  const known = knownTimeIn(file) ?? counted.find((moment) => moment < at)
  const later = all.filter((moment) => moment > at).map((moment) => join(folder, nameAt(owner, moment)))
  const made = { file, bytes, later, ...othersIn(place) }
  if (farFrom(known, at)) return { ...made, removed: [], stayed: [], held: files }
  const stayed = files.filter((one) => !isRemoved(one))
  return { ...made, removed: files.filter((one) => !stayed.includes(one)), stayed, held: [] }
}

/**
 * The newest first, by when they were made: not before the moment that the store knew then. A clock that was behind named
 * some after an earlier one.
 */
function byMaking(
  { folder, owner }: BackupPlace,
  moments: number[],
  at: number,
): Array<Record<'moment' | 'madeAt', number>> {
  return moments
    .map((moment) => {
      const known = knownIn(join(folder, nameAt(owner, moment))) ?? moment
      return { moment, madeAt: known > at ? moment : Math.max(moment, known) }
    })
    .sort((one, other) => other.madeAt - one.madeAt || other.moment - one.moment)
}

/** Undefined where it cannot be read: it is too many as any other. */
function knownIn(file: string): number | undefined {
  try {
    return knownTimeIn(file)
  } catch {
    return undefined
  }
}

/** When the newest that is not of a later moment was made; undefined if there is none. Throws InputError without a folder. */
export function newestIn(place: BackupPlace, at: number): number | undefined {
  insistFolder(place.folder)
  return momentsIn(place).find((moment) => moment <= at)
}

/** The newest first. One that is empty was never finished. */
function momentsIn({ folder, owner }: BackupPlace): number[] {
  return filesIn(folder)
    .map(({ name }) => ({ name, moment: momentOf(name, owner) }))
    .flatMap(({ name, moment }) => (moment !== undefined && sizeOf(join(folder, name)) > 0 ? [moment] : []))
    .sort((one, other) => other - one)
}

function othersIn({ folder, owner }: BackupPlace): Pick<FolderBackup, 'others' | 'nameless'> {
  const owners = filesIn(folder)
    .map(({ name }) => NAME.exec(name))
    .flatMap((found) => (found ? [found[1]] : []))
  return {
    others: owners.filter((whose) => whose !== undefined && whose !== owner).length,
    nameless: owners.filter((whose) => whose === undefined).length,
  }
}

function momentOf(name: string, owner: string): number | undefined {
  const [, whose, year, month, day, hour, minute, second, millisecond] = NAME.exec(name) ?? []
  if (whose !== owner) return undefined
  const moment = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${millisecond}Z`)
  return Number.isNaN(moment) ? undefined : moment
}

/** What runs that were killed left. By age, because another one may be at it. */
function removeAbandoned({ folder, owner }: BackupPlace, at: number): void {
  for (const { name } of filesIn(folder)) {
    if (momentOf(name.replace(UNFINISHED, ''), owner) === undefined) continue
    const file = join(folder, name)
    const found = lstatSync(file, { throwIfNoEntry: false })
    if (!found || found.mtimeMs > at - ABANDONED) continue
    if (UNFINISHED.test(name) || found.size === 0) isRemoved(file)
  }
}

/** Links are none. */
function filesIn(folder: string): Dirent[] {
  return readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile())
}

function sizeOf(file: string): number {
  return lstatSync(file, { throwIfNoEntry: false })?.size ?? 0
}

function isRemoved(file: string): boolean {
  try {
    rmSync(file, { force: true })
    return true
  } catch {
    return false
  }
}

function insistFolder(folder: string): void {
  const found = statSync(folder, { throwIfNoEntry: false })
  // Not made here: where a disk was not mounted it would be made on the disk that it is to save.
  if (!found?.isDirectory())
    throw fault(`${folder} is no folder: make it, for the user that Sigma ID runs as, mode 0700`)
  if (found.mode & WRITABLE_BY_ALL) throw fault(`everybody may write to ${folder}: make it mode 0700`)
}

function fault(reason: string): InputError {
  return new InputError('The folder of back-ups', [{ path: 'folder', reason }])
}
