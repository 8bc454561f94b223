/** Applications through their pages: connected, changed with what changes shown first, disabled, deleted, put back. */
import { beforeAll, describe, expect, test } from 'vitest'
import { DAY, MINUTE, SECOND } from '../../../src/lib/time.ts'
import { startApp } from '../../support/app/app.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { at, told } from '../../support/app/settings.ts'
import { tokensFor } from '../../support/people/desk.ts'
import { colleague, send, visit } from '../../support/people/help-desk.ts'
import { Person } from '../../support/people/person.ts'
import { PASSWORD, text } from '../../support/people/second-factor.ts'
import type { Someone } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

const APPLICATIONS = '/admin/applications'
const CALLBACK = 'https://roster.example.org/callback'

clockOfAllTests()

const app = forAllTests(startApp)
let olga: Someone & { id: string }
let otto: Someone & { id: string }
let nth = 0

beforeAll(async () => {
  olga = await colleague(app, 'owner')
  otto = await colleague(app, 'client-admin')
})

const status = (who: Someone) => who.browser.page.status
const page = (who: Someone) => text(who.browser.page)
const kept = (id: string) => app.core.store.durable.clients.find(id)

/** One that is there already, owned by these pages. */
async function connected(fields: Record<string, unknown> = {}): Promise<string> {
  nth += 1
  const id = `roster-${nth}`
  const given = { client_id: id, client_name: `Roster ${nth}`, redirect_uris: [CALLBACK], ...fields }
  const added = await app.core.admin.clients.add(given, { actor: olga.id, via: 'pages' })
  if (!added.ok) throw new Error(added.reason)
  await app.followClients()
  return id
}

/** The secret on the page where it is shown. */
function secretOn(who: Someone): string | undefined {
  return /<code class="key" id="secret">([^<]+)</.exec(who.browser.page.html)?.[1]
}

