/**
 * What became of something that was asked for: what was wanted, or the reason why not. A refusal is such a value, and
 * whoever asked decides what to say of it; a fault is thrown (errors.ts).
 */
export type Outcome<T, Reason extends string, Later extends string = never> =
  | ({ ok: true } & T)
  | Refusal<Reason>
  | Delay<Later>

/** For an outcome that says no more than that it was done. */
export type Done = Record<never, never>

type Refusal<Reason extends string> = [Reason] extends [never] ? never : { ok: false; reason: Reason }
/** Waiting helps: until `retryAt`, in milliseconds. */
type Delay<Later extends string> = [Later] extends [never] ? never : { ok: false; reason: Later; retryAt: number }
