/** The language of a person's pages and mails. */
import { expect, test } from 'vitest'
import { ownLanguage } from '../../../src/accounts/own-language.ts'
import { forEachTest } from '../../support/runner/made.ts'
import { accountParts, SOURCE, told } from '../../support/unit/account-parts.ts'

const parts = forEachTest(accountParts)
const sanne = forEachTest(() => parts.person('sanne@sigma.example', { noticeEmail: 'sanne@home.example' }))

test('a new language is told in that language, and recorded', async () => {
  const setLanguage = ownLanguage(parts)
  expect(await setLanguage(sanne, 'en', SOURCE)).toBe(true)
  expect(await parts.account(sanne.id)).toMatchObject({ locale: 'en' })
  const mails = await parts.mails()
  expect(told(mails)).toEqual(['language-changed sanne@home.example', 'language-changed sanne@sigma.example'])
  expect(mails.map(({ data }) => data.locale)).toEqual(['en', 'en'])
  expect(parts.events).toMatchObject([{ type: 'account.changed', details: { what: 'language', locale: 'en' } }])
})

test('the language that it is already changes nothing', async () => {
  expect(await ownLanguage(parts)(sanne, 'nl', SOURCE)).toBe(false)
  expect(await parts.mails()).toEqual([])
  expect(parts.events).toEqual([])
})
