/** An old factor and the new one in its place: which codes count when, and what is written down of it. */
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { readAssertion } from '../../../src/mfa/passkey-check.ts'
import { passkeys } from '../../../src/mfa/passkeys.ts'
import { secondFactorsOf } from '../../../src/mfa/second-factors.ts'
import type { Account } from '../../../src/person/account.ts'
import { listPasskeys } from '../../../src/person/passkey.ts'
import { decideCase } from '../../../src/person/recovery-case.ts'
import { asked } from '../../support/people/asked-people.ts'
import { type Ceremony, type SoftKey, type SoftKeyOptions, softKey } from '../../support/people/soft-key.ts'
import {
  activation,
  backupCode,
  caseDecision,
  pending,
  recoveryCase,
  temporaryCode,
} from '../../support/samples/factors.ts'
import { link } from '../../support/samples/records.ts'
import { brought, OLD_KEY } from '../../support/unit/brought-person.ts'
import { detailsOf, type FactorBench, factorBench, SOURCE } from '../../support/unit/factor-bench.ts'

const OLD = 'Nmbrs (sanne@elsewhere.example)'
let bench: FactorBench
let account: Account
beforeEach(async () => {
  bench = await factorBench()
  onTestFinished(() => bench.close())
  account = await brought(bench, OLD)
})

const person = async () => (await bench.store.people.find(account.id)) ?? expect.fail('nobody')
const labels = async () => (await person()).authenticators.map(({ label }) => label)
const ledger = async () => (await person()).account?.imported
const stages = async () =>
  (await bench.store.people.counts('imported')).map(({ value }) => String(value).split(' ').at(-1))

async function answer(code: string): Promise<string> {
  const answered = await bench.challenges.answer(
    { account: await bench.again(account), method: 'totp', code, sitting: 's', session: 's', source: SOURCE },
    ['totp'],
  )
  return answered.ok ? 'right' : answered.reason
}

describe('in the wizard', () => {
  const requester = async (proven: boolean, session = 'wizard') => ({
    ...{ account: await bench.again(account), session, proven, holding: {}, source: SOURCE },
  })

  async function confirm(proven: boolean): Promise<{ secret: string; ok: boolean }> {
    const { secret = '', old } = await bench.wizard.choose(await requester(proven), 'other')
    expect(old).toEqual([OLD])
    return { secret, ok: (await bench.wizard.confirm(await requester(proven), bench.code(secret, OLD_KEY))).ok }
  }

  test('the old entry answers until the new one has, which takes its place at once', async () => {
    expect(await stages()).toEqual(['waiting'])
    expect(await answer(bench.code(OLD_KEY))).toBe('right')
    const proven = bench.now()
    expect(await stages()).toEqual(['code'])
    const { secret = '' } = await bench.wizard.choose(await requester(true), 'other')
    expect(await answer(bench.code(OLD_KEY, secret))).toBe('right')
    const { epoch } = await bench.again(account)

    const code = bench.code(secret, OLD_KEY)
    const confirmed = await bench.wizard.confirm(await requester(true), code)
    expect(confirmed).toMatchObject({ ok: true, wizard: { stage: 'sms', old: [OLD] } })
    expect(await labels()).toEqual([account.email])
    expect((await bench.again(account)).epoch).toBe(epoch + 1)
    expect(await answer(bench.code(OLD_KEY, secret))).toBe('wrong-code')
    expect(await answer(bench.code(secret))).toBe('right')
    expect(await ledger()).toMatchObject({ codeProvenAt: proven, switchedAt: expect.any(Number) })
    expect(await stages()).toEqual(['switched'])
    const data = { from: OLD, to: account.email }
    expect(await bench.told()).toMatchObject([{ to: account.email, name: 'app-switched', data }])
    expect(detailsOf(bench.events, 'factor.enrolled')).toEqual([{ method: 'totp', replacesAll: false, switches: true }])
  })

  test('the number stays, and remembered devices go', async () => {
    await bench.phone(account)
    await bench.device(account)
    expect((await confirm(true)).ok).toBe(true)
    expect(await labels()).toEqual(['78', account.email])
    expect((await person()).devices).toEqual([])
  })

  test('somebody who knows the password only changes nothing', async () => {
    expect((await confirm(false)).ok).toBe(false)
    expect(await labels()).toEqual([OLD])
  })

  test('of two browsers at once one switches', async () => {
    const [one, other] = [await requester(true, 'one'), await requester(true, 'other')]
    const keys = [await bench.wizard.choose(one, 'other'), await bench.wizard.choose(other, 'other')]
    const [first, second] = keys.map(({ secret = '' }) => bench.code(secret, OLD_KEY))
    expect(await bench.wizard.owed(one)).toEqual({ factor: true, old: [OLD], backup: true })
    expect((await bench.wizard.confirm(one, first ?? '')).ok).toBe(true)
    expect((await bench.wizard.confirm(other, second ?? '')).ok).toBe(false)
    expect(await labels()).toEqual([account.email])
    expect(await bench.wizard.owed(await requester(true))).toEqual({ factor: false, old: [], backup: true })
  })
})

