/** The logo of an application: given by the pages, made anew, shown where its name stands for people, and taken away. */
import { createHash } from 'node:crypto'
import sharp from 'sharp'
import { beforeAll, describe, expect, test } from 'vitest'
import { MOST_BYTES } from '../../../src/client/logo-picture.ts'
import { HOUR, MINUTE } from '../../../src/lib/time.ts'
import { startApp } from '../../support/app/app.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { colleague, send, visit } from '../../support/people/help-desk.ts'
import { Person } from '../../support/people/person.ts'
import { text } from '../../support/people/second-factor.ts'
import type { Someone } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'
import {
  claiming,
  gif,
  jpeg,
  large,
  movingWebp,
  picture,
  png,
  SECRET_IN_PICTURE,
  webp,
} from '../../support/samples/pictures.ts'

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

const kept = (id: string) => app.core.store.durable.clients.find(id)
const pageOf = (id: string) => `/admin/applications/${id}/logo`
const status = (who: Someone) => who.browser.page.status

async function connected(fields: Record<string, unknown> = {}): Promise<string> {
  nth += 1
  const id = `roster-${nth}`
  const given = { client_id: id, client_name: `Roster ${nth}`, redirect_uris: [CALLBACK], ...fields }
  const added = await app.core.admin.clients.add(given, { actor: olga.id, via: 'pages', mayEmpower: true })
  if (!added.ok) throw new Error(added.reason)
  await app.followClients()
  return id
}

function form(...pictures: Array<Buffer | string>): FormData {
  const parts = new FormData()
  for (const one of pictures) parts.append('picture', new Blob([one as BlobPart], { type: 'image/png' }), 'logo.png')
  return parts
}

async function upload(who: Someone, id: string, parts: FormData): Promise<void> {
  await visit(app, who, pageOf(id))
  await who.browser.upload(parts)
}

async function withLogo(
  fields: Record<string, unknown> = {},
  bytes?: Buffer,
): Promise<{ id: string; address: string }> {
  const id = await connected(fields)
  await upload(otto, id, form(bytes ?? (await png(200 + nth, 100))))
  await app.followClients()
  const { logo } = (await kept(id)) ?? {}
  if (logo === undefined) throw new Error(text(otto.browser.page))
  return { id, address: `/logo/${logo}.png` }
}

async function served(address: string, headers: Record<string, string> = {}) {
  const response = await fetch(app.origin + address, { headers, redirect: 'manual' })
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) }
}

/** Begins a sign-in of somebody that this browser does not know, or knows. */
function authorize(id: string): string {
  const query = new URLSearchParams({
    ...{ client_id: id, redirect_uri: CALLBACK, response_type: 'code', scope: 'openid', state: 's' },
    ...{
      code_challenge: createHash('sha256').update('v'.repeat(43)).digest('base64url'),
      code_challenge_method: 'S256',
    },
  })
  return `${app.origin}/auth?${query}`
}

describe('a picture that is in order', () => {
  test.each([
    ['PNG', png, [256, 128]],
    ['JPEG', jpeg, [256, 128]],
    ['WebP', webp, [256, 128]],
    ['a small one, which is not blown up', () => png(40, 60), [40, 60]],
    [
      'with a ZIP behind it',
      async () => Buffer.concat([await png(), Buffer.from(`PK\x03\x04${SECRET_IN_PICTURE}`)]),
      [256, 128],
    ],
    [
      'with a page in it',
      () =>
        picture()
          .withExif({ IFD0: { Copyright: '<script>alert(1)</script>' } })
          .png()
          .toBuffer(),
      [256, 128],
    ],
    ['as many pixels as may be', () => picture(4096, 4096).png().toBuffer(), [256, 256]],
  ] as const)(
    '%s is made small and written anew: nothing of what was sent is left',
    async (_what, bytes, [width, height]) => {
      const { id, address } = await withLogo({}, await bytes())
      expect(text(otto.browser.page)).toContain('The logo is in place.')
      const answer = await served(address)
      expect(await sharp(answer.bytes).metadata()).toMatchObject({ format: 'png', width, height })
      expect(answer.bytes.includes(SECRET_IN_PICTURE)).toBe(false)
      expect(answer.bytes.includes('<script')).toBe(false)
      const chunks = chunksOf(answer.bytes)
      expect(chunks.filter((name) => !['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND', 'pHYs'].includes(name))).toEqual([])
      expect(chunks.at(-1)).toBe('IEND')
      expect(await kept(id)).toMatchObject({
        version: 2,
        versions: [{}, { actor: otto.id, via: 'pages', changes: [{ field: 'logo', to: expect.any(String) }] }],
      })
    },
  )

  test('a photo that lies on its side stands up: what says so is gone', async () => {
    const lying = await picture(300, 600).flatten().jpeg().withMetadata({ orientation: 6 }).toBuffer()
    const { address } = await withLogo({}, lying)
    expect(await sharp((await served(address)).bytes).metadata()).toMatchObject({ width: 256, height: 128 })
  })
})

