/** The rules about codes that are used once: backup codes, temporary codes and codes that were sent. */
import { describe, expect, test } from 'vitest'
import type { SentCode } from '../../../src/person/sent-code.ts'
import { backupCode, sentCode, temporaryCode } from '../../support/samples/factors.ts'
import { AWKWARD, NOW, parcel, winners } from '../../support/samples/records.ts'
import { peopleUnderTest } from '../../support/unit/people-under-test.ts'

const bench = peopleUnderTest()

const mfa = () => bench()
const waiting = async () => (await mfa().backlog()).waiting

async function backup(given = {}) {
  const code = backupCode(given)
  await mfa().replaceBackupCode(code, [])
  return code
}

async function temporary(given = {}) {
  const code = temporaryCode(given)
  await mfa().insertTemporaryCode(code)
  return code
}

async function sent(given = {}) {
  const code = sentCode(given)
  await mfa().putSentCode(code, [])
  return code
}

describe('the backup code', () => {
  test('is found by its account, exactly as it was put in', async () => {
    const plain = await backup()
    const full = await backup({ accountId: AWKWARD, salt: AWKWARD, digest: AWKWARD, savedAt: NOW + 1 })
    expect(await mfa().findBackupCode('sanne')).toEqual(plain)
    expect(await mfa().findBackupCode(AWKWARD)).toEqual(full)
    expect(await mfa().findBackupCode('nobody')).toBeUndefined()
  })

  test('is one: a new one takes its place, saved or not, with the parcels that tell of it', async () => {
    const [old, bram] = [await backup({ savedAt: NOW }), await backup({ accountId: 'bram' })]
    const code = backupCode({ createdAt: NOW + 1 })
    await mfa().replaceBackupCode(code, [parcel(), parcel()])
    expect(await mfa().findBackupCode('sanne')).toEqual(code)
    expect(await mfa().useBackupCode('sanne', old.id, backupCode())).toBe(false)
    expect(await mfa().confirmBackupCode('sanne', old.id, NOW)).toBe(false)
    expect(await mfa().findBackupCode('sanne')).toEqual(code)
    expect(await mfa().findBackupCode('bram')).toEqual(bram)
    expect(await waiting()).toBe(2)
  })

  test('is saved from the first time that its person says so', async () => {
    const code = await backup()
    await backup({ accountId: 'bram' })
    expect(await mfa().confirmBackupCode('bram', code.id, NOW)).toBe(false)
    expect(await mfa().confirmBackupCode('sanne', 'unknown', NOW)).toBe(false)
    expect(await mfa().findBackupCode('sanne')).toEqual(code)
    expect(await mfa().confirmBackupCode('sanne', code.id, NOW + 1)).toBe(true)
    expect(await mfa().confirmBackupCode('sanne', code.id, NOW + 2)).toBe(true)
    expect(await mfa().findBackupCode('sanne')).toEqual({ ...code, savedAt: NOW + 1 })
    expect((await mfa().findBackupCode('bram'))?.savedAt).toBeUndefined()
  })

  test('is used once: the next one is in its place, saved, and knows it', async () => {
    const [code, next] = [await backup(), backupCode()]
    expect(await mfa().useBackupCode('sanne', code.id, next)).toBe(true)
    expect(await mfa().findBackupCode('sanne')).toEqual({
      ...next,
      savedAt: NOW,
      spent: [{ salt: code.salt, digest: code.digest }],
    })
    expect(await mfa().useBackupCode('sanne', code.id, backupCode())).toBe(false)
    expect(await mfa().confirmBackupCode('sanne', code.id, NOW)).toBe(false)
  })

  test('of another account is not used, nor one that never was, and nobody is told', async () => {
    const [sanne, bram] = [await backup(), await backup({ accountId: 'bram' })]
    expect(await mfa().useBackupCode('bram', sanne.id, backupCode({ accountId: 'bram' }))).toBe(false)
    expect(await mfa().useBackupCode('sanne', 'unknown', backupCode())).toBe(false)
    expect(await mfa().findBackupCode('sanne')).toEqual(sanne)
    expect(await mfa().findBackupCode('bram')).toEqual(bram)
    expect(await waiting()).toBe(0)
  })
})

