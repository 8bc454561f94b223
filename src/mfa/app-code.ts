/**
 * The codes of authenticator apps: time-based one-time passwords (RFC 6238). What is set up here is what every app speaks, 6
 * digits, 30 seconds, SHA-1; what was brought from elsewhere may be another way.
 *
 * A code works once per authenticator, whatever it is used for. Counting failed tries is challenge.ts's work.
 */
import { createGuardrails, generateSecret, verifySync } from 'otplib'
import { type Clock, MINUTE, seconds } from '../lib/time.ts'
import { typedCode } from '../lib/typed-code.ts'
import { type CodeParameters, USUAL } from '../person/authenticator.ts'

const HASHES = { SHA1: 'sha1', SHA256: 'sha256', SHA512: 'sha512' } as const
/** A secret that nobody confirmed is void after ten minutes (NIST SP 800-63B-4 section 4.1.2.2). */
export const UNCONFIRMED = 10 * MINUTE

/** Those that other systems made are not all as long as the library would have them. How long they must be, whoever takes them says. */
const guardrails = createGuardrails({ MIN_SECRET_BYTES: 10 })

/** 160 bits (RFC 4226 section 4, R6), base32. */
export function newSecret(): string {
  return generateSecret()
}

/**
 * The time step that this code is of, if it is right: the current one or the one before, because typing takes time
 * (RFC 6238 section 5.2 allows one). Undefined for anything else, whatever was typed.
 */
export function stepOf(secret: string, typed: string, now: Clock, way: CodeParameters = USUAL): number | undefined {
  const token = typedCode(typed)
  const { digits, period } = way
  // The library throws on what is not so many digits, and people do type other things.
  if (token.length !== digits || !/^\d+$/.test(token)) return undefined
  const algorithm = HASHES[way.algorithm]
  const epochTolerance: [number, number] = [period, 0]
  const verified = verifySync({
    secret,
    token,
    epoch: seconds(now()),
    algorithm,
    digits,
    period,
    epochTolerance,
    guardrails,
  })
  return verified.valid && 'timeStep' in verified ? verified.timeStep : undefined
}

/**
 * The address that an app reads (Google Authenticator's Key URI Format). Issuer and name are encoded here, colon
 * included: a name such as `x:y?secret=A` must stay a name.
 */
export function keyUri(issuer: string, name: string, secret: string): string {
  const label = `${encode(issuer)}:${encode(name)}`
  const { algorithm, digits, period } = USUAL
  return `otpauth://totp/${label}?secret=${secret}&issuer=${encode(issuer)}&algorithm=${algorithm}&digits=${digits}&period=${period}`
}

/** The QR code as SVG markup, black on white in every color scheme: cameras need the contrast. */
export async function qrSvg(uri: string): Promise<string> {
  // Loaded when the first person gets there: nobody waits for it at the start.
  const { default: qrCode } = await import('qrcode')
  const options = {
    type: 'svg',
    errorCorrectionLevel: 'M',
    margin: 2,
    color: { dark: '#000000', light: '#ffffff' },
  } as const
  return qrCode.toString(uri, options)
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}
