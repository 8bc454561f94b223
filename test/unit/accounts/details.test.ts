/** What administrators change of a person: the address of somebody who has not come. */
import { expect, onTestFinished, test } from 'vitest'
import { personDetails } from '../../../src/accounts/details.ts'
import { accountParts, SOURCE, told } from '../../support/unit/account-parts.ts'

test('whoever has not come is mailed a link at each new address, however many left in that hour', async () => {
  const parts = accountParts()
  onTestFinished(() => parts.close())
  const details = personDetails(parts)
  const { id } = await parts.person('a@x.nl', {
    status: 'invited',
    passwordHash: undefined,
    passwordChangedAt: undefined,
  })
  const by = { actor: 'olga', source: SOURCE }
  // One more than may be asked for in an hour.
  for (const email of ['b@x.nl', 'c@x.nl', 'd@x.nl', 'e@x.nl']) {
    expect(await details.changeEmail(await parts.account(id), email, by)).toEqual({ ok: true })
    const mails = await parts.mails()
    expect(told(mails)).toEqual([`activation ${email}`])
    const token = String(mails[0]?.data.link).split('/').at(-1) ?? ''
    expect(await parts.links.find(token)).toMatchObject({ state: 'open', account: { email } })
  }
})
