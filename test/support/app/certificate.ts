/** Certificates that sign themselves (RFC 5280), made when they are needed: no private key is kept in the repository. */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { isIPv4 } from 'node:net'
import { DAY, HOUR } from '../../../src/lib/time.ts'

export interface Certificate {
  cert: string
  key: string
}

const SEQUENCE = 0x30
const SET = 0x31
const INTEGER = 0x02
const BITS = 0x03
const OCTETS = 0x04
const OBJECT = 0x06
const TEXT = 0x0c
const TIME = 0x18
const FIRST = 0xa0
const FOURTH = 0xa3
const DNS_NAME = 0x82
const IP_ADDRESS = 0x87

const ECDSA_WITH_SHA256 = '2a8648ce3d040302'
const COMMON_NAME = '550403'
const SUBJECT_ALTERNATIVE_NAME = '551d11'

/** Good today and tomorrow for these host names and IPv4 addresses. */
export function selfSigned(...names: string[]): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = der(SEQUENCE, object(ECDSA_WITH_SHA256))
  const issuer = der(SEQUENCE, der(SET, der(SEQUENCE, object(COMMON_NAME), der(TEXT, Buffer.from('test')))))
  const alternatives = der(SEQUENCE, ...names.map(alternative))
  const content = der(
    SEQUENCE,
    der(FIRST, der(INTEGER, Buffer.from([2]))),
    der(INTEGER, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    issuer,
    der(SEQUENCE, time(Date.now() - HOUR), time(Date.now() + 2 * DAY)),
    issuer,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(FOURTH, der(SEQUENCE, der(SEQUENCE, object(SUBJECT_ALTERNATIVE_NAME), der(OCTETS, alternatives)))),
  )
  const signature = der(BITS, Buffer.from([0]), sign('sha256', content, privateKey))
  const whole = der(SEQUENCE, content, algorithm, signature)
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${whole.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/** ITU-T X.690 section 8.1: a tag, the length, the content. */
function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content])
  // The fewest octets that will do: browsers insist (section 10.1).
  if (length < 0x100) return Buffer.concat([Buffer.from([tag, 0x81, length]), content])
  return Buffer.concat([Buffer.from([tag, 0x82, length >> 8, length & 0xff]), content])
}

function object(id: string): Buffer {
  return der(OBJECT, Buffer.from(id, 'hex'))
}

function time(at: number): Buffer {
  return der(TIME, Buffer.from(new Date(at).toISOString().replace(/[-:T]|\.\d+/g, '')))
}

function alternative(name: string): Buffer {
  return isIPv4(name) ? der(IP_ADDRESS, Buffer.from(name.split('.').map(Number))) : der(DNS_NAME, Buffer.from(name))
}