/** Of a PNG that ends where its last chunk does. */
function chunksOf(bytes: Buffer): string[] {
  const names: string[] = []
  let at = 8
  while (at < bytes.length) {
    names.push(bytes.toString('latin1', at + 4, at + 8))
    at += bytes.readUInt32BE(at) + 12
  }
  expect(at).toBe(bytes.length)
  return names
}

describe('a picture that is not', () => {
  test.each<[string, () => Promise<Buffer | string>, string]>([
    [
      'SVG',
      async () => '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
      'no PNG, JPEG or WebP',
    ],
    ['GIF', gif, 'no PNG, JPEG or WebP'],
    ['a page that is called a picture', async () => '<!doctype html><script>alert(1)</script>', 'no PNG, JPEG or WebP'],
    [
      'a page behind the first bytes of a picture',
      async () => Buffer.concat([(await png()).subarray(0, 8), Buffer.from('<html>')]),
      'damaged',
    ],
    ['a JPEG that begins as a PNG', async () => Buffer.concat([(await png()).subarray(0, 8), await jpeg()]), 'damaged'],
    ['cut off', async () => (await png()).subarray(0, -40), 'damaged'],
    ['a JPEG that is cut off', async () => (await jpeg()).subarray(0, -300), 'damaged'],
    ['a WebP that is cut off', async () => (await webp()).subarray(0, -100), 'damaged'],
    ['a bomb: it says that it is 20000 by 20000', () => claiming(20_000, 20_000), 'more than 4096 pixels'],
    ['one side too long', () => claiming(4097, 10), 'more than 4096 pixels'],
    ['animated', movingWebp, 'moves'],
    ['empty', async () => '', 'Choose a picture first'],
    ['over 1 MiB by one byte', async () => (await large(MOST_BYTES)).subarray(0, MOST_BYTES + 1), 'larger than 1 MiB'],
    ['2 MiB', () => large(2 * MOST_BYTES), 'larger than 1 MiB'],
  ])('%s is refused, and the page says why', async (_what, bytes, words) => {
    const id = await connected()
    await upload(otto, id, form(await bytes()))
    expect([status(otto), text(otto.browser.page)]).toEqual([
      expect.toSatisfy((code) => [400, 413].includes(code)),
      expect.stringContaining(words),
    ])
    expect(otto.browser.page.html).toContain('aria-invalid="true"')
    expect(await kept(id)).toMatchObject({ version: 1 })
  })

  test.each<[string, (parts: FormData) => void, number]>([
    ['no file', (parts) => parts.delete('picture'), 400],
    ['two files', (parts) => parts.append('picture', new Blob(['x']), 'b.png'), 400],
    [
      'a file in another field',
      (parts) => {
        parts.append('other', new Blob(['x']), 'b.png')
        parts.delete('picture')
      },
      400,
    ],
    ['a field that the form has not', (parts) => parts.set('owner', 'me'), 400],
    [
      'a field twice',
      (parts) => {
        parts.append('version', '1')
        parts.append('version', '1')
      },
      400,
    ],
    ['fields without end', (parts) => void Array.from({ length: 60 }, (_, at) => parts.append(`a${at}`, '1')), 400],
    ['no token of the form', (parts) => parts.set('csrf', ''), 403],
    ['a page of another account', (parts) => parts.set('for', 'x'), 403],
  ])('%s: refused, and nothing is changed', async (_what, spoil, code) => {
    const id = await connected()
    const parts = form(await png())
    spoil(parts)
    await upload(otto, id, parts)
    expect(status(otto)).toBe(code)
    expect(await kept(id)).toMatchObject({ version: 1 })
  })

  test('a body that is no form with a file, or breaks off', async () => {
    const id = await connected()
    await visit(app, otto, pageOf(id))
    const url = app.origin + pageOf(id)
    const cookie = otto.browser.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
    const post = async (type: string, body: string) =>
      (await fetch(url, { method: 'POST', headers: { cookie, origin: app.origin, 'content-type': type }, body })).status
    expect(await post('application/x-www-form-urlencoded', 'csrf=x')).toBe(415)
    expect(await post('multipart/form-data', 'x')).toBe(400)
    const part = '--X\r\nContent-Disposition: form-data; name="picture"; filename="a.png"\r\n\r\nabc'
    expect(await post('multipart/form-data; boundary=X', part)).toBe(400)
    expect(await post('multipart/form-data; boundary=X', `--X\r\n${'a: b\r\n'.repeat(100_000)}`)).toBe(400)
    expect(await post('multipart/form-data; boundary=X', part.slice(0, 60).repeat(10_000))).toBe(400)
  })
})

