/** Q-03, OTP-04, SMS-04: what a second factor is made of is nowhere but where it must be, in no spelling. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MINUTE } from '../../../src/lib/time.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { ownMetrics } from '../../support/people/desk.ts'
import { Person } from '../../support/people/person.ts'
import { activated, backupCodeOn, codeOf, enroll, keyOn, press } from '../../support/people/second-factor.ts'
import {
  codesOf,
  halfSignedIn,
  international,
  smsCode,
  startTwoStep,
} from '../../support/people/second-factor-attack.ts'
import { atNumber } from '../../support/people/text-messages.ts'
import { forAllTests } from '../../support/runner/made.ts'

const EMAIL = 'kanarie@sigma.example'
const NUMBER = '06 1357 2468'
/** By what it is. */
const secrets = new Map<string, string>()
const people: Person[] = []

clockOfAllTests()

const app = forAllTests(startTwoStep)

function keep(what: string, secret: string | undefined): string {
  if (!secret) throw new Error(`no ${what}`)
  secrets.set(`${what} ${secrets.size}`, secret)
  return secret
}

async function browser(): Promise<Person> {
  const person = new Person()
  people.push(person)
  await halfSignedIn(app, EMAIL, 'payroll', person)
  return person
}

/** Through every page that makes, shows or takes a secret; right, wrong, twice, late and abandoned. */
async function everyFlow(): Promise<void> {
  const first = new Person()
  people.push(first)
  await activated(app, EMAIL, first)
  const abandoned = await browser()
  await press(abandoned, 'enable')
  await press(abandoned, 'app:company')
  keep('key', keyOn(abandoned.page))
  await halfSignedIn(app, EMAIL, 'payroll', first)
  await press(first, 'enable')
  await press(first, 'app:other')
  const key = keep('key', keyOn(first.page))
  await press(first, 'scanned')
  await press(first, 'code', { code: 'x' })
  await press(first, 'code', { code: codeOf(key, Date.now()) })
  await press(first, 'send', { number: NUMBER, country: 'NL' })
  await press(first, 'sms-code', { code: keep('sms', await smsCode(app, international(NUMBER))) })
  const backup = keep('backup', backupCodeOn(first.page))
  await press(first, 'saved', { saved: 'yes' })
  await press(first, 'continue')

  pass(MINUTE)
  const known = await browser()
  await press(known, 'verify', { code: backup })
  await press(known, 'verify', { code: codeOf(key, Date.now()), remember: 'yes' })
  keep('device', known.cookie('sigma-device'))
  known.cookies = known.cookies.filter(({ name }) => !name.startsWith('sigma-session'))
  await halfSignedIn(app, EMAIL, 'leave', known)
  keep('device', known.cookie('sigma-device'))
  expect(codesOf(known)).toHaveLength(2)

  const texted = await browser()
  await texted.visit(`${texted.page.url}/challenge/sms`)
  await press(texted, 'send')
  const code = keep('sms', await smsCode(app, international(NUMBER)))
  await press(texted, 'verify', { code: `${code}0` })
  await press(texted, 'verify', { code })
  expect(codesOf(texted)).toHaveLength(1)

  const lost = await browser()
  await lost.visit(`${lost.page.url}/challenge/backup`)
  await press(lost, 'verify', { code: backup })
  await press(lost, 'lost')
  pass(MINUTE)
  const renewed = await enroll(lost, Date.now)
  keep('key', renewed.key)
  keep('backup', renewed.backupCode)

  const odd = await browser()
  await odd.visit(`${app.origin}/nothing?code=${renewed.backupCode}&key=${renewed.key}`)
  const unsent = await browser()
  await unsent.request('POST', unsent.page.url, new URLSearchParams({ code: renewed.backupCode }))
}

function files(folder: string): Array<[string, string]> {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name !== 'development.key' && !entry.parentPath.includes('outbox'))
    .map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name), 'latin1')])
}

test('no secret of a second factor is in the database, the log, the audit trail, the metrics or an address', async () => {
  await everyFlow()
  expect(new Set([...secrets.keys()].map((what) => what.split(' ')[0]))).toEqual(
    new Set(['key', 'sms', 'backup', 'device']),
  )
  const places = new Map<string, string>([
    ['log', app.logged.join('')],
    ['metrics', await ownMetrics(app)],
    ['audit', JSON.stringify(await app.core.store.durable.listAudit({ limit: 10_000 }))],
    ['mail', JSON.stringify((await app.inbox()).filter(({ channel }) => channel === 'email'))],
    [
      'addresses',
      people
        .flatMap(({ trail }) => trail.map(({ url, headers }) => `${url} ${headers.get('location')}`))
        .filter((line) => !line.includes('/nothing?'))
        .join('\n'),
    ],
    ...files(app.folder),
  ])
  expect([...places.keys()]).toEqual(expect.arrayContaining(['sigma-id.db', 'sigma-id.db-wal']))
  const found = [...places].flatMap(([place, content]) =>
    [...secrets]
      .filter(([what, secret]) => spellings(what, secret).some((spelling) => present(content, spelling)))
      .map(([what]) => `${what} in ${place}`),
  )
  expect(found).toEqual([])
})

test('F-05: the code of a message is in the message only: not in a page, a header or a cookie', async () => {
  pass(2 * 60 * MINUTE)
  const person = await atNumber(app, 'kanarie2@sigma.example')
  const pages: string[] = []
  await press(person, 'send', { number: '06 1357 2469', country: 'NL' })
  const code = await smsCode(app, '+31613572469')
  for (const step of ['sms-code', 'resend', 'number']) {
    await press(person, step, { code: '' })
    pages.push(person.page.html)
  }
  const lines = person.trail.map(({ url, headers }) => `${url} ${JSON.stringify([...headers])}`)
  for (const line of [...pages, ...lines, JSON.stringify(person.cookies)])
    expect(present(line.replaceAll(/[\w-]{21,}/g, ''), code)).toBe(false)
})

test('the search finds what it looks for, in every spelling', () => {
  const raw = Buffer.from('12345678901234567890')
  const spelled = spellings('key', 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')
  expect(spelled).toEqual(
    expect.arrayContaining([raw.toString('latin1'), raw.toString('hex'), raw.toString('base64url').replace(/=+$/, '')]),
  )
  expect(present('x 123456 y', '123456')).toBe(true)
  expect(present('x 91234567 y', '123456')).toBe(false)
})

/** Six digits are found in any longer number, which is none. */
function present(content: string, spelling: string): boolean {
  return /^\d{6}$/.test(spelling)
    ? new RegExp(`(?<![\\w.-])${spelling}(?![\\w.-])`).test(content)
    : content.includes(spelling)
}

function spellings(what: string, secret: string): string[] {
  const plain = secret.replaceAll('-', '')
  const spelled = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64').replace(/=+$/, '')]
  if (what.startsWith('backup'))
    spelled.push(plain, plain.toLowerCase(), secret.toLowerCase(), secret.replaceAll('-', ' '))
  if (what.startsWith('device')) spelled.push(...secret.split('.'))
  if (!what.startsWith('key')) return spelled
  const raw = decodeBase32(secret)
  const groups = secret.match(/.{4}/g)?.join(' ') ?? ''
  const hex = raw.toString('hex')
  return [
    ...spelled,
    groups,
    secret.toLowerCase(),
    raw.toString('latin1'),
    hex,
    hex.toUpperCase(),
    raw.toString('base64url'),
  ]
}

function decodeBase32(text: string): Buffer {
  const bits = [...text]
    .map((sign) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(sign).toString(2).padStart(5, '0'))
    .join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}
