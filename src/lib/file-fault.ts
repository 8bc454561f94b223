/** What an operator can mend about a file or folder, told in words: who may not do what, and never a stack trace. */
import { ownUser } from './own-user.ts'

const REASONS: Record<string, (user: string) => string> = {
  ENOENT: () => 'there is no such file',
  ENOTDIR: () => 'a part of the path is no folder',
  EISDIR: () => 'is a folder, and has to be a file',
  ELOOP: () => 'is a link that leads around in a circle',
  EACCES: (user) => `the user ${user} may not open it: give that user the right to`,
  EPERM: (user) => `the system does not let the user ${user} do that with it`,
  EROFS: () => 'is on a file system that is mounted read-only',
  ENOSPC: () => 'there is no space left on its disk',
  EDQUOT: (user) => `the user ${user} has used up what the disk's quota allows`,
  EMFILE: () => 'this process has too many files open: raise its limit (ulimit -n)',
  ENFILE: () => 'the system has too many files open',
  EIO: () => 'the disk did not answer as it should (EIO)',
  ENAMETOOLONG: () => 'the path is longer than the system allows',
}

/** What the system says of one, by its code; undefined if that is nothing about a file. */
export function fileReason(fault: unknown): string | undefined {
  const code = fault instanceof Error && 'code' in fault ? String(fault.code) : ''
  return Object.hasOwn(REASONS, code) ? REASONS[code]?.(ownUser()) : undefined
}