test('whose old entry is gone has nothing to switch: no app comes in beside what there is', async () => {
  const sanne = (await bench.enrolled()).account
  const wizard = pending({ accountId: sanne.id, expiresAt: bench.now() + 1000 })
  await bench.store.people.change(sanne.id, (draft) => void draft.wizards.push(wizard))
  const wanted = activation(wizard, { epoch: sanne.epoch, switches: true })
  expect(await asked(bench.store.people).activate(wanted, bench.now(), [])).toBe(false)
})

test('in the security settings a further app takes its place too, and that is said beforehand', async () => {
  const requester = { account, session: 'settings', source: SOURCE }
  const begun = await bench.apps.begin(requester, undefined)
  expect(begun).toMatchObject({ ok: true, app: { replaces: { label: OLD } } })
  const code = bench.code(begun.ok ? begun.app.secret : '', OLD_KEY)
  expect(await bench.apps.confirm(requester, code)).toEqual({ ok: true })
  expect(await labels()).toEqual([account.email])
  expect(await stages()).toEqual(['switched'])
})

describe('a passkey beside the old entry', () => {
  const page = { purpose: 'login', place: 'page', accountId: undefined } as const
  const service = () =>
    passkeys({
      ...{ ...bench.common, enqueue: bench.store.enqueue, product: 'Sigma ID', organizationOf: () => undefined },
      ...{ rpId: 'localhost', origin: 'https://localhost' },
    })
  const save = () =>
    bench.store.people.change(account.id, (draft) => {
      draft.backup = backupCode({ accountId: account.id, savedAt: bench.now() })
    })
  const campaigned = async () => {
    const required = { start: 0, deadline: 0 }
    const rules = { everyone: required, organizations: new Map(), roles: new Map(), exempt: [] }
    const { usable } = service()
    const facts = secondFactorsOf(bench.store.people, rules, { passwords: 'keep' }, bench.now, {
      usable,
      settable: true,
    })
    const { old, campaign } = await facts(await bench.again(account))
    return { old, campaign }
  }

  async function added(options: SoftKeyOptions = {}): Promise<SoftKey> {
    const requester = { account: await bench.again(account), session: 's', source: SOURCE }
    const creation = (await service().creation(requester)) ?? expect.fail('no options')
    const key = softKey(options)
    const registration = key.register({ challenge: creation.challenge, userHandle: creation.user.id })
    expect(await service().add(requester, registration, 'Safari, iPhone')).toMatchObject({ ok: true })
    await bench.told()
    return key
  }

  async function signs(key: SoftKey, more: Partial<Ceremony> = {}): Promise<string> {
    const one = await person()
    const [passkey] = listPasskeys(one)
    if (!one.account || !passkey) return expect.fail('no passkey')
    const { challenge = '' } = service().ask(page) ?? {}
    const assertion = readAssertion(key.assert({ challenge, ...more })) ?? expect.fail('no assertion')
    return service().use(assertion, { account: one.account, passkey }, page, { agent: 'Chrome', source: SOURCE })
  }

  test('is set up here: past the deadline nothing is owed any more, and the old entry answers until the passkey has', async () => {
    expect(await campaigned()).toEqual({ old: true, campaign: 'required' })
    const key = await added()
    expect(await campaigned()).toEqual({ old: false, campaign: 'required' })
    expect(await labels()).toEqual([OLD, 'Safari, iPhone'])
    await save()
    await bench.device(account)
    expect(await answer(bench.code(OLD_KEY))).toBe('right')
    const { epoch } = await bench.again(account)

    expect(await signs(key)).toBe('right')
    expect(await labels()).toEqual(['Safari, iPhone'])
    expect(await answer(bench.code(OLD_KEY))).toBe('not-available')
    expect([(await person()).devices, (await bench.again(account)).epoch]).toEqual([[], epoch])
    expect(await stages()).toEqual(['switched'])
    const data = { from: OLD, label: 'Safari, iPhone' }
    expect(await bench.told()).toMatchObject([{ to: account.email, name: 'passkey-switched', data }])
    expect(detailsOf(bench.events, 'factor.removed')).toEqual([{ method: 'totp', last: false, switches: true }])
    expect(await signs(key)).toBe('right')
    expect(await bench.told()).toEqual([])
  })

  test('is not left as the only way in while no backup code is saved', async () => {
    const key = await added()
    expect(await signs(key)).toBe('right')
    expect(await labels()).toEqual([OLD, 'Safari, iPhone'])
    await save()
    expect(await signs(key)).toBe('right')
    expect(await labels()).toEqual(['Safari, iPhone'])
  })

  test('that may have been copied takes the place of nothing', async () => {
    const key = await added({ counts: true, synced: false })
    await save()
    expect(await signs(key, { signCount: 1 })).toBe('right')
    expect(await labels()).toEqual([OLD, 'Safari, iPhone'])
  })

  test('of another RP id answers nothing here, so the old entry is what there is', async () => {
    await added()
    await bench.store.people.change(account.id, (draft) => {
      for (const { passkey } of draft.authenticators) if (passkey) passkey.rpId = 'elsewhere.example'
    })
    expect(await campaigned()).toEqual({ old: true, campaign: 'required' })
  })
})

