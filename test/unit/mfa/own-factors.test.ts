/** What people do with their own second factors, on a real store; last-app.test.ts has the last one that goes. */

import { expect, test } from 'vitest'
import { DAY } from '../../../src/lib/time.ts'
import type { CampaignRules } from '../../../src/mfa/campaign.ts'
import { ownFactors } from '../../../src/mfa/own-factors.ts'
import { race } from '../../support/attack/race.ts'
import { asked } from '../../support/people/asked-people.ts'
import { forEachTest } from '../../support/runner/made.ts'
import { detailsOf, factorBench, SOURCE } from '../../support/unit/factor-bench.ts'

const NO_CAMPAIGN: CampaignRules = { organizations: new Map(), roles: new Map(), exempt: [] }

const bench = forEachTest(factorBench)
const own = forEachTest(() => ownFactors({ ...bench.common, campaign: NO_CAMPAIGN }))
const sanne = forEachTest(() => bench.enrolled())

test('an overview says what there is, and nothing that opens anything', async () => {
  await bench.phone(sanne.account)
  await bench.device(sanne.account)
  const overview = await own.overview(sanne.account)
  expect(overview).toMatchObject({
    apps: [{ id: sanne.app, label: sanne.account.email }],
    phone: { hint: '78' },
    backup: { saved: true },
    devices: [{ agent: 'Firefox on Linux', method: 'totp' }],
    demanded: false,
  })
  expect(Object.keys(overview.devices[0] ?? {}).sort()).toEqual(
    ['agent', 'createdAt', 'expiresAt', 'id', 'lastUsedAt', 'method'].sort(),
  )
  // An id is random letters.
  const told = JSON.stringify(overview, (name, value) => (name === 'id' ? undefined : value))
  expect(told).not.toMatch(/sealed|digest|secret|salt/i)
})

test('nobody else’s factors are in an overview, nor can they be touched', async () => {
  const daan = await bench.enrolled()
  await bench.phone(daan.account)
  await bench.device(daan.account)
  const [theirs] = await asked(bench.store.people).listDevices(daan.account.id, bench.now())
  expect((await own.overview(sanne.account)).devices).toEqual([])
  expect(await own.rename(sanne.account, daan.app, 'Mine', SOURCE)).toEqual({ ok: false, reason: 'unknown' })
  expect(await own.remove(sanne.account, daan.app, { off: false }, SOURCE)).toEqual({ ok: false, reason: 'unknown' })
  expect(await own.forgetDevice(sanne.account, theirs?.id ?? '', SOURCE)).toBe(false)
  expect(await own.removePhone(sanne.account, SOURCE)).toBe(false)
  expect(await bench.told()).toEqual([])
  expect(await own.overview(daan.account)).toMatchObject({ apps: [{}], phone: {}, devices: [{}] })
})

test('a new name is kept, told with the old one, and recorded without either', async () => {
  expect(await own.rename(sanne.account, sanne.app, '  Work phone ', SOURCE)).toEqual({ ok: true })
  expect((await own.overview(sanne.account)).apps).toMatchObject([{ label: 'Work phone' }])
  const data = { from: sanne.account.email, to: 'Work phone' }
  expect(await bench.told()).toMatchObject([{ to: sanne.account.email, name: 'app-renamed', data }])
  expect(detailsOf(bench.events, 'factor.renamed')).toEqual([{ method: 'totp' }])
  expect((await bench.again(sanne.account)).epoch).toBe(sanne.account.epoch)
})

test('the name that it has already tells nobody anything', async () => {
  expect(await own.rename(sanne.account, sanne.app, sanne.account.email, SOURCE)).toEqual({ ok: true })
  expect([await bench.told(), bench.events]).toEqual([[], []])
})

