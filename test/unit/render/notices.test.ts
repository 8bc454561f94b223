/** Every notice in every language: what it must say, and what must never be in it (SECURITY NOT-01 to NOT-03, DAT-06). */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { NOTICES, type NoticeName } from '../../../src/accounts/notify.ts'
import { LOCALES } from '../../../src/lib/locales.ts'
import { SHOWN } from '../../../src/render/notice.ts'
import { type Brand, defaultBrand, views } from '../../../src/render/views.ts'
import { ALWAYS, CANCEL, CASE, NOTICE_SAMPLES, SETTINGS, UNDO } from '../../support/samples/notices.ts'

const FOLDER = join(import.meta.dirname, '../../../views')
const brand: Brand = { ...defaultBrand, supportEmail: 'help@sigma.example', supportPhone: '+31 20 123 45 67' }
const rendered = views(FOLDER, brand)
const EVIL = `"><script>alert(1)</script>'\r\nBcc: all@sigma.example\u2028x`

/** Mails that tell of no event: links, codes, answers to a request. */
const OTHERS = [
  'activation',
  'already-active',
  'reset',
  'address-code',
  'delivery-test',
  'address-taken',
  'two-step-reminder',
  'switch-reminder',
]
/** Whoever reads these cannot sign in. */
const SHUT: NoticeName[] = ['account-disabled', 'account-erased']

const LINKS: Partial<Record<NoticeName, [href: string, label: Record<'en' | 'nl', string>]>> = {
  'recovery-requested': [CANCEL, { en: 'Cancel this request', nl: 'Deze aanvraag annuleren' }],
  'email-changed': [UNDO, { en: 'Undo this change', nl: 'Deze wijziging ongedaan maken' }],
  'email-replaced': [UNDO, { en: 'Undo this change', nl: 'Deze wijziging ongedaan maken' }],
}

const NOT_YOU = {
  en: /^(Not you\?|Did you not [^.]+\?|Otherwise,) .*\.$/,
  nl: /^(Was jij dit niet\?|Verwachtte je dit niet\?|Heb je hier niet om gevraagd\?|Zo niet,) .*\.$/,
}

/** What the mails of each sample show in English, besides when it happened and to which account. */
const FACTS: Partial<Record<NoticeName, string[][]>> = {
  'two-step-on': [['Method: Authenticator app']],
  'app-added': [['App: Telefoon van het werk']],
  'app-moved': [['Before: Oude telefoon', 'Now: Nieuwe telefoon']],
  'app-switched': [['Before: Nmbrs', 'Now: sanne@sigma.example']],
  'app-renamed': [['Before: Telefoon', 'Now: Tablet']],
  'app-removed': [['App: Tablet']],
  'passkey-added': [['Passkey: iCloud Keychain']],
  'passkey-renamed': [['Before: iCloud Keychain', 'Now: iPhone van Sanne']],
  'passkey-removed': [['Passkey: iCloud Keychain']],
  'passkey-counted-back': [['Passkey: YubiKey 5']],
  'passkey-switched': [['Before: Nmbrs', 'Passkey: iCloud Keychain']],
  'sms-added': [['Number: ending in 78']],
  'sms-removed': [['Number: ending in 78']],
  'factor-closed': [['Method: Text message']],
  'factor-failed': [['Wrong codes: 3']],
  'device-remembered': [['Device: Firefox, Windows']],
  'device-misused': [['Device: Firefox, Windows']],
  'devices-forgotten': [['Devices: 4'], ['Device: Safari, iPhone']],
  'session-ended': [['Device: Safari, iPhone'], []],
  'application-removed': [['Application: Sigma Portal']],
  'name-changed': [['Name: Sanne de Vries']],
  'roles-changed': [['Roles: Help desk'], ['Roles: none']],
  'more-time': [['Until: 1 March 2025 at 01:00']],
  'email-restored': [
    [],
    [
      'Removed: Authenticator app (Telefoon van een ander), set up on 1 January 2025 at 01:00',
      'Still set up: Text message (ending in 78), set up on 1 January 2024 at 01:00; Backup code, set up on 1 January 2024 at 01:00',
    ],
    ['Still set up: no method. After you set a new password, choose “I can’t use any of these” when you sign in'],
  ],
  'notice-address-added': [['Address: sanne@home.example']],
  'notice-address-removed': [['Address: sanne@home.example']],
  'recovery-requested': [[`Case number: ${CASE}`], [`Case number: ${CASE}`]],
  'recovery-canceled': [[`Case number: ${CASE}`]],
  'recovery-issued': [[`Case number: ${CASE}`]],
  'recovery-declined': [[`Case number: ${CASE}`]],
}

