/**
 * The JSON in which a page hands over what a passkey answered (WebAuthn Level 3 section 5.1.1: RegistrationResponseJSON and
 * AuthenticationResponseJSON). All bytes are base64url. Only the form is looked at; passkey-check.ts says whether it is right.
 */

/** What the browser saw, of which the authenticator signs the hash (section 5.8.1). Other members are let pass, as it wants. */
export interface ClientData {
  type: string
  /** Base64url, as it was issued. */
  challenge: string
  origin: string
  crossOrigin: unknown
  topOrigin: unknown
}

interface Answer {
  /** Base64url. */
  credentialId: string
  /** The challenge that it says it answers: nothing is proven until it was checked. */
  challenge: string
  client: ClientData
}

/** A passkey was made. */
export interface Registration extends Answer {
  attestationObject: Buffer
  /** Ways to reach the authenticator, known names only. */
  transports: string[]
}

/** A passkey was used. */
export interface Assertion extends Answer {
  /** Base64url; undefined where the authenticator kept none. */
  userHandle: string | undefined
  authenticatorData: Buffer
  clientDataJson: Buffer
  signature: Buffer
}

/** Characters. An id of 1023 bytes comes four times in a registration, and that is a third of this. */
const LONGEST = 16_384
/** Bytes (WebAuthn section 4, "Credential ID"; section 5.4.3, "id"). */
const [LONGEST_ID, LONGEST_HANDLE] = [1023, 64]
/** Section 5.8.4. */
const TRANSPORTS = ['usb', 'nfc', 'ble', 'smart-card', 'hybrid', 'internal']

type Json = Record<string, unknown>

/** Undefined for anything that is not of that form. Never throws, whatever was sent. */
export function readRegistration(text: string): Registration | undefined {
  const { credentialId, response } = readCredential(text) ?? {}
  const client = readClientData(bytesOf(response?.clientDataJSON))
  const attestationObject = bytesOf(response?.attestationObject)
  const transports = readTransports(response?.transports)
  if (!credentialId || !client || !attestationObject || !transports) return undefined
  return { credentialId, challenge: client.challenge, client, attestationObject, transports }
}

/** Undefined for anything that is not of that form. Never throws, whatever was sent. */
export function readAssertion(text: string): Assertion | undefined {
  const { credentialId, response } = readCredential(text) ?? {}
  const clientDataJson = bytesOf(response?.clientDataJSON)
  const client = readClientData(clientDataJson)
  const authenticatorData = bytesOf(response?.authenticatorData)
  const signature = bytesOf(response?.signature)
  const handle = readUserHandle(response?.userHandle)
  if (!credentialId || !clientDataJson || !client || !authenticatorData || !signature || !handle) return undefined
  return {
    credentialId,
    challenge: client.challenge,
    client,
    userHandle: handle.value,
    authenticatorData,
    clientDataJson,
    signature,
  }
}

function readCredential(text: string): { credentialId: string; response: Json } | undefined {
  if (typeof text !== 'string' || text.length > LONGEST) return undefined
  const { id, rawId, type, response } = parsed(text) ?? {}
  if (type !== 'public-key' || id !== rawId || typeof id !== 'string' || !isObject(response)) return undefined
  return bytesOf(id, LONGEST_ID) && { credentialId: id, response }
}

function readClientData(bytes: Buffer | undefined): ClientData | undefined {
  // "UTF-8 decode" takes a byte order mark away, and puts a sign in place of what is no UTF-8 (section 7.1 step 5).
  const { type, challenge, origin, crossOrigin, topOrigin } = parsed(new TextDecoder().decode(bytes)) ?? {}
  if (typeof type !== 'string' || typeof challenge !== 'string' || typeof origin !== 'string') return undefined
  return bytesOf(challenge) && { type, challenge, origin, crossOrigin, topOrigin }
}

/** None is said by leaving it out; by some browsers with null, or with no bytes. */
function readUserHandle(value: unknown): { value: string | undefined } | undefined {
  if (value === undefined || value === null || value === '') return { value: undefined }
  return typeof value === 'string' && bytesOf(value, LONGEST_HANDLE) ? { value } : undefined
}

function readTransports(value: unknown = []): string[] | undefined {
  if (!Array.isArray(value) || !value.every((name) => typeof name === 'string')) return undefined
  return TRANSPORTS.filter((name) => value.includes(name))
}

/** Undefined unless it is base64url in its one canonical form (RFC 4648 section 5, without padding), of one byte or more. */
function bytesOf(value: unknown, most = LONGEST): Buffer | undefined {
  if (typeof value !== 'string') return undefined
  const bytes = Buffer.from(value, 'base64url')
  return bytes.length > 0 && bytes.length <= most && bytes.toString('base64url') === value ? bytes : undefined
}

function parsed(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null
}
