/** Mail through the whole product to a mail server that nobody here wrote, over TLS and with a login (SECURITY R-12). */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Locale } from '../../../src/lib/locales.ts'
import { HOUR, MINUTE } from '../../../src/lib/time.ts'
import { type RunningApp, startApp } from '../../support/app/app.ts'
import { selfSigned } from '../../support/app/certificate.ts'
import {
  type MailServerOptions,
  mailServer,
  PASSWORD as SECRET,
  type StoredMail,
  trustedCertificate,
  USER,
} from '../../support/delivery/mail-server.ts'
import { Person } from '../../support/people/person.ts'

const EMAIL = 'zoe@sigma.example'
const NAME = 'Zoë van ’t Hoff – 💶'
const PASSWORD = 'vier losse woorden samen'
const NEW_PASSWORD = 'vijf andere woorden bij elkaar'
const LINK = /https?:\/\/\S+\/(?:activate|recover)\/\S+/

interface Sender extends RunningApp {
  invite(email?: string, locale?: Locale): Promise<unknown>
  waiting(): Promise<number>
}

async function sender(url: string, now: () => number = Date.now, folder?: string): Promise<Sender> {
  const app = await startApp({ env: { SIGMA_SMTP_URL: url }, now, ...(folder && { folder }) })
  let stopped = false
  async function stop(): Promise<void> {
    if (!stopped) await app.stop()
    stopped = true
  }
  onTestFinished(stop)
  return {
    ...app,
    stop,
    invite: (email = EMAIL, locale = 'nl') => app.core.links.invite({ email, name: NAME, locale }),
    waiting: async () => (await app.core.store.durable.backlog()).waiting,
  }
}

async function deliverAll(app: RunningApp): Promise<void> {
  while ((await app.drain()) > 0);
}

/** As the product wrote it, whatever encodings it went through. */
function asWritten(app: RunningApp, mail: StoredMail, purpose: 'activation' | 'reset', locale: Locale) {
  const link = LINK.exec(mail.text)?.[0]
  const { subject, text, html } = app.core.writeMail(purpose, locale, {
    name: NAME,
    email: EMAIL,
    link,
    hours: 7 * 24,
    minutes: 60,
  })
  return { subject, text: text.trimEnd(), html: html.trimEnd() }
}

async function choosePassword(mail: StoredMail | undefined, password: string): Promise<Person> {
  const person = new Person()
  await person.visit(LINK.exec(mail?.text ?? '')?.[0] ?? '')
  await person.submit({ password, repeat: password })
  return person
}

const WAYS: Array<[MailServerOptions['tls'], Locale]> = [
  ['at once', 'nl'],
  ['at once', 'en'],
  ['starttls', 'nl'],
  ['starttls', 'en'],
]

test.each(WAYS)('TLS %s, in %s: activation and reset arrive once, whole, and their links work', async (tls, locale) => {
  const server = await mailServer({ tls, size: 64 * 1024 })
  const app = await sender(server.url())
  await app.invite(EMAIL, locale)
  await deliverAll(app)
  const [activation, ...none] = server.mails
  expect(none).toEqual([])
  const activated = await choosePassword(activation, PASSWORD)
  expect(activated.page.url).toContain('/interaction/')

  const person = new Person({ language: locale })
  await person.visit(`${app.origin}/recover`)
  await person.submit({ email: EMAIL })
  await deliverAll(app)
  const recovery = server.mails.find(({ text }) => text.includes('/recover/'))
  await choosePassword(recovery, NEW_PASSWORD)
  await deliverAll(app)

  for (const [mail, purpose] of [
    [activation, 'activation'],
    [recovery, 'reset'],
  ] as const) {
    if (!mail) throw new Error(`no mail for ${purpose}`)
    const { subject, text, html } = asWritten(app, mail, purpose, locale)
    expect(mail).toMatchObject({ to: [EMAIL], text, html, headers: { subject, to: EMAIL } })
    expect(mail).toMatchObject({ transmission: 'ESMTPSA', user: USER })
  }
  // Activation, reset, and the word afterwards that the password was changed.
  expect(server.mails).toHaveLength(3)
  expect(new Set(server.mails.map(({ headers }) => headers['message-id'])).size).toBe(3)
  // Though this server would take more: seven bits, in short lines, pass every server on the way (RFC 5321 section 4.5.3.1.6).
  for (const { raw } of server.mails) {
    expect(raw).not.toMatch(/[^\t\r\n\x20-\x7e]/)
    expect(Math.max(...raw.split('\r\n').map(({ length }) => length))).toBeLessThanOrEqual(998)
  }
  expect(await app.waiting()).toBe(0)
})