test.each([
  ['', 'missing'],
  [' \u3000 ', 'missing'],
  ['x'.repeat(41), 'too-long'],
  ['bell \u0007', 'not-allowed'],
  ['two\nlines', 'not-allowed'],
  ['right \u202eto left', 'not-allowed'],
  ['no\u200bwidth', 'not-allowed'],
  ['phone of 111222333', 'not-allowed'],
  ['111.222.333', 'not-allowed'],
])('E-09: %j is no name: %s', async (label, reason) => {
  expect(await own.rename(sanne.account, sanne.app, label, SOURCE)).toEqual({ ok: false, reason })
  expect(await bench.told()).toEqual([])
})

test.each(['x'.repeat(40), '😀'.repeat(40), 'x:y?secret=AAAA&issuer=Evil', 'تلفن\u200cمن'])(
  '%j is a name',
  async (label) => {
    expect(await own.rename(sanne.account, sanne.app, label, SOURCE)).toEqual({ ok: true })
  },
)

test('two apps do not get one name, however it is written', async () => {
  const other = await bench.anotherApp(sanne.account)
  await own.rename(sanne.account, sanne.app, 'iPhone', SOURCE)
  for (const label of ['iPhone', 'IPHONE', 'ｉＰｈｏｎｅ'])
    expect(await own.rename(sanne.account, other, label, SOURCE)).toEqual({ ok: false, reason: 'taken' })
})

test('one of two apps goes, with the remembered devices, and is told by its name', async () => {
  const other = await bench.anotherApp(sanne.account)
  await bench.device(sanne.account)
  const before = await bench.again(sanne.account)
  expect(await own.remove(before, sanne.app, { off: false }, SOURCE)).toEqual({ ok: true })
  expect(await own.overview(before)).toMatchObject({ apps: [{ id: other }], backup: {}, devices: [] })
  const data = { label: sanne.account.email }
  expect(await bench.told()).toMatchObject([{ name: 'app-removed', data }])
  expect(detailsOf(bench.events, 'factor.removed')).toEqual([{ method: 'totp', last: false }])
  expect((await bench.again(before)).epoch).toBeGreaterThan(before.epoch)
})

test('a phone number goes on its own, told by its last digits', async () => {
  await bench.phone(sanne.account)
  await bench.device(sanne.account)
  expect(await own.removePhone(sanne.account, SOURCE)).toBe(true)
  expect(await own.removePhone(sanne.account, SOURCE)).toBe(false)
  expect(await own.overview(sanne.account)).toMatchObject({ apps: [{}], phone: undefined, devices: [] })
  expect(await bench.told()).toMatchObject([{ name: 'sms-removed', data: { hint: '78' } }])
  expect(detailsOf(bench.events, 'factor.removed')).toEqual([{ method: 'sms', last: false }])
})

test('a phone’s id removes no phone where an app was meant', async () => {
  await bench.phone(sanne.account)
  expect(await own.remove(sanne.account, 'phone-78', { off: false }, SOURCE)).toEqual({
    ok: false,
    reason: 'unknown',
  })
  expect((await own.overview(sanne.account)).phone).toBeDefined()
})

test('G-01: a new backup code kills the old one, and is recorded without itself', async () => {
  await bench.device(sanne.account)
  const answer = { account: sanne.account, method: 'backup' as const, sitting: 's', session: 's', source: SOURCE }
  for (let tries = 0; tries < 5; tries += 1) await bench.challenges.answer({ ...answer, code: 'wrong' }, ['backup'])
  await bench.told()
  bench.events.length = 0
  const code = await own.renewBackup(sanne.account, await own.backupId(sanne.account), SOURCE)
  expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}$/)
  expect(await own.overview(sanne.account)).toMatchObject({ backup: { saved: false }, devices: [] })
  expect((await bench.told()).map(({ name }) => name)).toEqual(['backup-code-new'])
  expect(detailsOf(bench.events, 'backup-code.made')).toEqual([{ renewed: true }])
  expect(JSON.stringify(bench.events)).not.toContain(code)

  expect(await bench.challenges.answer({ ...answer, code: sanne.backupCode }, ['backup'])).toMatchObject({
    reason: 'wait',
  })
  answer.sitting = 'another'
  const old = await bench.challenges.answer({ ...answer, code: sanne.backupCode }, ['backup'])
  expect(old).toEqual({ ok: false, reason: 'wrong-code' })
  // G-03: typed as people type.
  const typed = (code ?? '').toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')
  expect(await bench.challenges.answer({ ...answer, code: typed }, ['backup'])).toMatchObject({ ok: true })
})

