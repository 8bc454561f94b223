/** The rules about accounts, links and browsers. */
import { describe, expect, test } from 'vitest'
import { DAY, HOUR } from '../../../src/lib/time.ts'
import { parseMembership } from '../../../src/person/membership.ts'
import { AWKWARD, account, link, NOW, parcel, passwordChange } from '../../support/samples/records.ts'
import { peopleUnderTest } from '../../support/unit/people-under-test.ts'

const bench = peopleUnderTest()

const accounts = () => bench()
const waiting = async () => (await accounts().backlog()).waiting

async function invited() {
  const sanne = account()
  const activation = link(sanne.id)
  await accounts().insertAccount(sanne, activation, [])
  return { sanne, activation }
}

async function active() {
  const { sanne, activation } = await invited()
  await accounts().setPassword(passwordChange(activation), [])
  return sanne
}

describe('accounts', () => {
  test('an account is found by id and by address, exactly as it was put in', async () => {
    const plain = account()
    const full = account({
      name: AWKWARD,
      email: AWKWARD,
      organizationId: AWKWARD,
      roles: ['a', AWKWARD],
      status: 'disabled',
      passwordHash: '$argon2id$',
      passwordChangedAt: NOW + 1,
      epoch: 7,
      enrolledAt: NOW + 2,
      noticeEmail: `${AWKWARD}notice`,
      previousEmail: `${AWKWARD}previous`,
      emailChangedAt: NOW + 3,
      givenName: AWKWARD,
      familyName: `${AWKWARD}family`,
    })
    const bare = account({ organizationId: undefined, roles: [] })
    for (const one of [plain, full, bare]) {
      expect(await accounts().insertAccount(one, link(one.id), [])).toBe(true)
      expect(await accounts().findAccount(one.id)).toEqual(one)
      expect(await accounts().findAccountByEmail(one.emailKey)).toEqual(one)
    }
  })

  test('a link that is not used lives on when it is renewed, never shorter', async () => {
    const { activation } = await invited()
    await accounts().renewLink(activation.digest, activation.expiresAt + HOUR)
    await accounts().renewLink(activation.digest, activation.expiresAt)
    expect((await accounts().findLink(activation.digest))?.expiresAt).toBe(activation.expiresAt + HOUR)
    await accounts().setPassword(passwordChange(activation), [])
    await accounts().renewLink(activation.digest, activation.expiresAt + DAY)
    expect((await accounts().findLink(activation.digest))?.expiresAt).toBe(activation.expiresAt + HOUR)
  })

  test('the keys that hashes need are listed, each once', async () => {
    for (const key of ['old', 'new', 'old']) {
      const one = account({ passwordHash: `${key}:$argon2id$v=19$` })
      await accounts().insertAccount(one, link(one.id), [])
    }
    expect(await accounts().listHashKeys()).toEqual(expect.arrayContaining(['old', 'new']))
    expect((await accounts().listHashKeys()).filter((key) => key === 'old')).toHaveLength(1)
  })

  test('the organizations that people belong to are listed, each once for each ending that some have seen', async () => {
    for (const [organizationId, endingDone] of [
      ['one', 0],
      ['one', 2],
      [AWKWARD],
      ['__proto__'],
      ['one'],
      [],
    ] as const) {
      const one = account({ organizationId, ...(endingDone !== undefined && { endingDone }) })
      await accounts().insertAccount(one, link(one.id), [])
    }
    const listed = (await accounts().listOrganizations()).map((value) => parseMembership(String(value)))
    const expected = [
      ['one', 0],
      ['one', 2],
      [AWKWARD, 0],
      ['__proto__', 0],
    ] as const
    for (const [organizationId, ending] of expected)
      expect(listed.filter((one) => one.organizationId === organizationId && one.ending === ending)).toHaveLength(1)
  })

  test('an unknown id, an unknown address and one that only looks like a known one find nobody', async () => {
    const { sanne } = await invited()
    expect(await accounts().findAccount('unknown')).toBeUndefined()
    expect(await accounts().findAccount(sanne.emailKey)).toBeUndefined()
    for (const key of ['', '%', sanne.emailKey.toUpperCase(), `${sanne.emailKey}\u0000`, `${sanne.emailKey} `]) {
      expect(await accounts().findAccountByEmail(key)).toBeUndefined()
    }
  })

  test('addresses that differ only after a NUL are two accounts', async () => {
    const [one, two] = [account({ emailKey: 'a\u0000b' }), account({ emailKey: 'a\u0000c' })]
    expect(await accounts().insertAccount(one, link(one.id), [])).toBe(true)
    expect(await accounts().insertAccount(two, link(two.id), [])).toBe(true)
    expect((await accounts().findAccountByEmail('a\u0000c'))?.id).toBe(two.id)
  })

  test('an account on a taken address changes nothing: no account, no link, no parcel', async () => {
    const { sanne } = await invited()
    const other = account({ emailKey: sanne.emailKey })
    const otherLink = link(other.id)
    expect(await accounts().insertAccount(other, otherLink, [parcel()])).toBe(false)
    expect(await accounts().findAccount(other.id)).toBeUndefined()
    expect(await accounts().findLink(otherLink.digest)).toBeUndefined()
    expect(await accounts().findAccountByEmail(sanne.emailKey)).toEqual(sanne)
    expect(await waiting()).toBe(0)
  })

  test('an account comes with its link and its parcels', async () => {
    const sanne = account()
    const activation = link(sanne.id)
    expect(await accounts().insertAccount(sanne, activation, [parcel(), parcel()])).toBe(true)
    expect(await accounts().findLink(activation.digest)).toEqual(activation)
    expect(await waiting()).toBe(2)
  })

  test('a stronger hash replaces only the hash it was made from, and signs nobody out', async () => {
    const sanne = await active()
    const before = await accounts().findAccount(sanne.id)
    expect(await accounts().upgradeHash(sanne.id, 'another', 'hash-2')).toBe(false)
    expect(await accounts().upgradeHash('unknown', 'hash-1', 'hash-2')).toBe(false)
    expect(await accounts().findAccount(sanne.id)).toEqual(before)
    expect(await accounts().upgradeHash(sanne.id, 'hash-1', 'hash-2')).toBe(true)
    expect(await accounts().findAccount(sanne.id)).toEqual({ ...before, passwordHash: 'hash-2' })
  })

  test('a browser is known to the account that it proved, until it expires', async () => {
    const [sanne, bram] = [await active(), await active()]
    await accounts().rememberBrowser('browser', sanne.id, 'hash-1', NOW + HOUR)
    expect(await accounts().isKnownBrowser('browser', sanne.id, NOW)).toBe(true)
    expect(await accounts().isKnownBrowser('browser', sanne.id, NOW + HOUR - 1)).toBe(true)
    expect(await accounts().isKnownBrowser('browser', sanne.id, NOW + HOUR)).toBe(false)
    expect(await accounts().isKnownBrowser('browser', bram.id, NOW)).toBe(false)
    expect(await accounts().isKnownBrowser('other', sanne.id, NOW)).toBe(false)
  })

  test('a browser is not known by a password that was replaced meanwhile, nor before there is one, nor of nobody', async () => {
    const [sanne, { sanne: invitee }] = [await active(), await invited()]
    expect(await accounts().upgradeHash(sanne.id, 'hash-1', 'hash-2')).toBe(true)
    for (const id of [sanne.id, invitee.id, 'nobody']) {
      await accounts().rememberBrowser('browser', id, 'hash-1', NOW + HOUR)
      expect(await accounts().isKnownBrowser('browser', id, NOW)).toBe(false)
    }
    await accounts().rememberBrowser('browser', sanne.id, 'hash-2', NOW + HOUR)
    expect(await accounts().isKnownBrowser('browser', sanne.id, NOW)).toBe(true)
  })

  test('a browser can be known to two accounts, and remembered for longer', async () => {
    const [sanne, bram] = [await active(), await active()]
    await accounts().rememberBrowser('browser', sanne.id, 'hash-1', NOW + HOUR)
    await accounts().rememberBrowser('browser', bram.id, 'hash-1', NOW + HOUR)
    await accounts().rememberBrowser('browser', sanne.id, 'hash-1', NOW + DAY)
    expect(await accounts().isKnownBrowser('browser', sanne.id, NOW + HOUR)).toBe(true)
    expect(await accounts().isKnownBrowser('browser', bram.id, NOW + HOUR)).toBe(false)
    expect(await accounts().isKnownBrowser('browser', bram.id, NOW)).toBe(true)
  })
})