test('a server that is away for an hour: nothing is lost, nothing comes twice, and the link is good from arrival', async () => {
  let time = Date.now()
  const server = await mailServer({ tls: 'starttls' })
  const app = await sender(server.url(), () => time)
  const people = Array.from({ length: 6 }, (_, n) => `person-${n}@sigma.example`)
  // One connection is open and kept when the server goes.
  await app.invite('before@sigma.example')
  await deliverAll(app)
  await server.leave()
  await Promise.all(people.map((email) => app.invite(email)))
  for (const end = time + HOUR; time < end; time += 5 * MINUTE) await app.drain()
  expect(server.mails).toHaveLength(1)
  expect(await app.waiting()).toBe(people.length)

  await server.comeBack()
  for (const end = time + 3 * HOUR; time < end; time += 5 * MINUTE) await app.drain()
  expect(server.mails.flatMap(({ to }) => to).sort()).toEqual(['before@sigma.example', ...people].sort())
  expect(await app.waiting()).toBe(0)
  // Older than its life by now, counted from the invitation.
  time += 20.5 * HOUR
  const person = await choosePassword(server.mails.at(-1), PASSWORD)
  expect(person.page.url).toContain('/interaction/')
})

test('a wrong password: the mail waits, the log says why without the secret, and it leaves when it is mended', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sigma-id-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const wrong = 'not-the-p@ssword'
  const server = await mailServer({ tls: 'at once' })
  const app = await sender(server.url(wrong), Date.now, folder)
  await app.invite()
  await app.drain()
  expect(server.logins).toEqual([USER])
  expect(server.mails).toEqual([])
  expect(await app.waiting()).toBe(1)
  const log = app.logged.join('\n')
  expect(log).toContain('"reason":"smtp-535"')
  const said = [wrong, encodeURIComponent(wrong), Buffer.from(`\0${USER}\0${wrong}`).toString('base64')]
  for (const secret of [...said, Buffer.from(wrong).toString('base64'), USER]) expect(log).not.toContain(secret)
  await app.stop()

  const mended = await sender(server.url(), () => Date.now() + HOUR, folder)
  await deliverAll(mended)
  expect(server.mails.map(({ to }) => to)).toEqual([[EMAIL]])
  expect(await mended.waiting()).toBe(0)
})

test.each<[string, MailServerOptions['tls'], () => Partial<MailServerOptions>]>([
  ['with a certificate that nobody vouches for', 'at once', () => ({ certificate: selfSigned('127.0.0.1') })],
  ['with such a certificate after STARTTLS', 'starttls', () => ({ certificate: selfSigned('0.0.0.0') })],
  ['with the certificate of another server', 'at once', () => ({ certificate: trustedCertificate('mail.example') })],
  ['with that of another after STARTTLS', 'starttls', () => ({ certificate: trustedCertificate('mail.example') })],
  ['who filters STARTTLS out', 'starttls', () => ({ filtered: ['STARTTLS'] })],
])('somebody in between, %s, gets neither login nor mail', async (_who, tls, options) => {
  const server = await mailServer({ tls, ...options() })
  const app = await sender(server.url())
  await app.invite()
  await app.drain()
  expect(server).toMatchObject({ logins: [], mails: [] })
  expect(await app.waiting()).toBe(1)
  expect(app.logged.join('\n')).toMatch(/"reason":"smtp-(esocket|etls|50\d)"/)
  expect(app.logged.join('\n')).not.toContain(SECRET)
})

test('a mail that is too large for the server is given up, and that is logged and counted', async () => {
  const server = await mailServer({ tls: 'at once', size: 1024 })
  const app = await sender(server.url())
  await app.invite()
  await app.drain()
  expect(server.mails).toEqual([])
  expect(await app.waiting()).toBe(0)
  expect(app.logged.join('\n')).toContain('"reason":"smtp-552"')
  const metrics = await (await fetch(`${app.operationsOrigin}/metrics`)).text()
  expect(metrics).toMatch(/delivery[_.]failed/)
})
