/**
 * What the script does with passkeys. Pages come from the templates, under the policy of the product; answers come from
 * Chromium and an authenticator that is not there.
 */
import { join } from 'node:path'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { Locale } from '../../src/lib/locales.ts'
import { assets } from '../../src/render/assets.ts'
import { defaultBrand, type PageData, views } from '../../src/render/views.ts'
import { pagePolicy } from '../../src/web/headers.ts'
import { launchChromium, visitor } from '../support/browser/chromium.ts'
import { type AuthenticatorOptions, virtualAuthenticator } from '../support/browser/passkeys.ts'
import { forAllTests } from '../support/runner/made.ts'
import { CREATE, GET, HANDLE, UNKNOWN } from '../support/samples/passkeys.ts'
import { login } from '../support/samples/sign-in.ts'
import { passkey as challenge } from '../support/samples/two-step.ts'

const FOLDER = join(import.meta.dirname, '../../views')
const ORIGIN = 'http://localhost:1'
const rendered = views(FOLDER, defaultBrand)
const files = assets(FOLDER, defaultBrand)
const say = (locale: Locale, key: string) => rendered.translate(locale)(key)
const en = (key: string) => say('en', key)
const signIn = { ...login, self: '/login', email: '' }

/** By path. Each time a page is shown it has another challenge. */
const PAGES: Record<string, (locale: Locale, time: string) => string> = {
  '/login': (locale, time) => rendered.page('login', locale, { ...signIn, passkey: asked(time) }),
  '/refused': (locale, time) =>
    rendered.page('login', locale, { ...signIn, passkey: asked(time), error: { reason: 'passkey' } }),
  '/challenge': (locale, time) => rendered.page('challenge/passkey', locale, { ...challenge, passkey: asked(time) }),
  '/create': (_locale, time) => own(creation({ challenge: time })),
  '/excluded': (_locale, time) =>
    own(creation({ challenge: time, excludeCredentials: [{ type: 'public-key', id: there.id }] })),
  '/signal': (locale, time) => {
    const data = {
      ...signIn,
      passkey: asked(time),
      signal: { ...UNKNOWN, options: { rpId: 'localhost', credentialId: there.id } },
    }
    return rendered
      .page('login', locale, data)
      .replace('</main>', '<p data-signal=\'{"method":"signalNothing"}\'></p></main>')
  },
  '/platform': () => own('<p hidden data-platform>This device can</p>'),
  '/elsewhere': () => own('<p>Elsewhere</p>'),
}
const plain = (nth: number) => `challenge ${nth}`
const time = (nth: number) => Buffer.from(plain(nth)).toString('base64url')
const asked = (time: string) => ({ options: { ...GET, challenge: time } })
/** The id of the passkey that there is, for the pages that name it. */
const there = { id: '' }

function creation(more: object): string {
  const data = { ...login, passkey: { kind: 'create', options: { ...CREATE, ...more }, label: 'Add', where: 'create' } }
  return `<form method="post" action="/send">${rendered.page('partial/passkey', 'en', data as PageData)}</form>`
}

function own(body: string): string {
  const script = `<script src="/assets/sigma.js" nonce="${login.nonce}" defer></script>`
  return `<!doctype html><html lang="en"><head><title>Page</title>${script}</head><body>${body}</body></html>`
}

const browser = forAllTests(launchChromium)

interface Opened {
  page: Page
  /** The forms that left it. */
  sent: URLSearchParams[]
  complaints: string[]
}

async function prepared(options: BrowserContextOptions = {}): Promise<Opened> {
  const { page, context, complaints } = await visitor(browser, options)
  await page.addInitScript(record)
  const sent: URLSearchParams[] = []
  let shown = 0
  await context.route(`${ORIGIN}/**`, (route) => {
    const { pathname, searchParams } = new URL(route.request().url())
    const file = files.get(pathname)
    if (file) return route.fulfill({ body: file.body, contentType: file.type })
    if (route.request().method() === 'POST') {
      sent.push(new URLSearchParams(route.request().postData() ?? ''))
      return route.fulfill({ status: 204 })
    }
    shown += 1
    const headers = { 'content-security-policy': pagePolicy(login.nonce) }
    const body = PAGES[pathname]?.(searchParams.get('lang') === 'nl' ? 'nl' : 'en', time(shown)) ?? ''
    return route.fulfill({ body, contentType: 'text/html', headers })
  })
  return { page, sent, complaints }
}

