/** One's own passkeys, in the security settings of the whole product. */
import { describe, expect, test } from 'vitest'
import { MINUTE, SECOND } from '../../../src/lib/time.ts'
import type { CreationOptions } from '../../../src/mfa/passkey-options.ts'
import { startApp } from '../../support/app/app.ts'
import { clockOfEachTest, pass } from '../../support/app/clock.ts'
import { at, elsewhere, link, open, send, settled, setUp, told } from '../../support/app/settings.ts'
import {
  addPasskey,
  NEW_PASSKEY,
  PASSKEY_PAGES,
  registrationFor,
  signalsOn,
} from '../../support/people/own-passkeys.ts'
import { askedOn, creationOn, keyFor, passkeyOf, use } from '../../support/people/passkey.ts'
import { Person } from '../../support/people/person.ts'
import { PASSWORD } from '../../support/people/second-factor.ts'
import { changeEmail, renewBackupCode } from '../../support/people/settings-changes.ts'
import type { SoftKey } from '../../support/people/soft-key.ts'
import { due, obligeAll, type Someone, somebody } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

const STRICT = 'Strict'
const ASKING = 'Asking'
const app = forAllTests(() =>
  startApp({
    settings: {
      twoStep: {
        campaign: {
          organizations: {
            [STRICT]: { start: '2020-01-01', deadline: '2020-01-02' },
            [ASKING]: { start: '2020-01-01' },
          },
        },
      },
    },
  }),
)
clockOfEachTest()

const someone = (organization?: string) => settled(app, () => Date.now(), organization)

