/**
 * What somebody who was never here waits for: the sign-in page with everything that it links, in bytes on the line. The
 * icon of the tab is not among them: browsers ask for it when they have shown the page, or never.
 */
import { connect } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { startApp } from '../../support/app/app.ts'
import { forAllTests } from '../../support/runner/made.ts'

const MOST_BYTES = 12_000
const MOST_REQUESTS = 3

const app = forAllTests(startApp)

/** Head and body as they come over the line, in the coding that a browser asks for. */
async function wire(path: string, headers: string[] = []): Promise<Buffer> {
  const { host, port } = new URL(app.origin)
  const socket = connect(Number(port), '127.0.0.1')
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Accept: text/html,*/*',
    'Accept-Encoding: gzip, deflate, br, zstd',
    'Connection: close',
    ...headers,
  ]
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  return buffer(socket)
}

function header(answer: string, name: string): string[] {
  const [head = ''] = answer.split('\r\n\r\n')
  return head
    .split('\r\n')
    .flatMap((line) => (line.toLowerCase().startsWith(`${name}: `) ? [line.slice(name.length + 2)] : []))
}

test.each(['en', 'nl'])(
  'the first sign-in page in %s is three requests, and twelve kilobytes at most',
  async (locale) => {
    const query = new URLSearchParams({
      client_id: 'portal',
      redirect_uri: `${app.portalOrigin}/callback`,
      response_type: 'code',
      scope: 'openid',
      state: 'state',
      ui_locales: locale,
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    })
    const sent = String(await wire(`/auth?${query}`))
    const cookies = header(sent, 'set-cookie').map((cookie) => cookie.split(';', 1)[0])
    const page = await wire(header(sent, 'location')[0] ?? '', [`Cookie: ${cookies.join('; ')}`])
    const html = String(page)
    expect(html).toContain(`<html lang="${locale}">`)
    expect(html).toContain('type="password"')

    const tags = [...html.matchAll(/<[^>]* (?:href|src)="(\/assets\/[^"]*)"[^>]*>/g)]
    const addresses = tags.filter(([tag]) => !tag.includes('rel="icon"')).map(([, address = '']) => address)
    expect(addresses.map((address) => address.split('?')[0])).toEqual(['/assets/sigma.css', '/assets/sigma.js'])
    // Nothing else is fetched for it, from here or elsewhere.
    expect(html.match(/ src="(?!data:|\/assets\/)/g)).toBeNull()

    const answers = [page, ...(await Promise.all(addresses.map((address) => wire(address))))]
    for (const answer of answers) expect(answer.toString('latin1')).toMatch(/^HTTP\/1\.1 200 /)
    expect(answers.length).toBeLessThanOrEqual(MOST_REQUESTS)
    expect(answers.reduce((sum, answer) => sum + answer.length, 0)).toBeLessThanOrEqual(MOST_BYTES)
  },
)