describe('known browsers, of which a record holds a hundred', () => {
  const known = async (id: string, ...digests: string[]) =>
    Promise.all(digests.map((digest) => accounts().isKnownBrowser(digest, id, NOW)))
  const signIn = (id: string, digest: string) => accounts().rememberBrowser(digest, id, 'hash-1', NOW + HOUR)

  test('a thief who knows the password and signs in two hundred times pushes out none that the owner had before', async () => {
    const sanne = await active()
    for (const own of ['laptop', 'phone']) await signIn(sanne.id, own)
    for (let n = 0; n < 200; n += 1) await signIn(sanne.id, `thief-${n}`)
    expect(await known(sanne.id, 'laptop', 'phone', 'thief-199', 'thief-198')).toEqual([true, true, true, false])
  })

  test('a browser that comes back stays what it was, and the one that has just come is known', async () => {
    const sanne = await active()
    for (let n = 0; n < 100; n += 1) await signIn(sanne.id, `${n}`)
    await signIn(sanne.id, '99')
    await signIn(sanne.id, 'new')
    expect(await known(sanne.id, '0', '98', '99', 'new')).toEqual([true, true, false, true])
  })
})

describe('one-time links', () => {
  test('a link is found exactly as it was put in, expired or not', async () => {
    const { sanne } = await invited()
    const old = link(sanne.id, { createdAt: NOW - DAY, expiresAt: NOW - 1, purpose: 'reset' })
    await accounts().replaceLink(old, [])
    expect(await accounts().findLink(old.digest)).toEqual(old)
    expect(await accounts().findLink('unknown')).toBeUndefined()
  })

  test('a new link kills the older ones of its account, whatever they were for, and no others', async () => {
    const [sanne, bram] = [await invited(), await invited()]
    const newer = link(sanne.sanne.id, { purpose: 'reset', createdAt: NOW + 5 })
    await accounts().replaceLink(newer, [parcel()])
    // It stays, marked as used, so that its page can say why it opens nothing.
    expect(await accounts().findLink(sanne.activation.digest)).toEqual({ ...sanne.activation, usedAt: NOW + 5 })
    expect(await accounts().setPassword(passwordChange(sanne.activation), [])).toBe(false)
    expect(await accounts().findLink(newer.digest)).toEqual(newer)
    expect(await accounts().findLink(bram.activation.digest)).toEqual(bram.activation)
    expect(await waiting()).toBe(1)
  })

  test('when a link was used is not changed by a newer link', async () => {
    const { sanne, activation } = await invited()
    await accounts().setPassword(passwordChange(activation, { at: NOW + 1 }), [])
    await accounts().replaceLink(link(sanne.id, { purpose: 'reset', createdAt: NOW + 2 }), [])
    expect((await accounts().findLink(activation.digest))?.usedAt).toBe(NOW + 1)
  })

  test('sweeping drops links 30 days past their expiry and expired browsers, and nothing that still counts', async () => {
    const { sanne, activation } = await invited()
    await accounts().setPassword(passwordChange(activation), [])
    await accounts().rememberBrowser('short', sanne.id, 'hash-1', NOW + HOUR)
    await accounts().rememberBrowser('long', sanne.id, 'hash-1', NOW + 365 * DAY)
    expect(await accounts().tidy(NOW)).toBe(0)
    expect(await accounts().tidy(activation.expiresAt + 30 * DAY - 1)).toBe(1)
    expect(await accounts().findLink(activation.digest)).toBeDefined()
    expect(await accounts().tidy(activation.expiresAt + 30 * DAY + 1)).toBe(1)
    expect(await accounts().findLink(activation.digest)).toBeUndefined()
    expect(await accounts().isKnownBrowser('long', sanne.id, NOW)).toBe(true)
  })
})