/** Names of the passkeys that the overview lists. */
async function listed({ browser }: Someone): Promise<string[]> {
  await browser.visit(`${app.origin}/account`)
  return [...browser.page.html.matchAll(/<strong id="passkey-[^"]*">([^<]+)/g)].map(([, label = '']) => label)
}

/** The path of what can be done with the first one of them. */
async function pathOf({ browser }: Someone, kind: 'apps' | 'passkeys', act: string): Promise<string> {
  await browser.visit(`${app.origin}/account`)
  return link(browser, new RegExp(`^/account/${kind}/[\\w-]+/${act}$`))
}

/** In a browser of their own, with nothing but the passkey. */
async function signIn(key: SoftKey): Promise<Person> {
  const browser = new Person()
  await browser.visit(`${app.origin}/account`)
  await use(browser, key)
  return browser
}

async function mails({ email }: Someone): Promise<string[]> {
  return (await app.inbox()).filter(({ to }) => to === email).map(({ subject }) => subject ?? '')
}

describe('one more', () => {
  test('it signs in, is told by mail, and ends nothing', async () => {
    const who = await someone()
    const other = elsewhere(who)
    await open(app, other, '/account')
    const key = await addPasskey(app, who, keyFor(app, { aaguid: 'fbfc3007-154e-4ecc-8c0b-6e020557d7bd' }))
    expect(at(who.browser)).toBe('/account')
    expect(await listed(who)).toEqual(['iCloud Keychain'])
    expect(who.browser.page.html).toContain('Passkey added')
    expect((await mails(who))[0]).toBe('A passkey was added to your account')
    expect(await open(app, other, '/account')).toEqual([])
    expect(at(await signIn(key))).toBe('/account')
    await listed(who)
    expect(who.browser.page.html).toMatch(/Last used on \d+ \w+ \d{4} in /)
  })

  test('what the browser is asked for: of this account only, not on a device that has one, and who is who', async () => {
    const [who, other] = [await someone('Bakkerij Jansen'), await someone('Garage Jansen')]
    const asked: CreationOptions[] = []
    for (const one of [who, other]) {
      await one.browser.visit(app.origin + NEW_PASSKEY)
      asked.push(creationOn(one.browser.page))
    }
    const [first, second] = asked
    expect(first?.user).toMatchObject({ name: who.email, displayName: 'Sanne de Vries – Bakkerij Jansen' })
    expect(second?.user).toMatchObject({ name: other.email, displayName: 'Sanne de Vries – Garage Jansen' })
    expect(Buffer.from(first?.user.id ?? '', 'base64url')).toHaveLength(32)
    expect(first?.user.id).not.toBe(second?.user.id)
    expect(first?.excludeCredentials).toEqual([])
    const key = await addPasskey(app, who)
    await who.browser.visit(app.origin + NEW_PASSKEY)
    const again = creationOn(who.browser.page)
    expect(again.user).toEqual(first?.user)
    expect(again.excludeCredentials).toMatchObject([{ type: 'public-key', id: key.credentialId }])
  })

  test('ten, each with a name of its own, and no eleventh', async () => {
    const who = await someone()
    for (let nth = 1; nth <= 10; nth += 1) await addPasskey(app, who)
    expect(new Set(await listed(who)).size).toBe(10)
    await who.browser.visit(app.origin + NEW_PASSKEY)
    expect(told(who.browser)).toBe('You have as many passkeys as possible. Remove one first.')
  })
})

test('beside nothing none is kept, by whatever door: it would lead whoever owes a factor in a circle', async () => {
  const who = await somebody(app, ASKING)
  await expect(passkeyOf(app, who.email)).rejects.toThrow('it was not set up: gone')
  expect(await open(app, who, '/account')).toEqual(['password', 'offer'])
})

describe('PKY-01 what is refused, with a sentence of its own and the button again', () => {
  type Sent = (who: Someone, key: SoftKey) => Promise<string>
  const here: Sent = async ({ browser }, key) => registrationFor(browser, key)

  test.each<[string, Sent, string]>([
    [
      'a device that has one already',
      async (who, key) => {
        await addPasskey(app, who, key)
        await who.browser.visit(app.origin + NEW_PASSKEY)
        return here(who, key)
      },
      'This device has a passkey already.',
    ],
    [
      'a device that has one for somebody else',
      async (who, key) => {
        await addPasskey(app, await someone(), key)
        return here(who, key)
      },
      'This device has a passkey already.',
    ],
    [
      'a page that was open for more than five minutes',
      async (who, key) => {
        pass(5 * MINUTE + SECOND)
        return here(who, key)
      },
      'This page had been open for too long',
    ],
    [
      'an answer to the page of another person',
      async (_who, key) => {
        const other = await someone()
        await other.browser.visit(app.origin + NEW_PASSKEY)
        return here(other, key)
      },
      'Adding the passkey did not work.',
    ],
    [
      'an answer to the page of another session of the same person',
      async (who, key) => {
        const other = elsewhere(who)
        await open(app, other, NEW_PASSKEY)
        return here(other, key)
      },
      'Adding the passkey did not work.',
    ],
    [
      'an answer to the page of a sign-in',
      async (_who, key) => {
        const stranger = new Person()
        await stranger.visit(`${app.origin}/account`)
        return key.register({ challenge: askedOn(stranger.page).challenge })
      },
      'Adding the passkey did not work.',
    ],
    [
      'nobody who was asked for a finger or a PIN',
      async ({ browser }, key) => registrationFor(browser, key, { verified: false }),
      'did not work',
    ],
    [
      'another origin',
      async ({ browser }, key) => registrationFor(browser, key, { origin: 'https://evil.example' }),
      'did not work',
    ],
    [
      'a passkey of another name',
      async ({ browser }, key) => registrationFor(browser, key, { rpId: 'evil.example' }),
      'did not work',
    ],
    ['nothing', async () => '', 'did not work'],
    ['no JSON', async () => '{', 'did not work'],
    ['something large', async () => 'x'.repeat(10_000), 'did not work'],
  ])('%s', async (_what, make, says) => {
    const who = await someone()
    await who.browser.visit(app.origin + NEW_PASSKEY)
    const registration = await make(who, keyFor(app))
    const before = await listed(who)
    await who.browser.visit(app.origin + NEW_PASSKEY)
    await who.browser.submit({ registration })
    expect(who.browser.page.status).toBe(400)
    expect(who.browser.page.html).toContain(says)
    const { challenge } = creationOn(who.browser.page)
    expect(registration).not.toContain(challenge)
    expect(await listed(who)).toEqual(before)
  })

  test('the same answer again is refused, also after its passkey was removed', async () => {
    const who = await someone()
    await who.browser.visit(app.origin + NEW_PASSKEY)
    const key = keyFor(app)
    const registration = registrationFor(who.browser, key)
    await who.browser.submit({ registration })
    who.passkey = { key, alone: false }
    await open(app, who, await pathOf(who, 'passkeys', 'remove'))
    await who.browser.submit()
    await who.browser.visit(app.origin + NEW_PASSKEY)
    await who.browser.submit({ registration })
    expect(who.browser.page.status).toBe(400)
    expect(await listed(who)).toEqual([])
  })

  test('of twenty at once with one answer exactly one is added', async () => {
    const who = await someone()
    await who.browser.visit(app.origin + NEW_PASSKEY)
    const registration = registrationFor(who.browser, keyFor(app))
    const tabs = Array.from({ length: 20 }, () => who.browser.copy())
    await Promise.all(tabs.map((tab) => tab.submit({ registration })))
    expect(tabs.filter((tab) => /\/rename$/.test(at(tab)))).toHaveLength(1)
    expect(await listed(who)).toHaveLength(1)
    expect((await mails(who)).filter((subject) => subject.startsWith('A passkey was added'))).toHaveLength(1)
  })

  test('a second factor of eleven minutes ago: it is asked for first, and the page begins anew', async () => {
    const who = await someone()
    await who.browser.visit(app.origin + NEW_PASSKEY)
    const registration = registrationFor(who.browser, keyFor(app))
    pass(11 * MINUTE)
    await who.browser.submit({ registration })
    expect(await obligeAll(who)).toEqual(['code'])
    expect(at(who.browser)).toBe(NEW_PASSKEY)
    // The device may have made one that is not kept: it hears so.
    expect(signalsOn(who.browser)[0]?.options).toMatchObject({ allAcceptedCredentialIds: [] })
    expect(await listed(who)).toEqual([])
  })

  test('nobody adds one while a sign-in waits for its second step', async () => {
    const who = await someone()
    await who.browser.visit(app.origin + NEW_PASSKEY)
    const registration = registrationFor(who.browser, keyFor(app))
    const { browser } = elsewhere(who, new Person())
    await browser.visit(`${app.portalOrigin}/login`)
    await browser.submit({ email: who.email, password: PASSWORD })
    expect(due(browser)).toBe('code')
    const { csrf = '' } = browser.forms()[0]?.fields ?? {}
    await browser.post(app.origin + NEW_PASSKEY, { csrf, for: who.browser.forms()[0]?.fields.for ?? '', registration })
    expect(due(browser)).toBe('code')
    expect(await listed(who)).toEqual([])
  })

  test('somebody without any second factor is led to the wizard', async () => {
    const who = await somebody(app)
    await open(app, who, '/account')
    // No device has anything of theirs yet.
    expect(signalsOn(who.browser)).toEqual([])
    await who.browser.visit(app.origin + NEW_PASSKEY)
    expect(due(who.browser)).toBe('enroll')
  })
})

describe.each(PASSKEY_PAGES)('%s', (page) => {
  /** Somebody with a passkey in front of the page, and its form as their browser would send it. */
  async function inFront(): Promise<{ who: Someone; path: string; fields: Record<string, string> }> {
    const who = await someone()
    who.passkey = { key: await addPasskey(app, who), alone: false }
    const act = page.replace(/.*\//, '')
    const path = act === 'new' ? page : await pathOf(who, 'passkeys', act)
    await open(app, who, path)
    const fields = { ...who.browser.forms()[0]?.fields, label: 'Another' }
    return { who, path, fields: act === 'new' ? { ...fields, registration: made(who) } : fields }
  }

  const made = ({ browser }: Someone) => registrationFor(browser, keyFor(app))

  test('E-02 with a second factor of eleven minutes ago it changes nothing, asks for one, and is there again', async () => {
    const { who, path, fields } = await inFront()
    pass(11 * MINUTE)
    await who.browser.post(path, fields)
    expect(await obligeAll(who)).toEqual(['passkey'])
    expect(at(who.browser)).toBe(path)
    expect(await listed(who)).toEqual([expect.not.stringMatching(/^Another/)])
  })

  test('E-04 without the token of this browser, from another site or for another account it is refused', async () => {
    const { who, path, fields } = await inFront()
    const wrong: Array<Record<string, string>> = [{ csrf: 'x' }, { csrf: '' }, { for: 'x' }, { for: who.email }]
    for (const changes of wrong) expect((await who.browser.post(path, { ...fields, ...changes })).status).toBe(403)
    expect((await who.browser.post(path, fields, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect(await listed(who)).toEqual([expect.not.stringMatching(/^Another/)])
  })
})

describe('another name', () => {
  test('it is shown and told by mail, and ends nothing', async () => {
    const who = await someone()
    const other = await signIn(await addPasskey(app, who))
    await send(app, who, await pathOf(who, 'passkeys', 'rename'), { label: 'Work laptop' })
    expect(told(who.browser)).toBe('The name of the passkey is saved.')
    expect(await listed(who)).toEqual(['Work laptop'])
    expect((await mails(who))[0]).toBe('A passkey of yours has a new name')
    await other.visit(`${app.origin}/account`)
    expect(at(other)).toBe('/account')
  })

  test('nobody touches the passkey of somebody else', async () => {
    const [mine, theirs] = [await someone(), await someone()]
    for (const one of [mine, theirs]) await addPasskey(app, one)
    for (const act of ['rename', 'remove']) {
      const path = await pathOf(theirs, 'passkeys', act)
      await mine.browser.visit(app.origin + path)
      expect(told(mine.browser)).toMatch(/^That passkey is no longer there/)
      await mine.browser.visit(app.origin + (await pathOf(mine, 'passkeys', act)))
      await mine.browser.post(path, { ...mine.browser.forms()[0]?.fields, label: 'Stolen' })
      expect(told(mine.browser)).toMatch(/^That passkey is no longer there/)
    }
    expect(await listed(theirs)).not.toContain('Stolen')
    expect(await listed(theirs)).toHaveLength(1)
  })
})

describe('one less', () => {
  test('it signs in no more, the browser hears so, and what was signed in elsewhere ends', async () => {
    const who = await someone()
    const [lost, kept] = [await addPasskey(app, who), await addPasskey(app, who)]
    const other = await signIn(kept)
    await send(app, who, await pathOf(who, 'passkeys', 'remove'))
    expect(told(who.browser)).toMatch(/^The passkey is removed/)
    expect(signalsOn(who.browser)).toEqual([
      {
        method: 'signalAllAcceptedCredentials',
        options: { rpId: 'localhost', userId: kept.userHandle, allAcceptedCredentialIds: [kept.credentialId] },
      },
      {
        method: 'signalCurrentUserDetails',
        options: {
          rpId: 'localhost',
          userId: kept.userHandle,
          name: who.email,
          displayName: 'Sanne de Vries – Bakkerij',
        },
      },
    ])
    expect((await mails(who))[0]).toBe('A passkey was removed from your account')
    await other.visit(`${app.origin}/account`)
    expect(due(other)).toBe('password')
    expect(due(await signIn(lost))).toBe('password')
    expect(at(await signIn(kept))).toBe('/account')
  })

  test('a new address is what the browser calls the account from then on', async () => {
    const who = await someone()
    await addPasskey(app, who)
    await changeEmail(app, who)
    expect(at(who.browser)).toBe('/account')
    expect(signalsOn(who.browser)[1]).toMatchObject({
      method: 'signalCurrentUserDetails',
      options: { name: who.email },
    })
  })

  test('the app goes once a backup code is saved, and then the passkey is the last of all', async () => {
    const who = await somebody(app, STRICT)
    await open(app, who, '/account')
    await addPasskey(app, who)
    const remove = await pathOf(who, 'apps', 'remove')
    // A new code that nobody says is saved.
    await send(app, who, '/account/backup-code')
    await who.browser.visit(app.origin + remove)
    expect(who.browser.page.html).toContain('<h1>Save a new backup code first</h1>')
    await who.browser.visit(app.origin + (await pathOf(who, 'apps', 'rename')))
    await who.browser.post(remove, who.browser.forms()[0]?.fields ?? {})
    expect(who.browser.page.html).toContain('<h1>Save a new backup code first</h1>')
    await renewBackupCode(app, who)
    await send(app, who, remove)
    expect(told(who.browser)).toMatch(/^The app is removed/)
    expect(who.browser.page.html).toContain('Your account needs two-step verification.')
    await who.browser.visit(app.origin + (await pathOf(who, 'passkeys', 'rename')).replace('rename', 'remove'))
    expect(who.browser.page.html).toContain('<h1>This passkey cannot be removed</h1>')
    const path = at(who.browser)
    await who.browser.visit(app.origin + path.replace('remove', 'rename'))
    await who.browser.post(path, { ...who.browser.forms()[0]?.fields, off: 'yes' })
    expect(who.browser.page.html).toContain('<h1>This passkey cannot be removed</h1>')
    expect(await listed(who)).toHaveLength(1)
  })

  test.each([STRICT, ASKING])(
    'a campaign (%s) asks nothing more of whoever has nothing but a passkey',
    async (campaign) => {
      const who = await somebody(app, campaign)
      const asked = await open(app, who, '/account')
      if (!asked.includes('enroll')) await setUp(app, who, () => Date.now())
      const key = await addPasskey(app, who)
      await renewBackupCode(app, who)
      await send(app, who, await pathOf(who, 'apps', 'remove'))
      expect(await open(app, who, '/account')).toEqual([])
      const alone = await signIn(key)
      expect([due(alone), at(alone)]).toEqual([undefined, '/account'])
      const both = new Person()
      await both.visit(`${app.origin}/account`)
      await both.submit({ email: who.email, password: PASSWORD })
      await use(both, key)
      expect([due(both), at(both)]).toEqual([undefined, '/account'])
    },
  )

  test('a passkey that was made in one tab while two-step verification was turned off in another is not kept', async () => {
    const who = await someone(ASKING)
    await who.browser.visit(app.origin + NEW_PASSKEY)
    const registration = registrationFor(who.browser, keyFor(app))
    const form = { ...who.browser.forms()[0]?.fields, registration }
    await send(app, who, await pathOf(who, 'apps', 'remove'))
    expect(told(who.browser)).toMatch(/^Two-step verification is off/)
    await who.browser.post(NEW_PASSKEY, form)
    expect(await listed(who)).toEqual([])
    const anew = elsewhere(who)
    expect(await open(app, anew, '/account')).toEqual(['password'])
    expect(at(anew.browser)).toBe('/account')
  })

  test('where nothing demands one the last goes with a warning, and two-step verification with it', async () => {
    const who = await someone()
    const key = await addPasskey(app, who)
    await send(app, who, await pathOf(who, 'apps', 'remove'))
    await open(app, who, await pathOf(who, 'passkeys', 'remove'))
    expect(who.browser.page.html).toContain('<h1>Turn two-step verification off?</h1>')
    await who.browser.submit()
    expect(told(who.browser)).toMatch(/^Two-step verification is off/)
    expect(signalsOn(who.browser)[0]?.options).toMatchObject({ allAcceptedCredentialIds: [] })
    expect(due(await signIn(key))).toBe('password')
  })
})
