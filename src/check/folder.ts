/** The folder of the embedded store and what is in it: whether we can use it, and whether others could. */
import { accessSync, constants, existsSync, type Stats, statfsSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileReason } from '../lib/file-fault.ts'
import { ownUser } from '../lib/own-user.ts'
import { type Finding, ok } from './finding.ts'

const NAME = 'data'
const BACKUPS = 'backup.folder'
const { R_OK, W_OK, X_OK } = constants
/** Bits of a mode: what others than the owner and the group may do, and what the group may. */
const OTHERS = 0o007
const OTHERS_WRITE = 0o002
const GROUP = 0o070
const GROUP_WRITE = 0o020
const GIGABYTE = 2 ** 30

/** `files` are names of what the product keeps in there, as far as it is there. */
export function checkFolder(folder: string, files: readonly string[]): Finding[] {
  const about = statOf(folder)
  if ('reason' in about) return [unusable(folder, about.reason)]
  if (about.stats === undefined) return [checkParent(folder)]
  if (!about.stats.isDirectory())
    return [
      {
        level: 'fault',
        name: NAME,
        found: `${folder} is a file`,
        expected: 'a folder',
        remedy: `set ${NAME} to a folder`,
      },
    ]
  const may = mayUse(folder, R_OK | W_OK | X_OK)
  if (may !== undefined) return [unusable(folder, may)]
  const inside = files.map((name) => join(folder, name)).filter((path) => existsSync(path))
  const found = [...aboutFolder(folder, about.stats), ...inside.flatMap(checkFile), ...checkSpace(folder)]
  return found.some(({ level }) => level !== 'ok') ? found : [...found, ok(NAME, `${folder} is ours alone`)]
}

function unusable(folder: string, reason: string): Finding {
  const user = ownUser()
  return {
    level: 'fault',
    name: NAME,
    found: `${folder}: ${reason}`,
    expected: `a folder in which the user ${user} may read and write`,
    remedy: `chown ${user} ${folder} && chmod 700 ${folder}`,
  }
}

/** Of one that is not there yet: it will be made, if that can be. */
function checkParent(folder: string): Finding {
  const user = ownUser()
  let above = dirname(folder)
  while (!existsSync(above)) above = dirname(above)
  const reason = statSync(above).isDirectory() ? mayUse(above, W_OK | X_OK) : 'is a file'
  const making = `install -d -m 700 -o ${user} ${folder}`
  if (reason !== undefined)
    return {
      level: 'fault',
      name: NAME,
      found: `there is no ${folder}, and it cannot be made: ${above}: ${reason}`,
      expected: `a folder in which the user ${user} may read and write`,
      remedy: making,
    }
  if (above === dirname(folder)) return ok(NAME, `there is no ${folder} yet: the first start makes it`)
  return {
    level: 'warning',
    name: NAME,
    found: `there is no ${dirname(folder)}, in which ${basename(folder)} would be`,
    expected: 'a folder in one that is there, unless this is the first start',
    remedy: `look at how ${NAME} is spelled, or ${making}`,
  }
}

function aboutFolder(folder: string, { mode, uid }: Stats): Finding[] {
  const found: Finding[] = []
  const closed = { expected: 'open to its owner only (700)', remedy: `chmod 700 ${folder}` }
  const shown = `${folder} has the mode ${modeOf(mode)}`
  if (mode & OTHERS_WRITE)
    found.push({ level: 'fault', name: NAME, found: `others may put files into it: ${shown}`, ...closed })
  else if (mode & OTHERS)
    found.push({ level: 'warning', name: NAME, found: `others may look into it: ${shown}`, ...closed })
  if (mode & GROUP_WRITE)
    found.push({ level: 'warning', name: NAME, found: `its group may put files into it: ${shown}`, ...closed })
  const self = process.geteuid?.()
  if (self !== undefined && uid !== self)
    found.push({
      level: 'warning',
      name: NAME,
      found: `${folder} belongs to the user with the number ${uid}, and this is ${ownUser()}`,
      expected: 'the user that the server runs as, who owns the folder',
      remedy: `run this as that user, or chown -R ${ownUser()} ${folder}`,
    })
  return found
}

