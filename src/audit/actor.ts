/**
 * Who did something, where it is no account: a name with a colon, or one of two words. No account id looks like them:
 * those are made by us, or brought along in a form that has a colon after `f` only (migration/line.ts).
 */
import type { Source } from './event.ts'

/** What no request caused: a session that has run out, a key that is due. */
export const SYSTEM = 'system'
/** Whoever sent the request: that it was the owner of an account was not proven. */
export const UNKNOWN = 'unknown'

/** Whoever works at the machine itself, by the name that it knows them by. */
export function operatorActor(name: string | undefined): string {
  return `operator:${name ?? ''}`
}

/** An application, where it acts by itself or with a token that it was given. */
export function clientActor(clientId: string | undefined): string | undefined {
  return clientId === undefined ? undefined : `client:${clientId}`
}

export type ActorKind = 'account' | 'operator' | 'client' | 'system' | 'unknown'

/** What kind of actor this is, and its name without the kind. */
export function actorNamed(actor: string): { kind: ActorKind; name: string } {
  if (actor === SYSTEM || actor === UNKNOWN) return { kind: actor, name: '' }
  const [, kind, name] = /^(operator|client):(.*)$/s.exec(actor) ?? []
  return kind === undefined ? { kind: 'account', name: actor } : { kind: kind as ActorKind, name: name ?? '' }
}

/** Who did what names nobody. */
export function nobodys({ source }: { source?: Source | undefined }): string {
  return source ? UNKNOWN : SYSTEM
}
