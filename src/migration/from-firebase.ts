/** Firebase's `auth:export` in JSON. What all users of a project have in common is given beside it. */
import { type Converted, type Fields, type FirebaseProject, momentOf, present, textOf } from './exported.ts'
import type { LineFault } from './line.ts'

export function firebase(user: Fields, project: FirebaseProject | undefined): Converted {
  const digest = textOf(user.passwordHash)
  const faults: LineFault[] = []
  if (digest !== undefined && !project)
    faults.push({
      field: 'password',
      code: 'required',
      reason: 'needs the parameters of the project: --firebase',
    })
  const line = {
    external_id: user.localId,
    id: user.localId,
    email: user.email,
    email_verified: user.emailVerified,
    name: textOf(user.displayName) ?? user.email,
    status: user.disabled === true ? 'disabled' : 'active',
    created_at: momentOf(user.createdAt),
    // Whoever came by another provider has none, and is invited.
    password: digest && project ? { scheme: 'firebase-scrypt', ...project, salt: user.salt, digest } : undefined,
  }
  return { line: present(line), faults }
}
