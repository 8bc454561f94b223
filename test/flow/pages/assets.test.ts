/** The public files as they go over the line: small, once made, each coding an answer of its own. */
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { startApp } from '../../support/app/app.ts'
import { forAllTests } from '../../support/runner/made.ts'

const PUBLIC = join(import.meta.dirname, '../../../views/public')

const app = forAllTests(startApp)

interface Answer {
  status: number | undefined
  headers: Record<string, string | string[] | undefined>
  body: Buffer
}

/** As it came: nothing is decompressed. */
async function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  const sent = request(`${app.origin}${path}`, { method, headers, agent: false }).end()
  return new Promise((resolve, reject) => {
    sent.once('error', reject)
    sent.once('response', (answer) => {
      buffer(answer).then((body) => resolve({ status: answer.statusCode, headers: answer.headers, body }), reject)
    })
  })
}

function plain({ headers, body }: Answer): Buffer {
  const coding = headers['content-encoding']
  if (coding === 'br') return brotliDecompressSync(body)
  return coding === 'gzip' ? gunzipSync(body) : body
}

const COMMENT = /^\s*(\/\*|\*|\/\/)/

/** The lines of `file` in their order, but that some are left out: which ones. */
function leftOut(file: string, served: string): string[] {
  const lines = served.split('\n')
  const out = file.split('\n').filter((line) => (line === lines[0] ? void lines.shift() : true))
  expect(lines).toEqual([])
  return out
}

describe.each(['sigma.js', 'desk.css', 'logo.svg', 'favicon.svg'])('%s', (name) => {
  const file = readFileSync(join(PUBLIC, name))

  test.each([
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip, deflate', 'gzip'],
    ['br;q=0.5, gzip', 'gzip'],
    ['zstd', undefined],
    ['gzip;q=0.5, identity', undefined],
    ['', undefined],
  ])('by %j it comes in %s, and is the file without its comments', async (accepted, coding) => {
    const answer = await ask(`/assets/${name}`, { 'accept-encoding': accepted })
    expect(answer.status).toBe(200)
    expect(answer.headers['content-encoding']).toBe(coding)
    expect(answer.headers.vary).toBe('Accept-Encoding')
    expect(answer.headers['content-length']).toBe(String(answer.body.length))
    const comments = leftOut(String(file), String(plain(answer)))
    expect(comments.filter((line) => !COMMENT.test(line))).toEqual([])
    expect(comments.length > 0).toBe(!name.endsWith('.svg'))
    expect(answer.body.length < plain(answer).length).toBe(coding !== undefined)
  })
})

test('the stylesheet is the file, with the colors of the brand before it', async () => {
  const file = readFileSync(join(PUBLIC, 'sigma.css'), 'utf8')
  const served = String(plain(await ask('/assets/sigma.css', { 'accept-encoding': 'br' })))
  const own = served.indexOf('\n:root {\n') + 1
  expect(served.slice(0, own)).toMatch(/^:root\{--brand:#[0-9a-f]{6};.*\}\}\n$/s)
  expect(leftOut(file, served.slice(own)).filter((line) => !COMMENT.test(line))).toEqual([])
})

test('who says nothing of codings gets none', async () => {
  const answer = await ask('/assets/sigma.js')
  expect([answer.headers['content-encoding'], answer.headers.vary]).toEqual([undefined, 'Accept-Encoding'])
})

test('who can read nothing that there is gets nothing', async () => {
  const answer = await ask('/assets/sigma.css', { 'accept-encoding': 'identity;q=0' })
  expect(answer.status).toBe(406)
  expect(answer.headers).toMatchObject({ vary: 'Accept-Encoding', 'cache-control': 'no-store' })
  expect(answer.headers).not.toHaveProperty('etag')
  expect((await ask('/assets/sigma.css', { 'accept-encoding': 'identity;q=0, gzip' })).status).toBe(200)
})

test.each(['br', 'gzip', 'identity'])('HEAD says of %s what GET says, without a body', async (accepted) => {
  const headers = { 'accept-encoding': accepted }
  const [got, head] = [await ask('/assets/sigma.css', headers), await ask('/assets/sigma.css', headers, 'HEAD')]
  const said = ({ headers }: Answer) => ({ ...headers, date: '', 'x-request-id': '' })
  expect(said(head)).toEqual(said(got))
  expect([head.status, head.body.length]).toEqual([200, 0])
})

test('each coding has a tag of its own, which only fits itself', async () => {
  const tags: string[] = []
  for (const coding of ['br', 'gzip', 'identity']) {
    const { headers } = await ask('/assets/sigma.css', { 'accept-encoding': coding })
    const tag = String(headers.etag)
    const again = await ask('/assets/sigma.css', { 'accept-encoding': coding, 'if-none-match': tag })
    expect([again.status, again.body.length]).toEqual([304, 0])
    expect(again.headers).toMatchObject({ etag: tag, vary: 'Accept-Encoding' })
    expect(again.headers).not.toHaveProperty('content-encoding')
    for (const other of tags) {
      const answer = await ask('/assets/sigma.css', { 'accept-encoding': coding, 'if-none-match': other })
      expect(answer.status).toBe(200)
    }
    tags.push(tag)
  }
  expect(new Set(tags).size).toBe(3)
})

test('under its own address it is kept for ever in every coding, else for five minutes', async () => {
  const page = await ask('/recover')
  const [address = ''] = /\/assets\/sigma\.css\?v=[\w-]+/.exec(String(page.body)) ?? []
  for (const coding of ['br', 'gzip', 'identity']) {
    const kept = async (path: string) => (await ask(path, { 'accept-encoding': coding })).headers['cache-control']
    expect(await kept(address)).toBe('public, max-age=31536000, immutable')
    expect(await kept('/assets/sigma.css')).toBe('public, max-age=300')
    expect(await kept('/assets/sigma.css?v=other')).toBe('public, max-age=300')
  }
})

test('attack by length (BREACH): a page with a token of the browser beside what was typed is not compressed', async () => {
  for (const path of ['/recover', '/nothing']) {
    const page = await ask(path, { accept: 'text/html', 'accept-encoding': 'br, gzip' })
    expect(String(page.headers['content-type'])).toContain('text/html')
    expect(page.headers).not.toHaveProperty('content-encoding')
  }
})
