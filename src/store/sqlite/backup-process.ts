/**
 * Makes a back-up into a folder in a process of its own, because SQLite looks through a file in one go, which for a large
 * one takes seconds. Of low priority: people who sign in go first. What is to be done is its argument and what came of it
 * its output, both as JSON (app/backups.ts).
 */
import { setPriority } from 'node:os'
import { argv, stdout } from 'node:process'
import { AppError } from '../../lib/errors.ts'
import { type BackupPlace, backUpInto, type FolderBackup, type Retention } from './backup-folder.ts'

export interface Job extends Retention, BackupPlace {
  path: string
  at: number
}

export type JobOutcome = { made: FolderBackup } | { fault: { code: string; message: string } }

/** As nice(1) counts: 0 is everybody else, 19 the last. */
const LAST_BUT_FEW = 15

async function outcomeOf({ path, folder, owner, at, ...retention }: Job): Promise<JobOutcome> {
  try {
    return { made: await backUpInto(path, { folder, owner }, retention, at) }
  } catch (fault) {
    if (fault instanceof AppError) return { fault: { code: fault.code, message: fault.message } }
    return {
      fault: { code: 'unforeseen', message: fault instanceof Error ? (fault.stack ?? fault.message) : `${fault}` },
    }
  }
}

try {
  setPriority(LAST_BUT_FEW)
} catch {
  // Not everybody may: then it is one among others.
}
stdout.write(JSON.stringify(await outcomeOf(JSON.parse(argv[2] ?? '') as Job)))
