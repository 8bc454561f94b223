/** The events of the trail by type and outcome, what people proved themselves with, and what was asked of them. */
import type { Registry } from 'prom-client'
import type { AuditEvent, EventType, Outcome } from '../audit/audit.ts'
import { EVENTS } from '../audit/audit.ts'
import { SECOND_FACTORS } from '../person/second-factor.ts'
import { counted } from './counted.ts'

/** What may become of those that do not always succeed. */
const OUTCOMES: { [type in EventType]?: Outcome[] } = {
  'account.changed': ['ok', 'refused'],
  'admin.refused': ['refused'],
  'admin.verb': ['ok', 'refused', 'failed'],
  'delivery.failed': ['failed'],
  'device.misused': ['refused'],
  'factor.closed': ['refused'],
  fault: ['failed'],
  'link.refused': ['refused'],
  'passkey.counted-back': ['ok', 'refused'],
  'password.changed': ['ok', 'refused'],
  'request.refused': ['refused'],
  'sign-in.passkey': ['ok', 'refused'],
  'sign-in.password': ['ok', 'refused'],
  'sign-in.second-factor': ['ok', 'refused'],
  'sms.refused': ['refused'],
  'throttle.engaged': ['refused'],
  'token.refused': ['refused'],
  'token.reuse-detected': ['refused'],
}

export function eventMetrics(registry: Registry): (event: AuditEvent) => void {
  const count = counted(
    registry,
    'sigma_audit_events_total',
    'Events of the audit trail, by type and outcome',
    EVENTS.flatMap((type) => (OUTCOMES[type] ?? (['ok'] as const)).map((outcome) => ({ type, outcome }))),
  )
  const proved = counted(
    registry,
    'sigma_proofs_total',
    'What people proved at sign-in, by method: a password, a passkey, or a second step after the password',
    ['password', ...SECOND_FACTORS].map((method) => ({ method })),
  )
  const signedIn = counted(
    registry,
    'sigma_sign_ins_total',
    'Sign-ins to applications: somebody was asked, no second step on a remembered device, or the session answered',
    WAYS.map((way) => ({ way })),
  )
  return (event) => {
    count({ type: event.type, outcome: event.outcome })
    const method = methodOf(event)
    if (method) proved({ method })
    if (event.type === 'sign-in.completed') signedIn({ way: wayOf(event) })
  }
}

const WAYS = ['asked', 'device', 'silent'] as const

/** The trail tells once a day of a session that answered: so a sign-in that repeats is one at which nobody did anything. */
function wayOf({ details, repeats }: AuditEvent): (typeof WAYS)[number] {
  if (repeats) return 'silent'
  const amr = String(details?.amr ?? '').split(' ')
  return amr.includes('device') && !amr.includes('mfa') ? 'device' : 'asked'
}

function methodOf({ type, outcome, details }: AuditEvent): string | undefined {
  if (outcome !== 'ok') return undefined
  if (type === 'sign-in.password') return 'password'
  if (type === 'sign-in.passkey') return 'passkey'
  if (type !== 'sign-in.second-factor') return undefined
  return SECOND_FACTORS.find((factor) => factor === details?.method)
}
