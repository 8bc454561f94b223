/** A mail that says that somebody was invited in the person's name. */
import type { Addition } from './scratch.ts'

const TEXTS = {
  en: {
    subject: 'Somebody was invited in your name',
    intro: 'Somebody was invited to work with you.',
    ok: 'Was it you? Then all is well.',
    not: 'Not you? Then someone else can use your account.',
  },
  nl: {
    subject: 'Er is iemand namens jou uitgenodigd',
    intro: 'Er is iemand uitgenodigd om met je te werken.',
    ok: 'Was jij dit? Dan is alles in orde.',
    not: 'Was jij dit niet? Dan kan iemand anders bij je account.',
  },
}

export const notice: Addition = {
  row: 'a notice by mail',
  apply(copy) {
    copy.insert('src/accounts/notify.ts', 'after', "  'account-erased',\n", "  'colleague-invited',\n")
    copy.insert(
      'src/render/notice.ts',
      'after',
      "  'account-erased': { facts: plain, shut: true },\n",
      "  'colleague-invited': { facts: [...plain, 'newEmail'] },\n",
    )
    for (const [locale, texts] of Object.entries(TEXTS))
      copy.json(`views/locales/${locale}.json`, (content) => {
        Object.assign(content.mail as Record<string, unknown>, { 'colleague-invited': texts })
      })
    copy.insert(
      'test/support/samples/notices.ts',
      'after',
      "  'account-erased': [{}],\n",
      "  'colleague-invited': [{}],\n",
    )
  },
  test: {
    project: 'unit',
    text: `
import { expect, test } from 'vitest'
import { notices } from '../../../src/accounts/notify.ts'
import type { Account } from '../../../src/person/account.ts'
import { defaultBrand, views } from '../../../src/render/views.ts'

test('it is told to every known address, with its fact', () => {
  const rendered = views('views', defaultBrand)
  const tell = notices((channel, content) => ({ channel, ...content }) as never, (name, locale, data) => rendered.mail(name, locale, data), () => 0)
  const account = { name: 'Sanne', email: 'sanne@sigma.example', noticeEmail: 's@home.example', locale: 'nl' } as Account
  const mails = tell(account, 'colleague-invited', { newEmail: 'bob@sigma.example' }) as unknown as Array<{ to: string; text: string }>
  expect(mails.map(({ to }) => to)).toEqual(['sanne@sigma.example', 's@home.example'])
  for (const { text } of mails) expect(text).toContain('bob@sigma.example')
})
`,
  },
  tests: ['test/unit/render/notices.test.ts', 'test/unit/render/locales.test.ts'],
}
