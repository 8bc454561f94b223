/**
 * What happened, as data. What a person reads of it is made elsewhere. No secret, code, token or password ever goes in;
 * addresses of people are named by account id only.
 */

/** Every kind of event there is. The list is closed, so that it can be a metric's label. */
export const EVENTS = [
  'account.invited',
  'account.imported',
  'account.activated',
  'account.hash-upgraded',
  'account.changed',
  'account.disabled',
  'account.enabled',
  'account.erased',
  'account.exported',
  'sign-in.password',
  'sign-in.passkey',
  'sign-in.second-factor',
  'sign-in.completed',
  'factor.enrolled',
  'factor.closed',
  'factor.renamed',
  'factor.removed',
  'passkey.counted-back',
  'sms.sent',
  'sms.refused',
  'backup-code.made',
  'device.remembered',
  'device.misused',
  'device.forgotten',
  'throttle.engaged',
  'link.requested',
  'link.sent',
  'link.refused',
  'password.reset',
  'password.changed',
  'recovery.requested',
  'recovery.canceled',
  'recovery.issued',
  'recovery.declined',
  'application.removed',
  'client.changed',
  'approval.requested',
  'approval.given',
  'approval.declined',
  'approval.withdrawn',
  'resource.changed',
  'organization.added',
  'organization.changed',
  'organization.disabled',
  'organization.enabled',
  'organization.merged',
  'admin.verb',
  'admin.refused',
  'session.ended',
  'sign-out.everywhere',
  'request.refused',
  'token.issued',
  'token.refused',
  'token.repeated',
  'token.reuse-detected',
  'token.revoked',
  'logout.notified',
  'key.rotated',
  'audit.pruned',
  'delivery.failed',
  'fault',
] as const

export type EventType = (typeof EVENTS)[number]
export type Outcome = 'ok' | 'refused' | 'failed'

/** Where a request came from, as far as we trust what we know of it. */
export interface Source {
  /** Client address; shortened to /24 or /48 after 90 days. */
  ip: string
  /** Ties the event to the request's log lines and to the reference on an error page. */
  correlation: string
  /** The sign-in that the request is a part of, from the application's request to its tokens (oidc/sign-in-name.ts). */
  signIn?: string | undefined
  /** The trace that a proxy of ours put the request into, or else its own name for it (web/trace-headers.ts). */
  trace?: string | undefined
  requestId?: string | undefined
}

export interface AuditEvent {
  type: EventType
  outcome: Outcome
  /**
   * Who did it: an account id, or one of the names of actor.ts. Where the event does not say, the record does: whoever
   * sent the request is unknown, and what no request caused is the system's own.
   */
  actor?: string | undefined
  /** Account id of whom it is about. */
  subject?: string
  /** client_id, where an application is involved. */
  client?: string
  source?: Source
  /** Codes and numbers that explain the outcome. */
  details?: Record<string, string | number | boolean>
  /** Where what is the same comes again and again (repeats.ts). It is not kept. */
  repeats?: Repeat | undefined
}

export interface RepeatRule {
  /** Of what is the same, so many are told whole in one window; the others are counted. */
  whole: number
  /** So many of one type in one window, whatever they are: for what strangers cause. */
  all: number
  /** Milliseconds. */
  window: number
}

export interface Repeat {
  /** What makes an event of one type the same as another. */
  by: string
  /** `daily` is told once a day by each process, and not counted: how often can be told from what it says itself. */
  rule: RepeatRule | 'daily'
}

interface Person {
  account: { id: string }
  source: Source
}

interface Attempt {
  /** Absent where nobody has the address that was typed. */
  account: { id: string } | undefined
  source: Source
}

/** What a person did to their own account. */
export function deed(type: EventType, { account, source }: Person, details?: AuditEvent['details']): AuditEvent {
  return { type, outcome: 'ok', actor: account.id, subject: account.id, source, details }
}

/** What was refused at an account. It names no actor: whoever tried need not be the account's owner. */
export function refusal(type: EventType, { account, source }: Attempt, details?: AuditEvent['details']): AuditEvent {
  return { type, outcome: 'refused', subject: account?.id, source, details }
}

export interface AuditRecord extends Omit<AuditEvent, 'repeats'> {
  id: string
  /** Milliseconds since the epoch. */
  at: number
}