/** Of back-ups. What is wrong with it keeps no server from starting, but each back-up of it, or what it is worth. */
export function checkBackupFolder(folder: string): Finding {
  const user = ownUser()
  const ours = { expected: `a folder of the user ${user} alone (700)`, remedy: `chmod 700 ${folder}` }
  const warning = (found: string, more = {}): Finding => ({ level: 'warning', name: BACKUPS, found, ...ours, ...more })
  const making = { remedy: `install -d -m 700 -o ${user} ${folder}` }
  const about = statOf(folder)
  if ('reason' in about) return warning(`${folder}: ${about.reason}`, making)
  if (!about.stats?.isDirectory()) return warning(`${folder} is no folder: no back-up can be made`, making)
  const may = mayUse(folder, R_OK | W_OK | X_OK)
  if (may !== undefined) return warning(`${folder}: ${may}: no back-up can be made`, making)
  const { mode } = about.stats
  const shown = `${folder} has the mode ${modeOf(mode)}`
  if (mode & OTHERS_WRITE) return warning(`others may remove back-ups, so none is made there: ${shown}`)
  if (mode & GROUP_WRITE) return warning(`its group may remove back-ups, and put others in their place: ${shown}`)
  return ok(BACKUPS, `${folder} is ours to write to`)
}

/** What is in them is for nobody else. */
function checkFile(path: string): Finding[] {
  const about = statOf(path)
  if ('reason' in about || about.stats === undefined) return []
  const { mode } = about.stats
  if (!about.stats.isFile())
    return [
      { level: 'fault', name: path, found: 'is no plain file', expected: 'a file of ours', remedy: 'move it away' },
    ]
  const may = mayUse(path, R_OK | W_OK)
  const user = ownUser()
  const ours = {
    expected: `a file that the user ${user} may read and write, and nobody else`,
    remedy: `chown ${user} ${path} && chmod 600 ${path}`,
  }
  if (may !== undefined) return [{ level: 'fault', name: path, found: may, ...ours }]
  if (mode & OTHERS)
    return [{ level: 'fault', name: path, found: `others may open it: it has the mode ${modeOf(mode)}`, ...ours }]
  if (mode & GROUP)
    return [{ level: 'warning', name: path, found: `its group may open it: it has the mode ${modeOf(mode)}`, ...ours }]
  return []
}

function checkSpace(folder: string): Finding[] {
  try {
    const { bavail, bsize } = statfsSync(folder)
    if (bavail * bsize >= GIGABYTE) return []
    const left = Math.floor((bavail * bsize) / 2 ** 20)
    return [
      {
        level: 'warning',
        name: NAME,
        found: `${left} MB are left on the disk of ${folder}`,
        expected: '1 GB or more',
        remedy: 'give it more space: a full disk stops every sign-in',
      },
    ]
  } catch {
    // Some file systems do not say.
    return []
  }
}

/** No stats: there is nothing of that name. */
function statOf(path: string): { stats: Stats | undefined } | { reason: string } {
  try {
    return { stats: statSync(path, { throwIfNoEntry: false }) }
  } catch (fault) {
    const reason = fileReason(fault)
    if (reason === undefined) throw fault
    return { reason }
  }
}

function mayUse(path: string, mode: number): string | undefined {
  try {
    accessSync(path, mode)
    return undefined
  } catch (fault) {
    const code = (fault as NodeJS.ErrnoException).code
    return code === 'EACCES' ? `the user ${ownUser()} may not write to it` : (fileReason(fault) ?? String(code))
  }
}

function modeOf(mode: number): string {
  return (mode & 0o777).toString(8)
}
