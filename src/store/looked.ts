/** What a check sees of a store without changing anything in it. */
export interface Looked {
  /** Of every application that was ever kept, those that were deleted among them. */
  clients: Array<{ id: string; status: string }>
  /** Ids of the root keys that passwords are peppered with. */
  passwordKeys: string[]
  /** By the store's clock, in milliseconds; undefined if that is this machine's. */
  time?: number
  /** What is allowed, and not wise. */
  warnings?: string[]
}

export type Look =
  | { ok: true; looked: Looked | undefined }
  | { ok: false; found: string; expected: string; remedy: string }