test('G-02: a backup code of one person is none of another, and counts against whoever was asked', async () => {
  const daan = await bench.enrolled()
  const answer = { account: daan.account, method: 'backup' as const, sitting: 's', session: 's', source: SOURCE }
  const answered = await bench.challenges.answer({ ...answer, code: sanne.backupCode }, ['backup'])
  expect(answered).toEqual({ ok: false, reason: 'wrong-code' })
  expect(await bench.store.count(`second-factor/backup/${daan.account.id}`)).toBe(1)
  expect(await bench.store.count(`second-factor/backup/${sanne.account.id}`)).toBe(0)
})

test('twenty tabs that ask for a new backup code at once: one gets it, and that is the one', async () => {
  const before = await own.backupId(sanne.account)
  const [codes = []] = await race(
    { rounds: 1, contenders: 20 },
    async () => () => own.renewBackup(sanne.account, before, SOURCE),
  )
  const made = codes.filter((code) => code !== undefined)
  expect(made).toHaveLength(1)
  expect(await bench.told()).toHaveLength(1)
  const answer = { account: sanne.account, method: 'backup' as const, sitting: 's', session: 's', source: SOURCE }
  expect(await bench.challenges.answer({ ...answer, code: made[0] ?? '' }, ['backup'])).toMatchObject({ ok: true })
})

test('nobody without an app gets a backup code', async () => {
  // E-11: alone it would be a second factor for whoever knows the password.
  expect(await own.renewBackup(await bench.person(), undefined, SOURCE)).toBeUndefined()
})

test('the person says that the code is saved', async () => {
  await own.renewBackup(sanne.account, await own.backupId(sanne.account), SOURCE)
  await own.confirmBackup(sanne.account)
  expect(await own.overview(sanne.account)).toMatchObject({ backup: { saved: true } })
})

test('RDV-06: one device is forgotten by itself, or all of them, once told', async () => {
  for (const agent of ['Firefox on Linux', 'Safari on iPhone', 'Edge on Windows'])
    await bench.device(sanne.account, agent)
  bench.events.length = 0
  const [first] = (await own.overview(sanne.account)).devices
  expect(await own.forgetDevice(sanne.account, first?.id ?? '', SOURCE)).toBe(true)
  expect(await own.forgetDevice(sanne.account, first?.id ?? '', SOURCE)).toBe(false)
  expect(await bench.told()).toMatchObject([{ name: 'devices-forgotten', data: { count: 1, agent: first?.agent } }])
  await own.forgetDevices(sanne.account, SOURCE)
  await own.forgetDevices(sanne.account, SOURCE)
  expect((await own.overview(sanne.account)).devices).toEqual([])
  expect(await bench.told()).toMatchObject([{ name: 'devices-forgotten', data: { count: 2 } }])
  expect(detailsOf(bench.events, 'device.forgotten')).toEqual([{ count: 1 }, { count: 2 }])
})

test('NOT-01: every known address is told', async () => {
  const told = { ...sanne.account, noticeEmail: 'home@sanne.example', previousEmail: 'old@sanne.example' }
  await own.renewBackup({ ...told, emailChangedAt: bench.now() - DAY }, await own.backupId(sanne.account), SOURCE)
  expect((await bench.told()).map(({ to }) => to).sort()).toEqual(
    [sanne.account.email, 'home@sanne.example', 'old@sanne.example'].sort(),
  )
})
