import { keyIdOf } from '../lib/crypto.ts'

/** What a check sees of a store without changing anything in it. */
export interface Looked {
  /** Of every application that was ever kept, those that were deleted among them. */
  clients: Array<{ id: string; status: string }>
  /** Ids of the root keys that passwords are peppered with, and of which nothing is kept that would do instead. */
  passwordKeys: string[]
  /** Ids of the root keys that signing keys are sealed with. */
  signingKeys: string[]
  /** Ids of the root keys that a server has had, and of which nobody wrote down that nothing needs them. */
  rootKeys: string[]
  /** How many people have passkeys, by the RP id that they were made for. Of the embedded store only where all is asked. */
  passkeys?: Array<{ rpId: string; people: number }>
  /** When the trail's last record was made, in milliseconds. As passkeys; undefined, too, before the first. */
  lastRecordAt?: number | undefined
  /** The last moment at which a server believed its clock, in milliseconds; undefined if none has. */
  knownTime?: number | undefined
  /** By the store's clock, in milliseconds; undefined if that is this machine's. */
  time?: number
  /** What is allowed, and not wise. */
  warnings?: string[]
}

export type Look =
  | { ok: true; looked: Looked | undefined }
  | { ok: false; found: string; expected: string; remedy: string }

/** By the values of the finder `passkeyGroup`: an RP id, and a group of people. */
export function passkeysOf(counted: ReadonlyArray<{ value: string | number; count: number }>): Looked['passkeys'] {
  const people = new Map<string, number>()
  for (const { value, count } of counted) {
    const [rpId = ''] = String(value).split(' ', 1)
    people.set(rpId, (people.get(rpId) ?? 0) + count)
  }
  return [...people].map(([rpId, count]) => ({ rpId, people: count }))
}

/** Root keys that the set of signing keys needs, each once. */
export function sealedWith(signingKeys: ReadonlyArray<{ sealed: string }>): string[] {
  return [...new Set(signingKeys.map(({ sealed }) => keyIdOf(sealed)))]
}

interface KeptRootKey {
  id: string
  record: { kept: ReadonlyArray<{ purpose: string }>; clearedAt?: number | undefined }
}

/** What is needed of root keys, by the ids that passwords have and by what is kept of each key. */
export function neededKeys(
  peppers: readonly unknown[],
  known: readonly KeptRootKey[],
): Pick<Looked, 'passwordKeys' | 'rootKeys'> {
  const kept = new Set(
    known.filter(({ record }) => record.kept.some(({ purpose }) => purpose === 'pepper')).map(({ id }) => id),
  )
  return {
    passwordKeys: peppers.map(String).filter((id) => !kept.has(id)),
    rootKeys: known.filter(({ record }) => record.clearedAt === undefined).map(({ id }) => id),
  }
}

/** All of them: there are a handful. */
export const ROOT_KEYS = { by: 'knownAt', limit: 1000 } as const
