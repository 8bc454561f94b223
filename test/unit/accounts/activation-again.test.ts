/** An activation link that an administrator has mailed again. */
import { describe, expect, test } from 'vitest'
import { accountLife } from '../../../src/accounts/life.ts'
import { HOUR } from '../../../src/lib/time.ts'
import type { Account } from '../../../src/person/account.ts'
import { forEachTest } from '../../support/runner/made.ts'
import { accountParts, SOURCE } from '../../support/unit/account-parts.ts'

const BY = { actor: 'beheer', source: { ip: '198.51.100.7', correlation: 'c-2' } }

const parts = forEachTest(accountParts)
const sanne = forEachTest(() => parts.person('sanne@sigma.example'))
const life = forEachTest(() => accountLife({ ...parts, forget: async () => undefined }))

/** The token of the newest mailed link. */
async function token(): Promise<string> {
  const mail = (await parts.mails()).findLast(({ data }) => data.link)
  return String(mail?.data.link).replace(/.*\//, '')
}

describe('an activation link that is mailed again', () => {
  async function invited(): Promise<Account> {
    const invitation = await parts.links.invite({ email: 'eva@sigma.example', name: 'Eva', locale: 'nl' })
    if (!invitation.ok) throw new Error('not invited')
    return invitation.account
  }

  test('takes the place of the one before', async () => {
    const eva = await invited()
    const first = await token()
    expect(await life.resendActivation(eva, BY)).toBe(true)
    const second = await token()
    expect(await parts.links.find(first)).toMatchObject({ state: 'dead' })
    expect(await parts.links.find(second)).toMatchObject({ state: 'open', link: { purpose: 'activation' } })
    expect(parts.events.at(-1)).toEqual({
      type: 'link.sent',
      outcome: 'ok',
      subject: eva.id,
      details: { purpose: 'activation' },
      ...BY,
    })
  })

  test('is only for who waits for it', async () => {
    expect(await life.resendActivation(sanne, BY)).toBe(false)
    const eva = await invited()
    await life.disable(eva, BY)
    await parts.mails()
    expect(await life.resendActivation(eva, BY)).toBe(false)
    expect(await parts.mails()).toEqual([])
  })

  test('G-12: counts together with those that the person asked for', async () => {
    const eva = await invited()
    await parts.links.request(eva.email, SOURCE)
    await parts.mails()
    for (let sent = 0; sent < 2; sent += 1) expect(await life.resendActivation(eva, BY)).toBe(true)
    await parts.mails()
    await expect(life.resendActivation(eva, BY)).rejects.toMatchObject({
      code: 'too-many-requests',
      status: 429,
      retryAfter: 3600,
    })
    await parts.links.request(eva.email, SOURCE)
    expect(await parts.mails()).toEqual([])
    parts.advance(HOUR)
    expect(await life.resendActivation(eva, BY)).toBe(true)
  })
})