describe('connecting one', () => {
  test('three questions, all that it would be, and its secret once', async () => {
    await visit(app, olga, APPLICATIONS)
    expect(page(olga)).toContain('Connect an application')
    await visit(app, olga, `${APPLICATIONS}/new`)
    await send(olga, { kind: 'web', name: 'Nachtdienst Één', address: 'https://nacht.example.org/cb', step: 'look' })
    expect([status(olga), page(olga)]).toEqual([200, expect.stringContaining('Nothing is made yet')])
    expect(olga.browser.page.html).toContain('value="nachtdienst-een"')
    expect(await kept('nachtdienst-een')).toBeUndefined()

    await send(olga, { step: 'make' })
    const secret = secretOn(olga)
    expect(secret).toMatch(/^[0-9A-Za-z]{43}$/)
    expect(olga.browser.page.headers.get('cache-control')).toBe('no-store')
    expect(page(olga)).toContain(app.origin)
    const record = await kept('nachtdienst-een')
    expect(record).toMatchObject({
      status: 'active',
      owner: { kind: 'store' },
      version: 1,
      versions: [{ actor: olga.id, via: 'pages' }],
      definition: {
        client_name: 'Nachtdienst Één',
        redirect_uris: ['https://nacht.example.org/cb'],
        require_pkce: true,
        minimum_acr: 'password',
      },
    })
    expect(JSON.stringify(record)).not.toContain(secret)
  })

  test.each([
    ['web', { token_endpoint_auth_method: 'client_secret_basic', grant_types: ['authorization_code'] }, true],
    [
      'single-page',
      { token_endpoint_auth_method: 'none', grant_types: ['authorization_code', 'refresh_token'] },
      false,
    ],
    ['native', { token_endpoint_auth_method: 'none', application_type: 'native' }, false],
    ['service', { grant_types: ['client_credentials'], redirect_uris: [], scope: '' }, true],
  ])('a new one of the kind %s is safe', async (kind, definition, hasSecret) => {
    await visit(app, otto, `${APPLICATIONS}/new`)
    const address = kind === 'native' ? 'http://127.0.0.1/callback' : CALLBACK
    await send(otto, { kind, name: `Kind ${kind}`, address, step: 'look' })
    await send(otto, { step: 'make' })
    expect(await kept(`kind-${kind}`)).toMatchObject({ definition: { ...definition, require_pkce: true } })
    expect(secretOn(otto) !== undefined).toBe(hasSecret)
  })

  test('what is wrong stands at its field, with what was typed', async () => {
    await visit(app, olga, `${APPLICATIONS}/new`)
    await send(olga, { name: 'x'.repeat(81), address: 'http://roster.example.org/#', step: 'look' })
    expect([status(olga), page(olga)]).toEqual([400, expect.stringContaining('Choose what kind it is.')])
    await send(olga, { kind: 'web', step: 'look' })
    expect(status(olga)).toBe(400)
    expect(page(olga)).toMatch(/Use at most 80 characters\.\s+client_name: too-long/)
    expect(page(olga)).toMatch(/Leave out # and what comes after it\.\s+redirect_uris\[0\]: fragment/)
    expect(olga.browser.page.html).toContain('value="http://roster.example.org/#"')
    await send(olga, { name: 'Roster', address: '', step: 'look' })
    expect(page(olga)).toContain('Enter at least one address that people come back to.')
  })

  test('an id that is taken, or was deleted, is another’s', async () => {
    const taken = await connected()
    for (const [id, words] of [
      [taken, 'Another application has this id.'],
      ['sigma-admin', 'This belongs to our own pages.'],
      ['a b', 'Use letters, digits, - and _'],
    ] as const) {
      await visit(app, otto, `${APPLICATIONS}/new`)
      await send(otto, { kind: 'web', name: 'Other', address: CALLBACK, id, step: 'look' })
      expect([id, page(otto)]).toEqual([id, expect.stringContaining(words)])
    }
    await app.core.admin.clients.remove(taken, undefined, { actor: olga.id, via: 'pages' })
    await send(otto, { kind: 'web', name: 'Other', address: CALLBACK, id: taken, step: 'make' })
    expect([status(otto), page(otto)]).toEqual([409, expect.stringContaining('an id is never given again')])
    // A name that is in use leads to the next id.
    await visit(app, otto, `${APPLICATIONS}/new`)
    await send(otto, { kind: 'web', name: 'Portal', address: CALLBACK, step: 'look' })
    expect(otto.browser.page.html).toContain('value="portal-2"')
  })

  test('twenty times the same form makes one, and a page that is reloaded shows no secret and makes none', async () => {
    await visit(app, olga, `${APPLICATIONS}/new`)
    await send(olga, { kind: 'web', name: 'Twenty', address: CALLBACK, step: 'look' })
    const browsers = Array.from({ length: 20 }, () => ({ ...olga, browser: olga.browser.copy() }))
    await Promise.all(browsers.map((one) => send(one, { step: 'make' })))
    expect(browsers.filter((one) => secretOn(one) !== undefined)).toHaveLength(1)
    const others = browsers.filter((one) => secretOn(one) === undefined)
    for (const one of others) expect([status(one), page(one)]).toEqual([409, expect.stringContaining('made already')])
    expect(await kept('twenty')).toMatchObject({ version: 1, secrets: [{}] })
    expect((await kept('twenty'))?.secrets).toHaveLength(1)
    expect(await kept('twenty-2')).toBeUndefined()
  })

  test('a definition is pasted as it stands in a file: alone, as an item of its list, as the file', async () => {
    for (const [id, yaml] of [
      ['alone', `client_id: alone\nclient_name: Alone\nredirect_uris: [${CALLBACK}]\n`],
      ['item', `- client_id: item\r\n  client_name: Item\r\n  redirect_uris: [${CALLBACK}]\r\n`],
      ['file', `clients:\n  - { client_id: file, client_name: File, redirect_uris: ["${CALLBACK}"] }\n`],
      ['json', JSON.stringify({ client_id: 'json', client_name: 'Json', redirect_uris: [CALLBACK] })],
    ] as const) {
      await visit(app, olga, `${APPLICATIONS}/new?as=yaml`)
      await send(olga, { yaml, step: 'look' })
      expect([id, status(olga), page(olga)]).toEqual([id, 200, expect.stringContaining('Nothing is made yet')])
      await send(olga, { step: 'make' })
      expect(secretOn(olga)).toHaveLength(43)
      expect(await kept(id)).toMatchObject({ definition: { redirect_uris: [CALLBACK] } })
    }
  })
})

describe('changing one', () => {
  test('what changes is shown field by field before it is saved, with what it means for people', async () => {
    const id = await connected()
    await visit(app, olga, `${APPLICATIONS}/${id}/change`)
    const more = { redirect_uris: `${CALLBACK}\r\n  https://roster.example.org/b  \r\n\r\n`, minimum_acr: 'mfa' }
    await send(olga, { ...more, step: 'look' })
    expect(page(olga)).toMatch(
      /Redirect addresses\s+redirect_uris\s+Added:\s+https:\/\/roster\.example\.org\/b\s+1 stays/,
    )
    expect(page(olga)).toMatch(
      /Least that everyone proves\s+minimum_acr\s+Was:\s*A password\..*Becomes:\s*A second step/,
    )
    expect(page(olga)).toContain('Remembered devices do not count.')
    expect((await kept(id))?.version).toBe(1)
    await send(olga, { step: 'save' })
    expect(told(olga.browser)).toBe('Saved. It counts everywhere within two seconds.')
    expect(at(olga.browser)).toBe(`${APPLICATIONS}/${id}`)
    expect(await kept(id)).toMatchObject({
      version: 2,
      definition: { redirect_uris: [CALLBACK, 'https://roster.example.org/b'], minimum_acr: 'mfa' },
    })
    const [, second] = (await kept(id))?.versions ?? []
    expect(second?.changes.map(({ field }) => field)).toEqual(['redirect_uris', 'minimum_acr'])
  })

  test('the form as it was shown changes nothing, whatever the record says', async () => {
    const id = await connected({
      scope: 'payroll openid  email',
      default_acr_values: ['urn:sigma:acr:mfa'],
      require_nonce: false,
      mfa_max_age: 300,
      jwks_uri: 'https://roster.example.org/keys',
    }).catch(() => connected({ scope: 'openid  email', require_nonce: false, mfa_max_age: 300 }))
    await visit(app, olga, `${APPLICATIONS}/${id}/change`)
    await send(olga, { step: 'look' })
    expect(page(olga)).toContain('Nothing would change.')
    await visit(app, olga, `${APPLICATIONS}/${id}/change?as=yaml`)
    await send(olga, { step: 'look' })
    expect(page(olga)).toContain('Nothing would change.')
  })

  test('over somebody else’s change: who changed what is shown, what was typed is kept, and both stay', async () => {
    const id = await connected()
    await visit(app, olga, `${APPLICATIONS}/${id}/change`)
    await visit(app, otto, `${APPLICATIONS}/${id}/change`)
    await send(olga, { client_uri: 'https://roster.example.org', step: 'look' })
    await send(otto, { client_name: 'Rooster', staff_only: 'yes', step: 'look' })
    await send(otto, { step: 'save' })

    await send(olga, { step: 'save' })
    expect(status(olga)).toBe(409)
    expect(page(olga)).toMatch(/Somebody else was first\..*Colleague \d+.*client_name.*Rooster/)
    expect(page(olga)).toContain('What you would change in version 2')
    expect((await kept(id))?.version).toBe(2)
    expect(olga.browser.page.html).toContain('value="https://roster.example.org"')
    await send(olga, { step: 'save' })
    expect(at(olga.browser)).toBe(`${APPLICATIONS}/${id}`)
    expect(await kept(id)).toMatchObject({
      version: 3,
      definition: { client_name: 'Rooster', staff_only: true, client_uri: 'https://roster.example.org' },
    })
  })

  test('two who save at once: one wins, the other hears of it', async () => {
    const id = await connected()
    for (const who of [olga, otto]) {
      await visit(app, who, `${APPLICATIONS}/${id}/change`)
      await send(who, { client_name: `By ${who.id}`, step: 'look' })
    }
    await Promise.all([olga, otto].map((who) => send(who, { step: 'save' })))
    expect([olga, otto].map(status).toSorted()).toEqual([200, 409])
    expect((await kept(id))?.version).toBe(2)
  })

  test('given to a file or deleted meanwhile: nothing is changed, and the page says why', async () => {
    const id = await connected()
    const who = { actor: otto.id, via: 'pages' }
    await visit(app, olga, `${APPLICATIONS}/${id}/change`)
    await send(olga, { client_name: 'Too late', step: 'look' })
    await app.core.admin.clients.remove(id, undefined, who)
    await send(olga, { step: 'save' })
    expect([at(olga.browser), page(olga)]).toEqual([`${APPLICATIONS}/${id}`, expect.stringContaining('Deleted')])
    expect((await kept(id))?.definition.client_name).not.toBe('Too late')
  })

  test('all fields as text: what is left out goes, and the id stays', async () => {
    const id = await connected({ client_uri: 'https://roster.example.org', minimum_acr: 'mfa' })
    await visit(app, olga, `${APPLICATIONS}/${id}/change?as=yaml`)
    const yaml = (name = id) =>
      `client_id: ${name}\nclient_name: Text\nredirect_uris: [${CALLBACK}]\nid_token_claims: true\n`
    await send(olga, { yaml: yaml('other'), step: 'look' })
    expect([status(olga), page(olga)]).toEqual([400, expect.stringMatching(/line 1.*client_id: fixed/)])
    await send(olga, { yaml: yaml(), step: 'look' })
    await send(olga, { step: 'save' })
    const { definition } = (await kept(id)) ?? {}
    expect(definition).toMatchObject({ client_name: 'Text', id_token_claims: true, minimum_acr: 'password' })
    expect(definition).not.toHaveProperty('client_uri')
  })

  test('whoever took longer than five minutes loses nothing: the code is asked for in another tab', async () => {
    const id = await connected()
    await visit(app, olga, `${APPLICATIONS}/${id}/change`)
    pass(6 * MINUTE)
    await send(olga, { client_name: 'Slowly', step: 'look' })
    expect(page(olga)).toContain('It is more than five minutes since')
    await send(olga, { step: 'save' })
    expect(page(olga)).toContain('It is more than five minutes since')
    expect((await kept(id))?.version).toBe(1)
    const tab = { ...olga, browser: olga.browser.copy() }
    pass(31 * SECOND)
    await visit(app, tab, '/admin/confirmed')
    expect(page(tab)).toContain('Your second step is proven')
    olga.browser.cookies = tab.browser.cookies
    await send(olga, { step: 'save' })
    expect((await kept(id))?.definition.client_name).toBe('Slowly')
  })
})

describe('the life of one', () => {
  test('disabled, enabled, deleted with its id typed; each asks first', async () => {
    const id = await connected()
    const one = `${APPLICATIONS}/${id}`
    await visit(app, otto, `${one}/enable`)
    expect(at(otto.browser)).toBe(one)
    await visit(app, otto, `${one}/disable`)
    await send(otto)
    expect([told(otto.browser), (await kept(id))?.status]).toEqual(['The application is disabled.', 'disabled'])
    await visit(app, otto, `${one}/enable`)
    await send(otto)
    expect((await kept(id))?.status).toBe('active')

    await visit(app, otto, `${one}/delete`)
    await send(otto, { id: `${id}x` })
    expect([status(otto), page(otto)]).toEqual([400, expect.stringContaining('This is not its client id.')])
    await send(otto, { id })
    expect([at(otto.browser), (await kept(id))?.status]).toEqual([APPLICATIONS, 'deleted'])
    await visit(app, otto, one)
    expect([status(otto), page(otto)]).toEqual([200, expect.stringContaining('Deleted')])
    for (const path of ['change', 'disable', 'enable', 'delete', 'adopt']) {
      await visit(app, otto, `${one}/${path}`)
      expect([path, at(otto.browser)]).toEqual([path, one])
    }
  })

  test('an act over somebody else’s change is not done, and says what changed', async () => {
    const id = await connected()
    await visit(app, otto, `${APPLICATIONS}/${id}/disable`)
    await app.core.admin.clients.change(id, { fields: { client_name: 'Meanwhile' } }, { actor: olga.id, via: 'api' })
    await send(otto)
    expect([status(otto), page(otto)]).toEqual([409, expect.stringMatching(/Somebody else was first.*client_name/)])
    await send(otto)
    expect((await kept(id))?.status).toBe('disabled')
  })

  test('secrets: two at most, the new one shown once, what is still in use is warned of', async () => {
    const id = await connected()
    const secrets = `${APPLICATIONS}/${id}/secrets`
    const [first] = (await kept(id))?.secrets ?? []
    await app.core.store.durable.clients.change(id, (draft) => {
      for (const one of draft.secrets) one.lastUsedAt = Date.now() - 3 * DAY
    })
    await visit(app, olga, secrets)
    expect(page(olga)).toContain('Was used last 3 days ago')
    const again = { ...olga, browser: olga.browser.copy() }
    await send(olga)
    expect(secretOn(olga)).toHaveLength(43)
    await send(again)
    expect([status(again), secretOn(again)]).toEqual([409, undefined])
    expect((await kept(id))?.secrets).toHaveLength(2)
    await visit(app, olga, secrets)
    expect(page(olga)).toContain('There are two already.')

    await visit(app, olga, `${secrets}/${first?.id}`)
    expect(page(olga)).toContain('This secret was used last 3 days ago.')
    await send(olga)
    expect([at(olga.browser), told(olga.browser)]).toEqual([secrets, 'The secret is removed.'])
    expect((await kept(id))?.secrets.map((one) => one.id)).not.toContain(first?.id)
    await visit(app, olga, `${secrets}/${first?.id}`)
    expect(at(olga.browser)).toBe(secrets)
  })

  test('the form for a new secret, sent ten times, makes one', async () => {
    const id = await connected()
    const [first] = (await kept(id))?.secrets ?? []
    await app.core.admin.clients.removeSecret(id, first?.id ?? '', undefined, { actor: olga.id, via: 'pages' })
    await visit(app, olga, `${APPLICATIONS}/${id}/secrets`)
    const browsers = Array.from({ length: 10 }, () => ({ ...olga, browser: olga.browser.copy() }))
    await Promise.all(browsers.map((one) => send(one)))
    expect(browsers.filter((one) => secretOn(one) !== undefined)).toHaveLength(1)
    expect((await kept(id))?.secrets).toHaveLength(1)
    expect((await kept(id))?.version).toBe(3)
  })

  test('versions: who changed what by which door; an earlier one is put back, with what that changes', async () => {
    const id = await connected()
    await app.core.admin.clients.change(
      id,
      { fields: { client_name: 'Second' } },
      { actor: 'root', via: 'command-line' },
    )
    await visit(app, olga, `${APPLICATIONS}/${id}/versions`)
    expect(page(olga)).toMatch(/Version 2.*root.*On the command line.*client_name.*Second.*Version 1.*It was made/)
    await visit(app, olga, `${APPLICATIONS}/${id}/versions/1`)
    expect(page(olga)).toMatch(/What putting it back would change.*Becomes:\s*Roster/)
    await send(olga)
    expect(told(olga.browser)).toBe('The earlier version is back.')
    expect(await kept(id)).toMatchObject({ version: 3, definition: { client_name: expect.stringMatching(/^Roster/) } })
    await visit(app, olga, `${APPLICATIONS}/${id}/versions/99`)
    expect(status(olga)).toBe(404)
  })
})

describe('one that a file owns', () => {
  test('is shown with file and line, can be copied, and has nothing to press but to take it out', async () => {
    await visit(app, olga, `${APPLICATIONS}/portal`)
    expect(page(olga)).toMatch(/kept in .*clients\.yaml\s*, line\s+\d+/)
    expect(olga.browser.page.html).not.toMatch(/applications\/portal\/(change|delete|adopt)"/)
    // But for an emergency.
    expect(olga.browser.page.html).toContain('applications/portal/disable"')
    for (const path of ['change', 'delete', 'adopt']) {
      await visit(app, olga, `${APPLICATIONS}/portal/${path}`)
      expect([path, at(olga.browser)]).toEqual([path, `${APPLICATIONS}/portal`])
    }
    await visit(app, olga, `${APPLICATIONS}/portal/yaml`)
    expect(olga.browser.page.html).toMatch(/<textarea[^>]*readonly[^>]*>\n?- client_id: portal\n/)
  })

  test('given to the file and taken out again', async () => {
    const id = await connected()
    await visit(app, olga, `${APPLICATIONS}/${id}/adopt`)
    await send(olga)
    expect(at(olga.browser)).toBe(`${APPLICATIONS}/${id}/yaml`)
    expect(olga.browser.page.html).toContain(`- client_id: ${id}`)
    expect((await kept(id))?.owner.kind).toBe('file')
    await visit(app, olga, `${APPLICATIONS}/${id}/release`)
    await send(olga)
    expect((await kept(id))?.owner).toEqual({ kind: 'store' })
  })
})

describe('who may', () => {
  test('P-03 an auditor reads, has nothing to press, and what is sent all the same is refused and recorded', async () => {
    const id = await connected()
    const anna = await colleague(app, 'auditor')
    const one = `${APPLICATIONS}/${id}`
    for (const path of ['', '/secrets', '/versions', '/versions/1', '/yaml']) {
      await visit(app, anna, one + path)
      expect([path, status(anna)]).toEqual([path, 200])
      expect(anna.browser.forms().filter(({ fields }) => fields.csrf !== undefined)).toEqual([])
      expect(anna.browser.page.html).not.toMatch(/\/(?:change|disable|delete|adopt)"/)
    }
    const tokens = await tokensFor(app, anna)
    const [secret] = (await kept(id))?.secrets ?? []
    const sent = ['/change', '/secrets', `/secrets/${secret?.id}`, '/versions/1', '/disable', '/delete', '/adopt']
    for (const path of sent) {
      await anna.browser.post(`${app.origin}${one}${path}`, { ...tokens, version: '1' })
      expect([path, status(anna)]).toEqual([path, 403])
    }
    await anna.browser.post(`${app.origin}${APPLICATIONS}/new`, { ...tokens, kind: 'web', name: 'x', step: 'make' })
    expect(status(anna)).toBe(403)
    expect(await kept(id)).toMatchObject({ version: 1, status: 'active' })
    const trail = await app.core.admin.trail.listAudit({ limit: 40 })
    const refused = trail.filter(({ type, actor }) => type === 'admin.refused' && actor === anna.id)
    expect(refused.map(({ details }) => details?.verb).toSorted()).toEqual([
      'client:add',
      'client:change',
      'client:delete',
      'client:disable',
      'client:restore',
      'client:secret-add',
      'client:secret-remove',
      'clients:adopt',
    ])
  })

  test('A-03 somebody whose session has no second factor sees and sends nothing', async () => {
    const id = await connected()
    const email = 'half@sigma.example'
    await app.core.links.invite({ email, name: 'Half', locale: 'en', roles: ['owner'] })
    const half = new Person()
    await half.visit(await app.linkFor(email))
    await half.submit({ password: PASSWORD, repeat: PASSWORD })
    await half.visit(`${app.origin}/account`)
    if (half.forms().some(({ fields }) => 'password' in fields)) await half.submit({ email, password: PASSWORD })
    for (const path of ['', '/new', `/${id}`, `/${id}/change`, `/${id}/secrets`]) {
      const answer = await half.copy().request('GET', `${app.origin}${APPLICATIONS}${path}`)
      expect([path, answer.status, (await answer.text()).includes(id)]).toEqual([path, 303, false])
    }
    const { csrf = '' } = half.forms().find(({ fields }) => fields.csrf)?.fields ?? {}
    const fields = new URLSearchParams({ csrf, for: csrf, version: '1', step: 'save', client_name: 'Taken' })
    for (const path of ['/new', `/${id}/change`, `/${id}/secrets`, `/${id}/disable`, `/${id}/delete`]) {
      const answer = await half.copy().request('POST', `${app.origin}${APPLICATIONS}${path}`, fields)
      expect([path, answer.status === 303 || answer.status === 403]).toEqual([path, true])
    }
    expect((await kept(id))?.version).toBe(1)
  })

  test('P-02 who is no owner gives no role and no scope of administration, and loses nothing of what was typed', async () => {
    const id = await connected()
    const yaml = `client_id: ${id}-x\nclient_name: Power\ngrant_types: [client_credentials]\nscope: admin:clients\nadmin_role: client-admin\n`
    for (const step of ['look', 'make']) {
      await visit(app, otto, `${APPLICATIONS}/new?as=yaml`)
      await send(otto, { yaml, step })
      expect([step, await kept(`${id}-x`)]).toEqual([step, undefined])
    }
    expect([status(otto), page(otto)]).toEqual([
      403,
      expect.stringContaining('Only an owner gives an application a role'),
    ])
    expect(otto.browser.page.html).toContain('client_name: Power')
    await visit(app, otto, `${APPLICATIONS}/${id}/change`)
    await send(otto, { admin_role: 'auditor', grant_types: '', step: 'save' })
    expect(status(otto)).toBeGreaterThanOrEqual(400)
    expect((await kept(id))?.version).toBe(1)
  })

  test('a name with markup in it is text, wherever it is read', async () => {
    const id = await connected({ client_name: `<img src=x onerror="alert(1)">'` })
    for (const path of ['', '/change', '/secrets', '/versions', '/versions/1', '/yaml', '/disable', '/delete']) {
      await visit(app, olga, `${APPLICATIONS}/${id}${path}`)
      expect([path, olga.browser.page.html.includes('<img src=x')]).toEqual([path, false])
    }
    await visit(app, olga, `${APPLICATIONS}/new`)
    await send(olga, { kind: 'web', name: 'Ros\u202eter', address: CALLBACK, step: 'look' })
    expect([status(olga), page(olga)]).toEqual([400, expect.stringContaining('client_name: unseen')])
  })

  test('an application whose id is the address of the page for a new one is reached all the same', async () => {
    const added = await app.core.admin.clients.add(
      { client_id: 'new', client_name: 'Called new', redirect_uris: [CALLBACK] },
      { actor: olga.id, via: 'pages' },
    )
    expect(added.ok).toBe(true)
    await app.followClients()
    await visit(app, olga, `${APPLICATIONS}?text=called`)
    const href = /href="(\/admin\/applications\/[^"]+)">Called new/.exec(olga.browser.page.html)?.[1] ?? ''
    await visit(app, olga, href)
    expect(page(olga)).toContain('Called new')
  })
})
