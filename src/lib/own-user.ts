/** Who this process is to the system: from the system, not from the environment, which says what one likes. */
import { userInfo } from 'node:os'

export function ownUser(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run under a number that has no name.
    return `uid ${process.getuid?.()}`
  }
}
