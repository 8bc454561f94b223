/**
 * Who may do what to whom: roles, and the one rule that nobody acts on someone above them, or on themselves.
 */

import { operatorActor } from '../audit/actor.ts'
import type { Source } from '../audit/audit.ts'
import { ADMIN_SCOPES, type AdminScope } from '../client/scopes.ts'
import type { Done, Outcome } from '../lib/outcome.ts'

/** From the highest. */
export const ROLES = ['owner', 'client-admin', 'auditor', 'help-desk'] as const
export type Role = (typeof ROLES)[number]

/** Who runs a verb. */
export interface Actor {
  /**
   * Account id, or `client:<id>` of an application that acts for itself; undefined for whoever works at the machine, who
   * could change the data anyway.
   */
  id: string | undefined
  roles: string[]
  via: 'command-line' | 'pages' | 'api'
  /** At the command line: the name under which the machine knows who it is. */
  operator?: string
  /** The application by which a person does it, at the API. */
  client?: string
  /** At the API: what the token is for. A role opens no more by it. */
  scopes?: ReadonlySet<string>
  /** Digest of a key that the request may be done once with. */
  request?: string
  source: Source | undefined
}

/** How the audit trail names whoever runs a verb. */
export function actorName({ id, operator }: Actor): string {
  return id ?? operatorActor(operator)
}

/** Whom a verb is about. */
export interface Target {
  id: string
  roles: string[]
}

export type Allowed = Outcome<Done, 'role-missing' | 'role-not-held' | 'self' | 'above'>

/** Whether the actor has one of these roles. */
export function mayRun(actor: Actor, roles: readonly Role[]): Allowed {
  if (atTheMachine(actor) || roles.some((role) => actor.roles.includes(role))) return { ok: true }
  return { ok: false, reason: 'role-missing' }
}

/** Whether the actor may act on this person; what may be done at all is `mayRun`'s to say. */
export function mayActOn(actor: Actor, target: Target): Allowed {
  if (atTheMachine(actor)) return { ok: true }
  if (target.id === actor.id) return { ok: false, reason: 'self' }
  if (actor.roles.includes('owner')) return { ok: true }
  // Any role, also one that this version does not know: a colleague of the help desk could be made to open the door.
  if (target.roles.length > 0) return { ok: false, reason: 'above' }
  return { ok: true }
}

/**
 * Whether the actor may give these roles to somebody else: only an owner gives any, or one person could be two in the
 * audit trail (Keycloak CVE-2026-94000 is what happens otherwise). At the API only by a token that is for everything: by
 * what is given one gets at the rest.
 */
export function mayGive(actor: Actor, roles: readonly string[]): Allowed {
  if (roles.length === 0 || atTheMachine(actor)) return { ok: true }
  if (actor.roles.includes('owner') && ADMIN_SCOPES.every((scope) => isFor(actor, scope))) return { ok: true }
  return { ok: false, reason: 'role-not-held' }
}

/** Whether what the actor came with is for this, too: a token of the API may be for a part of it. */
export function isFor({ scopes }: Pick<Actor, 'scopes'>, scope: AdminScope): boolean {
  return scopes?.has(scope) ?? true
}

/** Both must say so: a page that lost its visitor's id must not become the machine's operator. */
function atTheMachine({ id, via }: Actor): boolean {
  return via === 'command-line' && id === undefined
}