/** A page, and an authenticator that has a passkey for it. */
async function equipped(path: string, options: AuthenticatorOptions = {}) {
  const opened = await prepared()
  const { page, sent } = opened
  const authenticator = await virtualAuthenticator(page, { ...options, present: true })
  await page.goto(`${ORIGIN}/create`)
  await page.getByRole('button', { name: 'Add' }).click()
  await expect.poll(() => sent.length).toBe(1)
  const [made] = sent.splice(0)
  await authenticator.attend(options.present ?? false)
  await page.goto(ORIGIN + path)
  return { ...opened, authenticator, made: JSON.parse(made?.get('registration') ?? '{}') }
}

function clientData({ response }: { response: { clientDataJSON: string } }) {
  return JSON.parse(Buffer.from(response.clientDataJSON, 'base64url').toString())
}

const button = (page: Page) => page.locator('[data-passkey]')
/** What the browser has been asked for by this page. */
const requests = (page: Page) => page.evaluate(() => (window as unknown as { requests: Request[] }).requests)
const status = (page: Page) => page.locator('[data-passkey] + input + p')

async function posted(sent: URLSearchParams[], field = 'assertion') {
  await expect.poll(() => sent.length).toBe(1)
  return JSON.parse(sent[0]?.get(field) ?? '{}')
}

test('a new passkey goes out with the form, as the browser itself would write it', async () => {
  const { page, sent, complaints } = await prepared()
  await virtualAuthenticator(page, { present: true })
  await page.goto(`${ORIGIN}/create`)
  await button(page).click()
  const made = await posted(sent, 'registration')
  expect(clientData(made)).toMatchObject({ type: 'webauthn.create', challenge: time(1), origin: ORIGIN })
  const answer = (await requests(page))[0]?.answer
  const { clientDataJSON, attestationObject, transports } = answer?.response ?? {}
  expect(made).toEqual({ ...answer, response: { clientDataJSON, attestationObject, transports } })
  expect(complaints).toEqual([])
  await page.context().close()
})

test('an assertion goes out with the form of the sign-in, as the browser itself would write it', async () => {
  const { page, sent, made, authenticator, complaints } = await equipped('/refused')
  await authenticator.attend(true)
  await page.getByLabel(en('field.email')).fill('sanne@sigma.example')
  await button(page).click()
  const assertion = await posted(sent)
  expect(clientData(assertion)).toMatchObject({ type: 'webauthn.get', challenge: time(2), origin: ORIGIN })
  expect(assertion).toMatchObject({ id: made.id, response: { userHandle: HANDLE } })
  const answer = (await requests(page))[0]?.answer
  expect(assertion).toEqual(answer)
  expect(sent[0]?.get('csrf')).toBe(login.csrf)
  expect(complaints).toEqual([])
  await page.context().close()
})

test('what the browser offers in the field for the address is answered without a button', async () => {
  const { sent, page } = await equipped('/login', { present: true })
  expect(clientData(await posted(sent)).challenge).toBe(time(2))
  await page.context().close()
})

test('nothing begins by itself after a refusal, or where there is no field to offer it in', async () => {
  const { page, sent } = await equipped('/challenge', { present: true })
  await button(page).waitFor()
  expect(await requests(page)).toEqual([])
  await page.goto(`${ORIGIN}/refused`)
  await button(page).waitFor()
  expect([await requests(page), sent]).toEqual([[], []])
  await button(page).click()
  await posted(sent)
  await page.context().close()
})

test('an offer that comes to nothing ends without a word', async () => {
  const { page, sent, authenticator } = await equipped('/elsewhere', { present: true })
  await authenticator.verify(false)
  await page.goto(`${ORIGIN}/login`)
  await expect.poll(async () => (await requests(page))[0]?.ended).toBe('NotAllowedError')
  expect([await status(page).textContent(), (await requests(page)).length, sent]).toEqual(['', 1, []])
  await page.context().close()
})

