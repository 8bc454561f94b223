/** What passkeys answer, changed at random but the same each time: nothing throws, and nothing passes that was changed. */
import { createPublicKey } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { checkAssertion, checkRegistration, readAssertion, readRegistration } from '../../../src/mfa/passkey-check.ts'
import { seeded } from '../../support/attack/odd-request.ts'
import { answerOf, origin, rpId, VECTORS, type Vector } from '../../support/unit/passkey-vectors.ts'

const ROUNDS = 500

/** One bit or byte is another, a few are left out, one is put in, or the end is gone: never the same bytes. */
function changed(bytes: Buffer, roll: (below: number) => number): Buffer {
  const at = roll(bytes.length)
  const copy = Buffer.from(bytes)
  switch (roll(5)) {
    case 0:
      copy.writeUInt8(copy.readUInt8(at) ^ (1 << roll(8)), at)
      return copy
    case 1:
      copy.writeUInt8((copy.readUInt8(at) + 1 + roll(255)) % 256, at)
      return copy
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + roll(4))])
    case 3:
      return Buffer.concat([bytes.subarray(0, at), Buffer.of(roll(256)), bytes.subarray(at)])
    default:
      return bytes.subarray(0, at)
  }
}

function* variants(bytes: Buffer): Generator<Buffer> {
  const random = seeded(20260113)
  const roll = (below: number) => Math.floor(random() * below)
  for (let round = 0; round < ROUNDS; round += 1) yield changed(bytes, roll)
}

/** What was read of it, if it is right. */
function right({ known, assertion: { challenge } }: Vector, text: string) {
  const read = readAssertion(text)
  return read && known && checkAssertion(read, known, { challenge, origin, rpId }).ok ? read : undefined
}

/** What is kept of it, if it is right. */
function kept({ registration: { challenge } }: Vector, text: string) {
  const read = readRegistration(text)
  const checked = read && checkRegistration(read, { challenge, origin, rpId })
  return checked?.ok ? checked.credential : undefined
}

const asserted = VECTORS.filter((vector) => right(vector, vector.assertion.text))
const registered = VECTORS.filter((vector) => kept(vector, vector.registration.text))

test('there are some to change', () => expect([asserted.length, registered.length]).toEqual([3, 5]))

describe.each(asserted)('the assertion of: $title', (vector) => {
  const { credentialId, assertion } = vector

  test.each(['clientDataJSON', 'authenticatorData', 'signature'] as const)('%s is changed', (part) => {
    for (const bytes of variants(assertion.bytes[part]))
      expect(right(vector, answerOf(credentialId, { ...assertion.bytes, [part]: bytes }))).toBeUndefined()
  })

  test('its text is changed: it is right only where that says the same', () => {
    for (const text of variants(Buffer.from(assertion.text)))
      expect([undefined, readAssertion(assertion.text)]).toContainEqual(right(vector, text.toString('latin1')))
  })
})

// None of it is signed, so another key or counter may well be kept: never another id, and never what is no key.
describe.each(registered)('the registration of: $title', (vector) => {
  const { credentialId, registration } = vector

  test.each(['clientDataJSON', 'attestationObject'] as const)('%s is changed', (part) => {
    for (const bytes of variants(registration.bytes[part]))
      holds(kept(vector, answerOf(credentialId, { ...registration.bytes, [part]: bytes })))
  })

  test('its text is changed', () => {
    for (const text of variants(Buffer.from(registration.text))) holds(kept(vector, text.toString('latin1')))
  })

  function holds(credential: ReturnType<typeof kept>): void {
    if (!credential) return
    expect(credential.credentialId).toBe(credentialId)
    createPublicKey({ key: Buffer.from(credential.publicKey, 'base64url'), format: 'der', type: 'spki' })
  }
})
