/** The rules for when an e-mail address is given back to who had it before. */
import { describe, expect, test } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../../src/lib/time.ts'
import type { Account } from '../../../src/person/account.ts'
import type { EmailUndo } from '../../../src/person/email-undo.ts'
import {
  activation,
  authenticator,
  backupCode,
  enroll,
  pending,
  recoveryCase,
  sentCode,
  temporaryCode,
} from '../../support/samples/factors.ts'
import {
  AWKWARD,
  account,
  addressCode,
  emailChange,
  emailUndo,
  link,
  NOW,
  parcel,
} from '../../support/samples/records.ts'
import { peopleUnderTest } from '../../support/unit/people-under-test.ts'

const bench = peopleUnderTest()

const NEW = { email: 'New@sigma.example', emailKey: 'new@sigma.example' }

const durable = () => bench()
const waiting = async () => (await durable().backlog()).waiting

/** An account, and the code to change its address with. */
async function person(given: Partial<Account> = {}) {
  const one = account({ status: 'active', passwordHash: 'hash-1', passwordChangedAt: NOW, ...given })
  const code = addressCode(one.id)
  await durable().insertAccount(one, link(one.id, { purpose: 'reset' }), [])
  await durable().putAddressCode(code, [])
  return { one, code }
}

/** One whose address was changed, with all that can be lost by an undo. */
async function changed() {
  const { one, code } = await person({ noticeEmail: 'second@sigma.example' })
  const email = `new-${one.emailKey}`
  const wanted = emailChange(one, code, { email, emailKey: email })
  expect(await durable().changeEmail(wanted, [])).toBe('changed')
  const open = link(one.id, { purpose: 'reset' })
  await durable().replaceLink(open, [])
  return { one, undo: wanted.undo, open, email }
}