describe('who gives one', () => {
  test('an auditor and the help desk do not, by the page or by sending its form', async () => {
    const id = await connected()
    for (const role of ['auditor', 'help-desk']) {
      const who = await colleague(app, role)
      await visit(app, who, pageOf(id))
      expect([role, status(who)]).toEqual([role, 403])
      await visit(app, who, '/account/language')
      const parts = form(await png())
      const { csrf = '' } = who.browser.forms().find(({ fields }) => fields.csrf)?.fields ?? {}
      for (const [name, value] of Object.entries({ csrf, version: '1' })) parts.set(name, value)
      const answer = await who.browser.request('POST', app.origin + pageOf(id), parts)
      expect([role, answer.status]).toEqual([role, 403])
    }
    expect(await kept(id)).toMatchObject({ version: 1 })
  })

  test('a stranger’s file is not read: they are sent to sign in', async () => {
    const id = await connected()
    const stranger = new Person()
    const answer = await stranger.request('POST', app.origin + pageOf(id), form(await png()))
    expect([answer.status, answer.headers.get('location')]).toEqual([303, expect.stringContaining('/auth')])
  })

  test('attack: another site’s form', async () => {
    const id = await connected()
    await visit(app, otto, pageOf(id))
    const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
    const answer = await otto.browser.request('POST', app.origin + pageOf(id), form(await png()), headers)
    expect(answer.status).toBe(403)
  })

  test('only with a second factor of the last five minutes', async () => {
    const id = await connected()
    await visit(app, otto, pageOf(id))
    pass(6 * MINUTE)
    await otto.browser.upload(form(await png()))
    expect(otto.browser.page.url).not.toContain(pageOf(id))
    expect(await kept(id)).toMatchObject({ version: 1 })
  })

  test('only an owner gives one to what administers', async () => {
    const fields = {
      grant_types: ['client_credentials'],
      redirect_uris: [],
      scope: 'admin:clients',
      admin_role: 'auditor',
    }
    const id = await connected(fields)
    await upload(otto, id, form(await png()))
    expect([status(otto), text(otto.browser.page)]).toEqual([403, expect.stringContaining('Only an owner')])
    await upload(olga, id, form(await png()))
    expect(await kept(id)).toMatchObject({ version: 2, logo: expect.any(String) })
  })

  test('what a file owns has one too; the file says nothing of it, before and after', async () => {
    await upload(otto, 'portal', form(await png(90, 90)))
    const record = await kept('portal')
    expect(record).toMatchObject({ owner: { kind: 'file' }, logo: expect.any(String) })
    await app.core.applyFile()
    expect(await kept('portal')).toEqual(record)
    expect(await app.core.clientFile.export({ all: true })).not.toContain(record?.logo)
  })

  test('a protected application’s logo waits for nobody, as its name does not', async () => {
    const { id } = await withLogo({ protected: true })
    expect((await kept(id))?.proposals ?? []).toEqual([])
  })

  test('over somebody else’s change it is refused, with what they changed', async () => {
    const id = await connected()
    await visit(app, otto, pageOf(id))
    await app.core.admin.clients.change(id, { fields: { client_name: 'Renamed' } }, { actor: olga.id, via: 'pages' })
    await otto.browser.upload(form(await png()))
    expect([status(otto), text(otto.browser.page)]).toEqual([409, expect.stringContaining('Renamed')])
    expect(await kept(id)).toMatchObject({ version: 2 })
  })
})

