/** What is undefined is not kept. It is there again in the records that are handed out, as in those that were put in. */
import type { Person } from './person.ts'

const ACCOUNT = {
  givenName: undefined,
  familyName: undefined,
  organization: undefined,
  passwordHash: undefined,
  passwordChangedAt: undefined,
  enrolledAt: undefined,
  noticeEmail: undefined,
  previousEmail: undefined,
  emailChangedAt: undefined,
}
const LINK = { usedAt: undefined }
const UNDO = { enrolledAt: undefined, factors: undefined }
const AUTHENTICATOR = { numberKey: undefined, lastUsedAt: undefined }
const BACKUP = { savedAt: undefined }
const DEVICE = { previousDigest: undefined }
const CASE = { closedAt: undefined, closedBy: undefined, check: undefined, sealedNote: undefined }

/** The same document, as far as it was read. */
export function withUndefined<P extends Partial<Person>>(kept: P): P {
  const { account, links, undos, authenticators, backup, devices, cases } = kept
  return {
    ...kept,
    ...(account && { account: { ...ACCOUNT, ...account } }),
    ...(links && { links: links.map((link) => ({ ...LINK, ...link })) }),
    ...(undos && { undos: undos.map((undo) => ({ ...UNDO, ...undo })) }),
    ...(authenticators && { authenticators: authenticators.map((each) => ({ ...AUTHENTICATOR, ...each })) }),
    ...(backup && { backup: { ...BACKUP, ...backup } }),
    ...(devices && { devices: devices.map((device) => ({ ...DEVICE, ...device })) }),
    ...(cases && { cases: cases.map((each) => ({ ...CASE, ...each })) }),
  }
}