/** What an event might carry by mistake, and a mail must not. */
const SECRETS = {
  code: 'K7QM-2XNW-PB4T-9HJC-3RVZ-5EDG',
  key: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
  token: 'Zt5yKq8WnR2bV7xLp0Gd',
  link: 'https://id.sigma.example/recover/Zt5yKq8WnR2bV7xLp0Gd',
  password: 'correct horse battery',
  phone: '+31612345678',
  organization: 'Bakkerij de Vries',
  amount: '€ 2.418,33',
}

const SAMPLES = NOTICES.flatMap((name) => NOTICE_SAMPLES[name].map((data) => [name, data] as const))

describe.each(['en', 'nl'] as const)('notices in %s', (locale) => {
  const say = (en: string, nl: string) => (locale === 'en' ? en : nl)
  const words = rendered.translate(locale)

  const sent = SAMPLES.map(([name, data]) => {
    const { subject, text, html } = rendered.mail(name, locale, { ...SECRETS, ...ALWAYS, ...data })
    return { name, data, subject, text, html: html.replace(/<style>.*?<\/style>/s, '').replaceAll('&#39;', "'") }
  })
  /** Each mail in both of its forms. */
  const forms = sent.flatMap(({ text, html, ...mail }) => [
    { ...mail, form: 'text', body: text, where: `${mail.name} ${JSON.stringify(mail.data)}, text` },
    { ...mail, form: 'html', body: html, where: `${mail.name} ${JSON.stringify(mail.data)}, html` },
  ])

  test('say what happened, when, and to which account', () => {
    for (const { name, data, body, where } of forms) {
      expect.soft(body, where).toContain(words(`mail.${name}.intro`))
      expect.soft(body, where).toContain(say('1 January 2025 at 01:00', '1 januari 2025 om 01:00'))
      expect.soft(body, where).toContain(data.newEmail ?? ALWAYS.email)
    }
  })

  test('say what to do if it was someone else', () => {
    const advice = [
      say('“Change password”', '‘Wachtwoord wijzigen’'),
      say('“Sign out everywhere”', '‘Overal uitloggen’'),
    ]
    for (const { name, body, where } of forms) {
      expect.soft(body, where).toContain(words(`mail.${name}.not`))
      expect.soft(words(`mail.${name}.not`), where).toMatch(NOT_YOU[locale])
      expect.soft(body, where).toContain('help@sigma.example, +31 20 123 45 67')
      const told = [SETTINGS, ...advice].map((line) => body.includes(line))
      expect.soft(new Set(told), where).toEqual(new Set([!SHUT.includes(name)]))
    }
  })

  test('have nothing left to fill in', () => {
    for (const { subject, body, where } of forms) {
      expect.soft(`${subject}${body}`, where).not.toMatch(/undefined|null|\[object|NaN|[{}]/)
      expect.soft(body, where).not.toMatch(/mail\.[a-z]/)
    }
  })

  test('hold no code, no token, and no link but the settings and the one that they are for', () => {
    for (const { name, data, form, body, where } of forms) {
      const [href = SETTINGS] = data.undoHref || data.cancelHref ? (LINKS[name] ?? []) : []
      const links = new Set(body.match(/https?:[^\s"<]+/g))
      expect.soft([...links].sort(), where).toEqual([...new Set(SHUT.includes(name) ? [] : [SETTINGS, href])].sort())
      for (const secret of Object.values(SECRETS)) expect.soft(body, where).not.toContain(secret)
      const rest = [...links, CASE, ...(form === 'html' ? (body.match(/#[0-9a-f]{6}\b/g) ?? []) : [])]
        .reduce((left, known) => left.replaceAll(known, ''), body)
        .replace('+31 20 123 45 67', '')
      expect.soft(rest, where).not.toMatch(/\d{5}|\b(?=[\w-]*\d)[\w-]{10,}\b|\b[A-Z2-7]{8,}\b/)
    }
  })

  test('are short, plain, and their paragraphs stand apart', () => {
    for (const { name, subject, text } of sent) {
      expect.soft(subject.length, name).toBeLessThan(80)
      expect.soft(text, name).not.toMatch(/\n{3}|&#|&amp;|[ \t]\n(?<!-- \n)/)
      expect.soft(text.length, name).toBeLessThan(1400)
    }
  })

  test('K-06, injection: nothing in them becomes markup, a header or a line', () => {
    for (const [name, data] of SAMPLES) {
      const evil = Object.fromEntries(Object.keys({ ...ALWAYS, ...data }).map((key) => [key, EVIL]))
      const clean = rendered.mail(name, locale, { ...ALWAYS, ...data })
      const { subject, text, html } = rendered.mail(name, locale, { ...ALWAYS, ...data, ...evil, at: ALWAYS.at })
      expect.soft(subject, name).toBe(clean.subject)
      expect.soft(subject, name).not.toMatch(/[\r\n]/)
      expect.soft(html, name).not.toMatch(/<script>|"">/)
      expect.soft(text, name).not.toMatch(/^Bcc:|\u2028|\r/m)
    }
  })

  test.each(Object.keys(LINKS) as NoticeName[])('%s has its button only when it was given the link', (name) => {
    const [href = '', label] = LINKS[name] ?? []
    const [given, without] = NOTICE_SAMPLES[name].map((data) => rendered.mail(name, locale, { ...ALWAYS, ...data }))
    expect(given?.html).toMatch(new RegExp(`<a [^>]*href="${href}"[^>]*>${label?.[locale]}</a>`))
    // On a line of its own, so that mail programs make a link of it.
    expect(given?.text.split('\n')).toContain(href)
    expect(`${without?.html}${without?.text}`).not.toContain(label?.[locale])
    expect(`${without?.html}${without?.text}`).not.toContain(words(`mail.${name}.act`, { days: 7 }))
  })

  test('the code for a new address tells nothing of the account that asked', () => {
    const { subject, text, html } = rendered.mail('address-code', locale, { ...ALWAYS, code: '123456', minutes: 10 })
    expect(subject).not.toContain('123456')
    expect(text.split('\n')).toContain('123456')
    expect(text).toContain(say('10 minutes', '10 minuten'))
    expect(`${text}${html}`).not.toMatch(/Sanne|sanne@/)
  })

  test('without a contact in the configuration, the advice is to ask one’s own administrator', () => {
    const { text, html } = views(FOLDER, defaultBrand).mail('password-changed', locale, ALWAYS)
    for (const mail of [text, html])
      expect(mail).toContain(say('administrator of your', 'beheerder van je organisatie'))
  })
})

test.each(NOTICES)('%s shows its facts, and only those', (name) => {
  for (const [index, data] of NOTICE_SAMPLES[name].entries()) {
    const { text, html } = rendered.mail(name, 'en', { ...SECRETS, ...ALWAYS, ...data })
    const about = /^email-(changed|replaced)$/.test(name)
      ? 'New address: sanne@home.example'
      : 'Account: sanne@sigma.example'
    const expected = ['When: 1 January 2025 at 01:00', about, ...(FACTS[name]?.[index] ?? [])]
    expect(text.match(/^[A-Z][\w ]*: .*$/gm)?.filter((line) => !line.startsWith('You can reach'))).toEqual(expected)
    const rows = [...html.matchAll(/<tr><td[^>]*>(.*?)<\/td><td[^>]*>(.*?)<\/td>/g)]
    expect(rows.map(([, label, value]) => `${label}: ${value}`)).toEqual(expected)
  }
})

describe('the list of notices', () => {
  test('is what the renderer knows, in the same order', () => {
    expect(Object.keys(SHOWN)).toEqual([...NOTICES])
  })

  test.each(LOCALES)('has its words in %s, and no other mail has', (locale) => {
    const { mail } = JSON.parse(readFileSync(join(FOLDER, 'locales', `${locale}.json`), 'utf8')) as {
      mail: Record<string, Record<string, string>>
    }
    const told = Object.keys(mail).filter((name) => mail[name]?.subject)
    expect(told.sort()).toEqual([...NOTICES, ...OTHERS].sort())
    for (const name of NOTICES) {
      expect(Object.keys(mail[name] ?? {})).toEqual([
        'subject',
        'intro',
        'ok',
        'not',
        ...(LINKS[name] ? ['act', 'link'] : []),
      ])
    }
  })

  test('needs no templates of its own; every other mail has two', () => {
    const files = readdirSync(join(FOLDER, 'mail')).filter(
      (file) => !/^(layout|notice|button|address|reminder)\./.test(file),
    )
    expect(files.sort()).toEqual(OTHERS.flatMap((name) => [`${name}.html.eta`, `${name}.text.eta`]).sort())
    expect(readdirSync(join(FOLDER, 'mail'))).toEqual(expect.arrayContaining(['notice.html.eta', 'notice.text.eta']))
  })

  test('a mail that is neither is a fault', () => {
    expect(() => rendered.mail('no-such-mail', 'en', ALWAYS)).toThrow('no mail "no-such-mail"')
    expect(() => rendered.mail('constructor', 'en', ALWAYS)).toThrow('no mail "constructor"')
  })
})