test('in another language it is asked for anew, for the page as it is now', async () => {
  const { page, sent, authenticator, complaints } = await equipped('/login')
  await expect.poll(() => requests(page)).toHaveLength(1)
  await page.getByRole('link', { name: 'Nederlands' }).click()
  await expect.poll(() => requests(page)).toHaveLength(2)
  expect(await requests(page)).toEqual([
    { mediation: 'conditional', challenge: plain(2), beside: 0, ended: 'AbortError' },
    { mediation: 'conditional', challenge: plain(3), beside: 0 },
  ])
  await authenticator.attend(true)
  await page.getByRole('button', { name: say('nl', 'passkey.signIn') }).click()
  expect(clientData(await posted(sent)).challenge).toBe(time(3))
  expect(complaints).toEqual([])
  await page.context().close()
})

test('a second press asks anew, and says nothing of the first', async () => {
  const { page, sent, authenticator, complaints } = await equipped('/login')
  await expect.poll(() => requests(page)).toHaveLength(1)
  await button(page).click()
  await expect.poll(() => requests(page)).toHaveLength(2)
  await button(page).click()
  await expect.poll(() => requests(page)).toHaveLength(3)
  expect((await requests(page)).map(({ mediation, beside, ended }) => [mediation, beside, ended])).toEqual([
    ['conditional', 0, 'AbortError'],
    [undefined, 0, 'AbortError'],
    [undefined, 0, undefined],
  ])
  await authenticator.attend(true)
  await button(page).click()
  await posted(sent)
  expect(await status(page).textContent()).toBe('')
  expect(complaints).toEqual([])
  await page.context().close()
})

test('a password goes out alone, and ends what was offered', async () => {
  const { page, sent } = await equipped('/login')
  await expect.poll(() => requests(page)).toHaveLength(1)
  await page.getByLabel(en('login.password'), { exact: true }).fill('a password')
  await page.getByLabel(en('login.password'), { exact: true }).press('Enter')
  await expect.poll(() => sent.length).toBe(1)
  expect([sent[0]?.get('password'), sent[0]?.get('assertion')]).toEqual(['a password', ''])
  await expect.poll(async () => (await requests(page)).map(({ ended }) => ended)).toEqual(['AbortError'])
  await page.context().close()
})

test.each([
  ['/login', 'passkey.login.canceled'],
  ['/challenge', 'passkey.challenge.canceled'],
  ['/create', 'passkey.create.canceled'],
])('%s: nothing came of it, so the page says what else there is, and the button works again', async (path, text) => {
  const { page, sent, authenticator } = await equipped(path)
  await authenticator.verify(false)
  await authenticator.attend(true)
  await button(page).click()
  await page.getByRole('status').getByText(en(text), { exact: true }).waitFor()
  expect(await button(page).getAttribute('aria-busy')).toBe(null)
  expect(sent).toEqual([])
  await authenticator.verify(true)
  await button(page).click()
  await posted(sent, path === '/create' ? 'registration' : 'assertion')
  expect(await status(page).textContent()).toBe('')
  await page.context().close()
})

test('a device that has one already says so', async () => {
  const { page, sent, made, authenticator } = await equipped('/elsewhere', { present: true })
  there.id = made.id
  await page.goto(`${ORIGIN}/excluded`)
  await button(page).click()
  await page.getByRole('status').getByText(en('passkey.create.present'), { exact: true }).waitFor()
  expect(sent).toEqual([])
  expect((await authenticator.passkeys()).length).toBe(1)
  await page.context().close()
})

test('whatever else the browser says is told in one sentence', async () => {
  const { page } = await equipped('/login')
  // Of a site that this one is not.
  await button(page).evaluate(
    (one, options) => (one.dataset.options = options),
    JSON.stringify({ ...GET, rpId: 'x.example' }),
  )
  await button(page).click()
  await page.getByRole('status').getByText(en('passkey.login.failed'), { exact: true }).waitFor()
  await page.context().close()
})

