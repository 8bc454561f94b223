/** French, whose texts are the English ones; what they say is no matter here. */
import type { Addition } from './scratch.ts'

export const language: Addition = {
  row: 'a language',
  apply(copy) {
    copy.add('views/locales/fr.json', copy.read('views/locales/en.json'))
    copy.json('views/locales/fr.json', (texts) => {
      texts.language = { name: 'Français', region: 'fr-FR' }
    })
  },
  test: {
    project: 'unit',
    text: `
import { expect, test } from 'vitest'
import { VERBS } from '../../../src/admin/verbs.ts'
import { LOCALES } from '../../../src/lib/locales.ts'
import { defaultBrand, views } from '../../../src/render/views.ts'
import { settings } from '../../../src/settings.ts'

const rendered = views('views', defaultBrand)
const SANNE = { email: 'sanne@sigma.example', name: 'Sanne', locale: 'fr' }

test('people may be invited in it, by a verb and by the settings', () => {
  const invite = VERBS.find(({ name }) => name === 'person:invite')
  expect(invite?.input.parse(SANNE)).toMatchObject({ locale: 'fr' })
  expect(invite?.input.shape.locale?.description).toContain('fr')
  const least = { issuer: 'https://id.example.org', listen: { port: 1 }, operations: { port: 2 } }
  expect(settings.parse({ ...least, people: [SANNE] }).people).toMatchObject([{ locale: 'fr' }])
})

test('the form of invitations offers it, and the settings do', () => {
  const data = { nonce: 'n', self: '/', csrf: 'c', for: 'f', me: { name: 'B', roles: [] }, mayDo: {} }
  const html = rendered.page('account/language', 'nl', { ...data, action: '/account/language', present: 'nl' })
  expect(html).toContain('lang="fr">Français<')
  expect(LOCALES).toContain('fr')
})

test('pages and mails are in it', () => {
  expect(rendered.page('error', 'fr', { nonce: 'n', self: '/', title: 'x', code: 'not-found' })).toContain('<html lang="fr">')
  const { text } = rendered.mail('activation', 'fr', { name: 'S', email: 's@x.example', link: 'https://x', hours: 24 })
  expect(text).toContain('https://x')
})
`,
  },
  tests: ['test/unit/render/locales.test.ts', 'test/unit/admin/person-invite.test.ts'],
}