describe('at its address', () => {
  test('it is a picture, may be kept for ever, and makes no session and no cookie', async () => {
    const { address } = await withLogo()
    const { status: code, headers } = await served(address)
    expect(code).toBe(200)
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'image/png',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cross-origin-resource-policy': 'same-origin',
      etag: expect.stringMatching(/^"[\w-]{43}"$/),
    })
    expect(headers.get('set-cookie')).toBeNull()
    // What fetch says by itself asks for it anew whatever it is.
    const known = { 'if-none-match': headers.get('etag') ?? '', 'cache-control': 'max-age=0' }
    expect((await served(address, known)).status).toBe(304)
  })

  test.each(['/logo/', '/logo/x.png', `/logo/${'A'.repeat(43)}.png`, `/logo/${'A'.repeat(43)}.svg`, '/logo/..%2f.png'])(
    '%s is nothing',
    async (address) => expect((await served(address)).status).toBe(404),
  )

  test('once it is removed, or its application deleted, it is nothing any more; the picture goes an hour later', async () => {
    const { id, address } = await withLogo()
    const other = await withLogo()
    await visit(app, otto, pageOf(id))
    await visit(app, otto, `${pageOf(id)}/remove`)
    await send(otto)
    expect(text(otto.browser.page)).toContain('The logo is removed.')
    await app.core.admin.clients.remove(other.id, undefined, { actor: olga.id, via: 'pages' })
    await app.second()
    for (const gone of [address, other.address]) expect((await served(gone)).status).toBe(404)
    expect(await kept(id)).not.toHaveProperty('logo')

    const { logos } = app.core.store.durable
    const digest = address.slice(6, -4)
    await app.core.logos.tidy()
    expect(await logos.find(digest)).toBeDefined()
    const third = await withLogo()
    pass(HOUR + MINUTE)
    await app.core.logos.tidy()
    expect(await logos.find(digest)).toBeUndefined()
    expect((await served(third.address)).status).toBe(200)
    expect(await logos.values('digest')).toContain(third.address.slice(6, -4))
  })

  test('of a version that is put back the logo stays as it is', async () => {
    const { id, address } = await withLogo()
    await app.core.admin.clients.restore(id, 1, undefined, { actor: olga.id, via: 'pages' })
    expect(`/logo/${(await kept(id))?.logo}.png`).toBe(address)
  })
})

describe('where people see it', () => {
  test('where they sign in and agree, in their settings, and in administration; by our own origin alone', async () => {
    const { id, address } = await withLogo({ first_party: false })
    const shown = `src="${address}"`
    const sanne = new Person()
    await sanne.visit(authorize(id))
    expect(sanne.page.html).toContain(shown)
    expect(sanne.page.headers.get('content-security-policy')).toContain("img-src 'self' data:;")

    await visit(app, otto, '/account')
    expect(otto.browser.page.html).not.toContain(shown)
    await otto.browser.visit(authorize(id))
    expect(otto.browser.page.html).toContain('value="allow"')
    expect(otto.browser.page.html).toContain(shown)
    // The answer leads to the application, which nobody serves here.
    await otto.browser.submit({ action: 'allow' }).catch(() => undefined)
    await visit(app, otto, '/account')
    expect(otto.browser.page.html).toContain(shown)
    for (const path of ['/admin/applications', `/admin/applications/${id}`, pageOf(id)]) {
      await visit(app, otto, path)
      expect([path, otto.browser.page.html]).toEqual([path, expect.stringContaining(shown)])
    }
    await visit(app, otto, `/admin/applications/${id}/versions`)
    expect(text(otto.browser.page)).toContain('Logo')
  })

  test('without one nothing is different', async () => {
    const id = await connected({ first_party: false })
    const sanne = new Person()
    await sanne.visit(authorize(id))
    expect(sanne.page.html).toContain('Roster')
    expect(sanne.page.html).not.toContain('/logo/')
    expect(sanne.page.html).not.toContain('emblem')
  })
})
