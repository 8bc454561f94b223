/** The proxies that are shipped (config/proxies, config/Caddyfile), each in front of a server as it is run for real. */
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:tls'
import { Agent, getGlobalDispatcher, setGlobalDispatcher, fetch as undiciFetch } from 'undici'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from '../support/app/ports.ts'
import { commandLine, startServer } from '../support/app/process.ts'
import { CLIENTS, production, signInAt } from '../support/app/production.ts'
import { PROXIES, startProxy } from '../support/app/proxies.ts'
import { smtpServer } from '../support/delivery/smtp-server.ts'
import { Person } from '../support/people/person.ts'
import { describeUnless } from '../support/services/services.ts'

const EMAIL = 'sanne@sigma.example'
const PASSWORD = 'vier losse woorden samen'
const STRANGER = '203.0.113.66'

describeUnless(
  PROXIES.flatMap(({ program }) => (existsSync(program) ? [] : [program])),
  'proxies',
  () => {
    test.each(PROXIES)('$name: somebody signs in through it, and is who they are', async (proxy) => {
      const mails = await smtpServer()
      onTestFinished(() => mails.close())
      const secure = await freePort()
      const issuer = `https://localhost:${secure}`
      const where = await production({
        settings: { issuer },
        // Where a new account leads to.
        clients: CLIENTS.replace('https://portal.sigma.example/login', `${issuer}/account`),
        env: { SIGMA_SMTP_URL: mails.url },
      })
      await startServer(where)
      const [node, operations] = [where.origin, where.operationsOrigin].map((origin) => Number(new URL(origin).port))
      const ports = { secure, plain: await freePort(), node: node ?? 0, operations: operations ?? 0 }
      const service = await startProxy(proxy, ports)
      onTestFinished(() => service.remove())
      const before = getGlobalDispatcher()
      const agent = new Agent({ allowH2: true, connect: { ca: service.certificate } })
      setGlobalDispatcher(agent)
      onTestFinished(async () => {
        setGlobalDispatcher(before)
        await agent.destroy()
      })
      // It looks at the server before it sends anybody there.
      await expect.poll(() => fetch(issuer).then(({ status }) => status < 500), { timeout: 20_000 }).toBe(true)
      expect(await protocolOf(secure, service.certificate)).toBe('h2')

      await commandLine(where, 'person:invite', '--email', EMAIL, '--name', 'Sanne de Vries')
      await expect.poll(() => mails.messages, { timeout: 20_000 }).toHaveLength(1)
      const [link = ''] = new RegExp(`${issuer}/activate/\\S+`).exec(mails.messages[0]?.text ?? '') ?? []
      const headers = {
        'x-forwarded-for': STRANGER,
        forwarded: `for=${STRANGER};host=evil.example`,
        'x-forwarded-host': 'evil.example',
        'x-request-id': 'stranger-1',
        traceparent: `00-${'5'.repeat(32)}-${'5'.repeat(16)}-01`,
      }
      const sanne = new Person({ headers })
      await sanne.visit(link)
      await sanne.submit({ password: PASSWORD, repeat: PASSWORD })
      await sanne.visit(`${issuer}/account`)
      await sanne.submit({ email: EMAIL, password: PASSWORD })
      expect(sanne.page.html).toContain('Sanne de Vries')
      expect(sanne.page.headers.get('content-encoding')).toBeNull()
      expect(sanne.page.headers.get('strict-transport-security')).toMatch(/^max-age=\d+; includeSubDomains$/)

      const set = sanne.trail.flatMap((answer) => answer.headers.getSetCookie())
      expect(set.length).toBeGreaterThan(0)
      expect(set.filter((cookie) => !/^__(?:Host|Secure)-.*;\s*secure/i.test(cookie))).toEqual([])
      expect(sanne.trail.filter(({ url }) => new URL(url).origin !== issuer)).toEqual([])

      // The longest `state` there is, and 8 kB of cookies.
      const state = 's'.repeat(3500)
      const cookie = Array.from({ length: 4 }, (_, n) => `c${n}=${'x'.repeat(2000)}`).join('; ')
      const long = await fetch(signInAt(issuer, { prompt: 'none', state }), { headers: { cookie }, redirect: 'manual' })
      expect([long.status, long.headers.get('location')]).toEqual([
        303,
        expect.stringMatching(new RegExp(`^https://portal\\.sigma\\.example/callback\\?.*state=${state}`)),
      ])

      const { out } = await commandLine(where, 'audit:list')
      expect(out).toContain('127.0.0.1')
      expect(out).not.toContain(STRANGER)
      expect(out).not.toMatch(/stranger-1|5{32}/)
    })

    test('haproxy: where none is ready, people still get the page of Sigma ID itself', async () => {
      const looks: string[] = []
      const node = await listening((_, response) => void response.writeHead(503).end('out of order for a moment'))
      const operations = await listening(({ url = '' }, response) => {
        looks.push(url)
        response.writeHead(503).end('not ready')
      })
      const ports = { secure: await freePort(), plain: await freePort(), node, operations }
      const service = await startProxy(proxyCalled('haproxy'), ports)
      onTestFinished(() => service.remove())
      const dispatcher = new Agent({ connect: { ca: service.certificate } })
      onTestFinished(() => dispatcher.destroy())
      // The second look comes after the answer to the first was taken to heart.
      await expect.poll(() => looks.length, { timeout: 20_000 }).toBeGreaterThan(1)
      const answer = await undiciFetch(`https://localhost:${ports.secure}/`, { dispatcher })
      expect([answer.status, await answer.text()]).toEqual([503, 'out of order for a moment'])
      expect(looks).toContain('/readyz')
    })
  },
)

function proxyCalled(name: string) {
  const proxy = PROXIES.find((each) => each.name === name)
  if (!proxy) throw new Error(`no proxy is called ${name}`)
  return proxy
}

/** On a port of its own until the test is over. */
async function listening(answer: RequestListener): Promise<number> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

function protocolOf(port: number, ca: string): Promise<string | false | null> {
  return new Promise((done, fail) => {
    const socket = connect(
      { port, host: '127.0.0.1', servername: 'localhost', ca, ALPNProtocols: ['h2', 'http/1.1'] },
      () => {
        done(socket.alpnProtocol)
        socket.destroy()
      },
    )
    socket.on('error', fail)
  })
}