describe('what did not do is written down', () => {
  test('when the help desk takes the old app away', async () => {
    const one = recoveryCase({ accountId: account.id, createdAt: bench.now(), expiresAt: bench.now() + 1000 })
    const code = temporaryCode({ accountId: account.id })
    await bench.store.people.change(account.id, (draft) => {
      draft.cases.push(one)
      expect(decideCase(draft, { ...caseDecision(one, { code }), at: bench.now() }, [])).toBe(true)
    })
    expect(await ledger()).toMatchObject({ fellBackAt: bench.now() })
    expect(await stages()).toEqual(['fell-back'])
  })

  test.each([
    ['that was never used', '2026a:bcrypt c=10$salt$argon2', 'fell-back'],
    ['that had to be', '2026a:digest h=md5,o=sp$salt$argon2', 'password'],
    ['of ours', '2026a:$argon2id$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA', 'password'],
  ])('when a password %s is set anew by a mailed link', async (_which, passwordHash, stage) => {
    const reset = link(account.id, { purpose: 'reset', expiresAt: bench.now() + 1000 })
    await bench.store.people.change(account.id, (draft) => {
      draft.links.push(reset)
      if (draft.account?.imported) draft.account.imported.password = passwordHash.slice('2026a:'.length)
      if (draft.account) draft.account.passwordHash = passwordHash
    })
    const { digest, purpose } = reset
    const change = { accountId: account.id, link: { digest, purpose }, passwordHash: 'k:new', at: bench.now() }
    expect(await asked(bench.store.people).setPassword(change, [])).toBe(true)
    expect(await stages()).toEqual([stage])
  })
})
