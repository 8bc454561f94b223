/** How long something lasts is told as it is configured: no text says a number before a unit of time, but where it is fixed. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { LONGEST_EXTENSION } from '../../../src/admin/person-changes.ts'
import { ADMIN_LIMITS } from '../../../src/app/admin.ts'
import { DAY, MINUTE } from '../../../src/lib/time.ts'
import { REMEMBERED_DAYS } from '../../../src/mfa/remembered-device.ts'
import { UNDO_LIFE } from '../../../src/person/account.ts'
import { flatten } from '../../../src/render/texts.ts'
import { defaultBrand, views } from '../../../src/render/views.ts'

const FOLDER = join(import.meta.dirname, '../../../views')
const texts = (locale: string) =>
  flatten(JSON.parse(readFileSync(join(FOLDER, 'locales', `${locale}.json`), 'utf8')) as Parameters<typeof flatten>[0])

/** "A second" is an ordinal, and "a day" a date to type. */
const LASTING: Record<string, RegExp> = {
  en: /(?<![\w-])((\d[\d.,]*|two|three|four|five|six|seven|eight|nine|ten|twelve|thirty)\s(seconds|minutes|hours|days|weeks|months|years)|(an?|one)\s(minute|hour|week|month|year))(?!\w)/i,
  nl: /(?<![\w-])((\d[\d.,]*|twee|drie|vier|vijf|zes|zeven|acht|negen|tien|twaalf|dertig)\s(seconden|minuten|uur|dagen|weken|maanden|jaar)|(een|één)\s(minuut|uur|week|maand|jaar))(?!\w)/i,
}

/** What is fixed in the code, and nothing configures. */
const FIXED: Record<string, string> = {
  'enroll.app.intro': 'RFC 6238',
  'enroll.scan.how': 'RFC 6238',
  'enroll.offer.need': 'how long it takes a person',
  'mail.reminder.need': 'how long it takes a person',
  'undo.invalid.what': 'UNDO_LIFE',
  'admin.change.email.undo': 'UNDO_LIFE',
  'admin.change.time.hint.until': 'LONGEST_EXTENSION',
  'admin.change.time.error.until': 'LONGEST_EXTENSION',
  'admin.application.confirm.what': 'ADMIN_LIMITS.fresh',
  'admin.organization.disable.out': 'how often what organizations are is read again',
  'admin.notice.application-changed': 'how often what applications are is read again',
  'admin.notice.api-changed': 'how often what applications are is read again',
  'admin.keys.rotate.what': 'KEEP_AFTER',
  'admin.deliveries.none.failed': 'how long what was given up is kept',
  'admin.campaign.texts.about': 'the days of the reminders',
  'admin.application.means.format.jwt': 'the life of an access token',
  'admin.api.hint.format': 'the life of an access token',
  'admin.api.do.disable.second': 'the life of an access token',
  'admin.people.lastSignIn.last-30-days': 'what the list is narrowed by',
  'admin.people.lastSignIn.over-90-days': 'what the list is narrowed by',
  'admin.people.lastSignIn.over-365-days': 'what the list is narrowed by',
  'admin.invitations.new.perHour': 'a pace',
  'admin.invitations.pace.hour': 'a pace',
  'admin.invitations.pace.working': 'hours of the clock',
  'admin.invitations.new.anyTime': 'hours of the clock',
  'admin.invitations.new.tooSlow': 'the longest round',
  'doctor.about': 'how far back the doctor looks',
  'doctor.fault.code-twice.late-unknown': 'the life of a code',
  'doctor.fault.state-lost.is': 'what the doctor counts',
  'doctor.fault.algorithm.is': 'what the doctor counts',
  'admin.application.value.remembered_devices.true': 'REMEMBERED_DAYS',
  'admin.application.ask.remembered_devices': 'REMEMBERED_DAYS',
  'admin.application.means.minimum_acr.knownDevice': 'REMEMBERED_DAYS',
  'admin.application.means.remembered_devices.true': 'REMEMBERED_DAYS',
}

const rendered = views(FOLDER, defaultBrand)
const MAIL = { name: 'Sanne', email: 'sanne@sigma.example', link: 'https://id.example/x' }
const PAGE = { nonce: 'n0nce', self: '/recover' }

/** As links are configured (`links.activation`, `links.recovery`), here in seconds. */
test.each([
  [72 * 3600, '3 days', '3 dagen'],
  [90 * 60, '90 minutes', '90 minuten'],
  [15 * 60, '15 minutes', '15 minuten'],
])('a link that lives for %i seconds is told to, by mail and on the pages about it', (life, english, dutch) => {
  for (const [locale, said] of Object.entries({ en: english, nl: dutch })) {
    for (const purpose of ['activation', 'reset']) {
      const { text, html } = rendered.mail(purpose, locale, { ...MAIL, hours: life / 3600, minutes: life / 60 })
      const pages = ['link-requested', 'link-invalid'].map((view) =>
        rendered.page(view, locale, { ...PAGE, purpose, life, action: '/again', known: true, home: '/' }),
      )
      for (const told of [text, html, ...pages]) expect(told).toContain(said)
    }
  }
})

// Whoever changes one of these in the code has the texts to change.
test('what is fixed is what the texts say', () => {
  expect([UNDO_LIFE, LONGEST_EXTENSION, REMEMBERED_DAYS * DAY]).toEqual([7 * DAY, 180 * DAY, 30 * DAY])
  expect(ADMIN_LIMITS.fresh).toBe(5 * MINUTE)
})

describe.each(['en', 'nl'])('%s', (locale) => {
  const entries = [...texts(locale)]

  test('no text says how long, but where that is fixed', () => {
    const lasting = LASTING[locale]
    expect(entries.filter(([key, text]) => !(key in FIXED) && lasting?.test(text))).toEqual([])
  })
})
