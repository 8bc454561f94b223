/** Why another machine was not reached, in words: by the system's code, or by that of TLS. */

const REASONS: Record<string, string> = {
  ECONNREFUSED: 'refused the connection: nothing listens on that port',
  ENOTFOUND: 'was not found: there is no host of that name',
  EAI_AGAIN: 'was not found: the name server does not answer',
  ETIMEDOUT: 'did not answer in time',
  ESOCKETTIMEDOUT: 'did not answer in time',
  ECONNRESET: 'closed the connection',
  EPIPE: 'closed the connection',
  EHOSTUNREACH: 'cannot be reached from this machine',
  ENETUNREACH: 'cannot be reached from this machine',
  EACCES: 'cannot be reached: this process may not connect to it',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'has a certificate that it signed itself: NODE_EXTRA_CA_CERTS names those to trust',
  SELF_SIGNED_CERT_IN_CHAIN:
    'has a certificate of an authority that is not known: NODE_EXTRA_CA_CERTS names those to trust',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'has a certificate of an authority that is not known: NODE_EXTRA_CA_CERTS names those to trust',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'has a certificate of an authority that is not known: NODE_EXTRA_CA_CERTS names those to trust',
  CERT_HAS_EXPIRED: 'has a certificate that is over',
  CERT_NOT_YET_VALID: 'has a certificate that begins later: look at the clock',
  ERR_TLS_CERT_ALTNAME_INVALID: 'has a certificate of another name',
  ERR_SSL_WRONG_VERSION_NUMBER: 'does not speak TLS on that port',
  EPROTO: 'does not speak TLS on that port',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'does not speak TLS on that port',
}

/** Undefined if nothing in it, or in what caused it, says so. */
export function networkReason(fault: unknown, depth = 0): string | undefined {
  if (typeof fault !== 'object' || fault === null || depth > 5) return undefined
  const { code, message } = fault as { code?: unknown; message?: unknown }
  const named = [String(code), ...(String(message).match(/\b(?:E[A-Z_]{3,40}|[A-Z_]*CERT[A-Z_]*)\b/g) ?? [])]
  const known = named.find((name) => Object.hasOwn(REASONS, name))
  if (known !== undefined) return REASONS[known]
  if (/self.signed certificate/i.test(String(message))) return REASONS.DEPTH_ZERO_SELF_SIGNED_CERT
  if (/wrong version number/i.test(String(message))) return REASONS.EPROTO
  if (/timed? ?out/i.test(String(message))) return REASONS.ETIMEDOUT
  return inner(fault)
    .map((cause) => networkReason(cause, depth + 1))
    .find((reason) => reason !== undefined)
}

/** A driver puts what it met with each of several servers into maps of its own. */
function inner(fault: object): unknown[] {
  const { cause, error, errors, reason, lastNodeError } = fault as Record<string, unknown>
  const servers = (reason as { servers?: Map<string, { error?: unknown }> } | undefined)?.servers
  return [
    cause,
    error,
    reason,
    lastNodeError,
    ...(Array.isArray(errors) ? errors : []),
    ...(servers instanceof Map ? [...servers.values()] : []),
  ]
}
