/** What an authenticator says and signs: its data (WebAuthn Level 3 section 6.1), and the object that brings it at registration. */
import { type CborMap, readCbor } from './passkey-cbor.ts'

/** A new credential, as the authenticator presents it (section 6.5.1). */
export interface Attested {
  /** As the text of a UUID. */
  aaguid: string
  credentialId: Buffer
  /** A key in the form of COSE (RFC 9052 section 7). */
  key: CborMap
}

export interface AuthenticatorData {
  rpIdHash: Buffer
  /** UP: somebody was there. */
  present: boolean
  /** UV: it knew that person by finger, face or PIN. */
  verified: boolean
  /** BE: the credential may be copied to other devices. */
  backupEligible: boolean
  /** BS: it has been. */
  backedUp: boolean
  signCount: number
  attested: Attested | undefined
}

const FLAG = { UP: 0x01, UV: 0x04, BE: 0x08, BS: 0x10, AT: 0x40, ED: 0x80 }
/** The hash of the RP ID, the flags and the counter. */
const FIXED = 37
/** The AAGUID and the length of the id. */
const ATTESTED_FIXED = 18

/** Undefined if it is not of that form, to the last byte. Extensions are stepped over: none was asked for that says anything. */
export function readAuthenticatorData(bytes: Buffer): AuthenticatorData | undefined {
  if (bytes.length < FIXED) return undefined
  const flags = bytes.readUInt8(32)
  const set = (flag: number) => (flags & flag) !== 0
  const attested = set(FLAG.AT) ? readAttested(bytes) : { value: undefined, end: FIXED }
  if (!attested) return undefined
  const end = set(FLAG.ED) ? endOfMap(bytes, attested.end) : attested.end
  if (end !== bytes.length) return undefined
  return {
    rpIdHash: bytes.subarray(0, 32),
    present: set(FLAG.UP),
    verified: set(FLAG.UV),
    backupEligible: set(FLAG.BE),
    backedUp: set(FLAG.BS),
    signCount: bytes.readUInt32BE(33),
    attested: attested.value,
  }
}

/**
 * The authenticator's data out of an attestation object (section 6.5.4). Undefined if it is none, to the last byte. What
 * its statement says, and in which format, is not looked at: `attestation: 'none'` was asked.
 */
export function readAttestationObject(bytes: Buffer): Buffer | undefined {
  const object = readCbor(bytes, 0)
  if (!(object?.value instanceof Map) || object.end !== bytes.length) return undefined
  const members = object.value
  const [format, statement, data] = ['fmt', 'attStmt', 'authData'].map((name) => members.get(name))
  return typeof format === 'string' && statement instanceof Map && Buffer.isBuffer(data) ? data : undefined
}

function readAttested(bytes: Buffer): { value: Attested; end: number } | undefined {
  const idStart = FIXED + ATTESTED_FIXED
  if (bytes.length < idStart) return undefined
  const keyStart = idStart + bytes.readUInt16BE(idStart - 2)
  const key = readCbor(bytes, keyStart)
  if (!(key?.value instanceof Map)) return undefined
  const aaguid = uuid(bytes.subarray(FIXED, FIXED + 16))
  return { value: { aaguid, credentialId: bytes.subarray(idStart, keyStart), key: key.value }, end: key.end }
}

function endOfMap(bytes: Buffer, start: number): number | undefined {
  const extensions = readCbor(bytes, start)
  return extensions?.value instanceof Map ? extensions.end : undefined
}

function uuid(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