describe('a temporary code', () => {
  test('is used once', async () => {
    const [code, other] = [await temporary(), await temporary()]
    expect(await mfa().useTemporaryCode('sanne', code.digest, NOW)).toBe(true)
    expect(await mfa().useTemporaryCode('sanne', code.digest, NOW)).toBe(false)
    expect(await mfa().useTemporaryCode('sanne', other.digest, NOW)).toBe(true)
  })

  test('works until it expires, and not from then on', async () => {
    const code = await temporary()
    expect(await mfa().useTemporaryCode('sanne', code.digest, code.expiresAt + 1)).toBe(false)
    expect(await mfa().useTemporaryCode('sanne', code.digest, code.expiresAt)).toBe(false)
    expect(await mfa().useTemporaryCode('sanne', code.digest, code.expiresAt - 1)).toBe(true)
  })

  test('of another account does not work, nor a wrong one; it stays', async () => {
    const code = await temporary()
    await temporary({ accountId: 'bram' })
    expect(await mfa().useTemporaryCode('bram', code.digest, NOW)).toBe(false)
    for (const wrong of ['', '%', code.id, code.digest.toUpperCase()]) {
      expect(await mfa().useTemporaryCode('sanne', wrong, NOW)).toBe(false)
    }
    expect(await mfa().useTemporaryCode('sanne', code.digest, NOW)).toBe(true)
  })

  test('with one digest belongs to each account that has it', async () => {
    await Promise.all([temporary({ digest: 'same' }), temporary({ digest: 'same', accountId: 'bram' })])
    expect(await mfa().useTemporaryCode('sanne', 'same', NOW)).toBe(true)
    expect(await mfa().useTemporaryCode('bram', 'same', NOW)).toBe(true)
  })

  test('that was issued twice is used once', async () => {
    await Promise.all([temporary({ digest: 'same' }), temporary({ digest: 'same' })])
    expect(await winners(20, () => mfa().useTemporaryCode('sanne', 'same', NOW))).toBe(1)
  })
})

describe('a code that was sent', () => {
  const spend = (code: SentCode, given: Partial<SentCode> = {}, now = NOW) => {
    const { accountId, key, digest } = { ...code, ...given }
    return mfa().spendSentCode(accountId, key, digest, now)
  }

  test('is found by its key until it expires, exactly as it was put in', async () => {
    const code = await sent({ key: AWKWARD, digest: AWKWARD, sealed: AWKWARD })
    expect(await mfa().findSentCode('sanne', AWKWARD, code.expiresAt - 1)).toEqual(code)
    expect(await mfa().findSentCode('sanne', AWKWARD, code.expiresAt)).toBeUndefined()
    expect(await mfa().findSentCode('sanne', 'unknown', NOW)).toBeUndefined()
  })

  test('comes with its parcels, and replaces the one before for the same', async () => {
    const [old, other] = [await sent(), await sent()]
    const code = sentCode({ key: old.key, sealed: 'k1.new', createdAt: NOW + 1, expiresAt: old.expiresAt + 1 })
    await mfa().putSentCode(code, [parcel()])
    expect(await mfa().findSentCode(old.accountId, old.key, old.expiresAt)).toEqual(code)
    expect(await mfa().findSentCode(other.accountId, other.key, NOW)).toEqual(other)
    expect(await spend(old)).toBe(false)
    expect(await spend(code)).toBe(true)
    expect(await waiting()).toBe(1)
  })

  test('is used once, then gone', async () => {
    const [code, other] = [await sent(), await sent()]
    expect(await spend(code)).toBe(true)
    expect(await spend(code)).toBe(false)
    expect(await mfa().findSentCode(code.accountId, code.key, NOW)).toBeUndefined()
    expect(await mfa().findSentCode(other.accountId, other.key, NOW)).toEqual(other)
  })

  test('is not used by a wrong code, another account, for something else, or once it expired; it stays', async () => {
    const [code, other] = [await sent(), await sent()]
    expect(await spend(code, { digest: other.digest })).toBe(false)
    expect(await spend(code, { accountId: 'bram' })).toBe(false)
    expect(await spend(code, { key: other.key })).toBe(false)
    expect(await spend(code, {}, code.expiresAt)).toBe(false)
    expect(await mfa().findSentCode(code.accountId, code.key, NOW)).toEqual(code)
    expect(await spend(code, {}, code.expiresAt - 1)).toBe(true)
  })
})