test('a browser without passkeys shows no button; the second step says why', async () => {
  const { page, complaints } = await prepared()
  await page.addInitScript(() => Reflect.deleteProperty(window, 'PublicKeyCredential'))
  await page.goto(`${ORIGIN}/login`)
  await page.getByRole('button', { name: en('show.show') }).waitFor()
  expect([await button(page).isVisible(), await status(page).textContent()]).toEqual([false, ''])
  await page.goto(`${ORIGIN}/challenge`)
  await page.getByRole('status').getByText(en('passkey.challenge.absent'), { exact: true }).waitFor()
  expect(await button(page).isVisible()).toBe(false)
  expect(complaints).toEqual([])
  await page.context().close()
})

test('without scripts there is no button; the second step says why', async () => {
  const { page } = await prepared({ javaScriptEnabled: false })
  await page.goto(`${ORIGIN}/login`)
  expect(await button(page).isVisible()).toBe(false)
  await page.goto(`${ORIGIN}/challenge`)
  expect(await button(page).isVisible()).toBe(false)
  expect(await page.locator('noscript p').isVisible()).toBe(true)
  expect(await page.getByRole('link', { name: en('challenge.another') }).isVisible()).toBe(true)
  await page.context().close()
})

test('with scripts nobody reads that they are missing', async () => {
  const { page } = await prepared()
  await page.goto(`${ORIGIN}/challenge`)
  await button(page).waitFor()
  expect(await page.locator('noscript p').isVisible()).toBe(false)
  await page.context().close()
})

test('a page that **Back** shows as it was left offers once more, and sends no answer twice', async () => {
  const { page, sent, authenticator } = await equipped('/login')
  await expect.poll(() => requests(page)).toHaveLength(1)
  await authenticator.attend(true)
  await button(page).click()
  await posted(sent)
  const field = page.locator('[name=assertion]')
  expect(await field.inputValue()).toContain('signature')
  await authenticator.attend(false)
  // Pages that a test answers itself are not kept by the browser.
  const kept = (type: string) =>
    page.evaluate((name) => dispatchEvent(new PageTransitionEvent(name, { persisted: true })), type)
  await kept('pageshow')
  await expect.poll(() => requests(page)).toHaveLength(3)
  expect(await field.inputValue()).toBe('')
  await kept('pagehide')
  await expect.poll(async () => (await requests(page))[2]?.ended).toBe('AbortError')
  await page.context().close()
})

test('what a page has to tell the browser is told before a passkey is asked for', async () => {
  const { page, sent, made, authenticator, complaints } = await equipped('/elsewhere')
  there.id = made.id
  await page.goto(`${ORIGIN}/signal`)
  await expect.poll(() => authenticator.passkeys()).toEqual([])
  expect([sent, complaints]).toEqual([[], []])
  await page.context().close()
})

test('what is for a device that knows its owner is shown on one', async () => {
  const { page } = await prepared()
  await page.goto(`${ORIGIN}/platform`)
  expect(await page.locator('[data-platform]').isVisible()).toBe(false)
  await virtualAuthenticator(page)
  await page.goto(`${ORIGIN}/platform`)
  await page.getByText('This device can').waitFor()
  await page.context().close()
})

interface Request {
  challenge: string
  mediation: string | undefined
  /** How many others are open when it begins. */
  beside: number
  ended?: string
  /** As the browser itself writes it. */
  answer?: { response: Record<string, unknown> }
}

/** In the browser: keeps what it is asked for, and how that ends. */
function record(): void {
  const requests: Request[] = []
  Object.assign(window, { requests })
  const { credentials } = navigator
  const watched =
    <Options extends CredentialRequestOptions & CredentialCreationOptions>(
      original: (options?: Options) => Promise<Credential | null>,
    ) =>
    async (options?: Options) => {
      const challenge = new TextDecoder().decode(options?.publicKey?.challenge)
      const beside = requests.filter(({ ended }) => !ended).length
      const request: Request = { challenge, mediation: options?.mediation, beside }
      requests.push(request)
      try {
        const answer = await original.call(credentials, options)
        return Object.assign(request, { ended: 'answered', answer: JSON.parse(JSON.stringify(answer)) }) && answer
      } catch (error) {
        request.ended = (error as Error).name
        throw error
      }
    }
  Object.assign(credentials, { get: watched(credentials.get), create: watched(credentials.create) })
}