describe('an undo', () => {
  test('is found exactly as it was put in, expired or not, until it is swept 30 days later', async () => {
    const { one, code } = await person()
    const undo = emailUndo(one, { digest: AWKWARD, email: AWKWARD, emailKey: AWKWARD, expiresAt: NOW - 1 })
    await durable().changeEmail(emailChange(one, code, { ...NEW, undo }), [])
    expect(await durable().findEmailUndo(AWKWARD)).toEqual(undo)
    for (const unknown of ['', '%', 'unknown']) expect(await durable().findEmailUndo(unknown)).toBeUndefined()
    await durable().tidy(undo.expiresAt + 30 * DAY)
    expect(await durable().findEmailUndo(AWKWARD)).toEqual(undo)
    await durable().tidy(undo.expiresAt + 30 * DAY + 1)
    expect(await durable().findEmailUndo(AWKWARD)).toBeUndefined()
  })

  test('gives the address back, and takes away all that whoever changed it knew or set', async () => {
    const { one, undo, open, email } = await changed()
    const at = undo.expiresAt - 1
    expect(await durable().undoEmail(undo.digest, at, [parcel(), parcel()])).toBe(true)
    const forgotten = { noticeEmail: undefined, passwordHash: undefined }
    const after = { ...one, ...forgotten, previousEmail: undefined, emailChangedAt: at, epoch: one.epoch + 2 }
    expect(await durable().findAccount(one.id)).toEqual(after)
    expect(await durable().findAccountByEmail(one.emailKey)).toEqual(after)
    expect(await durable().findAccountByEmail(email)).toBeUndefined()
    expect(await durable().findLink(open.digest)).toEqual({ ...open, usedAt: at })
    expect(await durable().findEmailUndo(undo.digest)).toBeUndefined()
    expect(await durable().undoEmail(undo.digest, at, [parcel()])).toBe(false)
    expect(await waiting()).toBe(2)
  })

  /** One whose address went from A over B and C to D, a minute each, and the undo that gives each of the three back. */
  async function chained() {
    const { one } = await person()
    const names = ['b', 'c', 'd'].map((letter) => `${letter}-${one.email}`)
    const undos: EmailUndo[] = []
    for (const [step, email] of names.entries()) {
      const now = (await durable().findAccount(one.id)) ?? one
      const code = addressCode(one.id)
      await durable().putAddressCode(code, [])
      const at = NOW + step * MINUTE
      const undo = emailUndo(now, { createdAt: at, expiresAt: at + 7 * DAY })
      undos.push(undo)
      expect(await durable().changeEmail(emailChange(now, code, { email, emailKey: email, at, undo }), [])).toBe(
        'changed',
      )
    }
    const [a, b, c] = undos
    if (!a || !b || !c) throw new Error('no chain')
    return { one, a, b, c }
  }

  const live = ({ id }: Account, now = NOW) => durable().listEmailUndos(id, now)
  const email = async ({ id }: Account) => (await durable().findAccount(id))?.email

  test('is listed while it can be used, the oldest first, and nobody else’s', async () => {
    const [{ one, a, b, c }, other] = [await chained(), await changed()]
    expect(await live(one)).toEqual([a, b, c])
    expect(await live(one, a.expiresAt - 1)).toEqual([a, b, c])
    expect(await live(one, a.expiresAt)).toEqual([b, c])
    expect(await live(one, c.expiresAt)).toEqual([])
    expect(await live(other.one)).toEqual([other.undo])
    for (const id of ['', '%', 'unknown', one.email]) expect(await durable().listEmailUndos(id, NOW)).toEqual([])
  })

  test('hijacking: a later owner’s does not take an earlier owner’s away, who has the last word', async () => {
    const [{ one, a, b, c }, other] = [await chained(), await changed()]
    expect(await durable().undoEmail(b.digest, NOW + HOUR, [])).toBe(true)
    expect(await email(one)).toBe(b.email)
    // Those of the changes after it are gone with it.
    expect(await live(one)).toEqual([a])
    for (const { digest } of [b, c]) expect(await durable().undoEmail(digest, NOW + HOUR, [])).toBe(false)
    expect(await email(one)).toBe(b.email)

    expect(await durable().undoEmail(a.digest, a.expiresAt - 1, [])).toBe(true)
    expect(await durable().findAccount(one.id)).toMatchObject({ email: one.email, emailKey: one.emailKey })
    for (const { digest } of [a, b, c]) expect(await durable().findEmailUndo(digest)).toBeUndefined()
    expect(await live(other.one)).toEqual([other.undo])
  })

  test('of the first address takes all that came later with it', async () => {
    const { one, a, b, c } = await chained()
    expect(await durable().undoEmail(a.digest, NOW + HOUR, [])).toBe(true)
    expect(await email(one)).toBe(one.email)
    expect(await live(one)).toEqual([])
    for (const { digest } of [b, c]) expect(await durable().undoEmail(digest, NOW + HOUR, [])).toBe(false)
    expect(await email(one)).toBe(one.email)
  })

  test('that ran out, never was, or whose address another account has by now, changes nothing', async () => {
    const { one, undo, open } = await changed()
    const look = async () => [
      await durable().findAccount(one.id),
      await durable().findLink(open.digest),
      await durable().findEmailUndo(undo.digest),
      await waiting(),
    ]
    const before = await look()
    const undone = (digest: string, at = NOW) => durable().undoEmail(digest, at, [parcel()])
    for (const unknown of ['', '%', 'unknown']) expect(await undone(unknown)).toBe(false)
    expect(await undone(undo.digest, undo.expiresAt)).toBe(false)
    const guest = account({ email: one.email, emailKey: one.emailKey })
    await durable().insertAccount(guest, link(guest.id), [])
    expect(await undone(undo.digest)).toBe(false)
    expect(await look()).toEqual(before)
    expect(await durable().findAccount(guest.id)).toEqual(guest)
  })

  describe('of second factors and requests for help', () => {
    /** One whose address was changed, with an app and a backup code, if wanted, that were there then. */
    async function moved({ enrolledAt = undefined as number | undefined, equipped = true } = {}) {
      const { one, code } = await person({ enrolledAt })
      const { id: accountId } = one
      const app = equipped ? await enroll(durable(), { accountId }) : undefined
      const backup = backupCode({ accountId })
      if (equipped) await durable().replaceBackupCode(backup, [])
      const undo = emailUndo(one)
      const email = `moved-${accountId}`
      expect(await durable().changeEmail(emailChange(one, code, { email, emailKey: email, undo }), [])).toBe('changed')
      return { one, accountId, undo, app, backup }
    }

    const undone = ({ digest }: Pick<EmailUndo, 'digest'>) => durable().undoEmail(digest, NOW + HOUR, [])
    const factors = async (accountId: string) => ({
      apps: (await durable().listAuthenticators(accountId)).map(({ id }) => id),
      backup: (await durable().findBackupCode(accountId))?.id,
      enrolledAt: (await durable().findAccount(accountId))?.enrolledAt,
    })
    const NONE = { apps: [], backup: undefined }

    test('hijacking: what came since goes, by whatever clock; what was there stays', async () => {
      const { accountId, undo, app, backup } = await moved({ enrolledAt: NOW - DAY })
      expect(await durable().findEmailUndo(undo.digest)).toEqual({
        ...undo,
        enrolledAt: NOW - DAY,
        factors: [app?.id, backup.id],
      })
      // By a node whose clock is behind.
      for (const createdAt of [NOW - MINUTE, NOW, NOW + 1]) await enroll(durable(), { accountId, createdAt })
      await enroll(durable(), { accountId, kind: 'sms', numberKey: 'thief' })
      expect((await factors(accountId)).apps).toHaveLength(5)
      expect(await undone(undo)).toBe(true)
      expect(await factors(accountId)).toEqual({ apps: [app?.id], backup: undefined, enrolledAt: NOW - DAY })
    })

    test('hijacking: what was replaced since does not come back, and two-step verification stays on', async () => {
      const { accountId, undo } = await moved({ enrolledAt: NOW - DAY })
      const wizard = pending({ accountId })
      await durable().putPending(wizard, NOW)
      const { epoch = 0 } = (await durable().findAccount(accountId)) ?? {}
      const anew = { epoch, authenticator: authenticator({ accountId }), replacesAll: true, firstOnly: false }
      expect(await durable().activate(activation(wizard, anew), NOW, [])).toBe(true)
      expect(await undone(undo)).toBe(true)
      expect(await factors(accountId)).toEqual({ ...NONE, enrolledAt: NOW - DAY })
    })

    test('hijacking: what was turned off since is on again, with none', async () => {
      const { accountId, undo, app } = await moved({ enrolledAt: NOW - DAY })
      expect(await durable().turnOff(accountId, app?.id ?? '', [])).toBe(true)
      expect(await undone(undo)).toBe(true)
      expect(await factors(accountId)).toEqual({ ...NONE, enrolledAt: NOW - DAY })
    })

    test('hijacking: what was turned on since is off again', async () => {
      const { accountId, undo } = await moved({ equipped: false })
      await enroll(durable(), { accountId })
      expect((await factors(accountId)).enrolledAt).toBeDefined()
      expect(await undone(undo)).toBe(true)
      expect(await factors(accountId)).toEqual({ ...NONE, enrolledAt: undefined })
    })

    test('a backup code of then stays, a newer one goes', async () => {
      for (const renewed of [false, true]) {
        const { accountId, undo, backup } = await moved({ enrolledAt: NOW - DAY })
        if (renewed) await durable().replaceBackupCode(backupCode({ accountId }), [])
        await undone(undo)
        expect((await factors(accountId)).backup).toBe(renewed ? undefined : backup.id)
      }
    })

    test('what passes or is half-way goes, whenever it was begun; so do known browsers', async () => {
      const { accountId, undo } = await moved({ enrolledAt: NOW - DAY })
      const [sent, wizard, code] = [sentCode({ accountId }), pending({ accountId }), addressCode(accountId)]
      const temporary = temporaryCode({ accountId })
      await durable().insertTemporaryCode(temporary)
      await durable().putSentCode(sent, [])
      await durable().putPending(wizard, NOW)
      await durable().putAddressCode(code, [])
      await durable().rememberBrowser('browser', accountId, 'hash-1', NOW + DAY)
      expect(await durable().isKnownBrowser('browser', accountId, NOW)).toBe(true)
      await undone(undo)
      expect(await durable().useTemporaryCode(accountId, temporary.digest, NOW)).toBe(false)
      expect(await durable().findSentCode(sent.accountId, sent.key, NOW)).toBeUndefined()
      expect(await durable().findPending(wizard.key, accountId, NOW)).toBeUndefined()
      expect(await durable().findAddressCode(code.accountId, code.key, NOW)).toBeUndefined()
      expect(await durable().isKnownBrowser('browser', accountId, NOW)).toBe(false)
    })

    test('requests for help that were filed since are canceled; older ones and other people’s stay', async () => {
      const { accountId, undo } = await moved()
      const older = recoveryCase({ accountId, createdAt: NOW - 4 * DAY, expiresAt: NOW - 1 })
      const since = recoveryCase({ accountId })
      const other = recoveryCase({ accountId: 'another' })
      for (const each of [older, since, other]) expect(await durable().insertCase(each, [])).toBe(true)
      await undone(undo)
      const kept = await Promise.all([older, since, other].map(({ number }) => durable().findCase(number)))
      expect(kept.map((each) => each?.state)).toEqual(['open', 'canceled', 'open'])
      expect(kept[1]?.closedAt).toBe(NOW + HOUR)
    })

    test('nobody else loses anything', async () => {
      const [{ undo }, other] = [await moved(), await moved({ enrolledAt: NOW - DAY })]
      await enroll(durable(), { accountId: other.accountId })
      const before = await factors(other.accountId)
      await undone(undo)
      expect(await factors(other.accountId)).toEqual(before)
    })
  })
})
