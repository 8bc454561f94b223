/**
 * The product on https under a name of its own, and beside it a sibling: another host of the same registrable domain,
 * which may set cookies for all of it (RFC 6265 section 5.3). Chromium is told where the names are.
 */
import { once } from 'node:events'
import { request as ask } from 'node:http'
import { createServer } from 'node:https'
import { type AppOptions, freePorts, type RunningApp, startApp } from '../app/app.ts'
import { selfSigned } from '../app/certificate.ts'
import { freePort } from '../app/ports.ts'

const DOMAIN = 'sigma.test'
/** For launchChromium. */
export const RESOLVE = `--host-resolver-rules=MAP *.${DOMAIN} 127.0.0.1`

export interface Neighborhood {
  app: RunningApp
  /** Where people reach the product. */
  issuer: string
  /** Makes a page of the sibling that sets these cookies for the whole domain and leads on; returns its address. */
  plant(cookies: string[], to: string): string
  stop(): Promise<void>
}

export async function neighborhood(options: AppOptions = {}): Promise<Neighborhood> {
  const front = await freePort()
  const issuer = `https://id.${DOMAIN}:${front}`
  const ports = await freePorts()
  const app = await startApp({ ...options, ports, settings: { issuer, ...options.settings } })
  let planted: { cookies: string[]; to: string } = { cookies: [], to: issuer }

  const server = createServer(selfSigned(`id.${DOMAIN}`, `evil.${DOMAIN}`), (request, response) => {
    if (request.headers.host?.startsWith('evil.')) {
      const cookies = planted.cookies.map((cookie) => `${cookie}; domain=${DOMAIN}; secure`)
      response.writeHead(303, { location: planted.to, 'set-cookie': cookies }).end()
      return
    }
    const { method, url: path, rawHeaders: headers } = request
    const passed = ask({ host: '127.0.0.1', port: ports[0], method, path, headers, setHost: false, agent: false })
    passed.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
      answer.pipe(response)
    })
    passed.on('error', () => response.destroy())
    request.pipe(passed)
  })
  server.listen(front, '127.0.0.1')
  await once(server, 'listening')

  return {
    app,
    issuer,
    plant(cookies, to) {
      planted = { cookies, to }
      return `https://evil.${DOMAIN}:${front}/`
    },
    async stop() {
      server.closeAllConnections()
      server.close()
      await app.stop()
    },
  }
}
