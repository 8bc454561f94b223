/**
 * Apache with mod_auth_openidc, as Debian has them, in front of an application that answers with the headers it got.
 *
 * A relying party that nobody here wrote: only the configuration is ours, and its page in docs tells people the same.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Someone } from '../people/step-up.ts'
import { startService } from '../services/service-process.ts'

const MODULES = '/usr/lib/apache2/modules'
const LOADED = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'auth_openidc', 'headers', 'proxy', 'proxy_http']
/** www-data, which is the same number on every Debian. */
const WWW_DATA = 33

/** Where mod_auth_openidc does its own work. */
const OWN_PATH = '/signed-in'
/** Where people end up who signed out. */
const GOODBYE = '/goodbye'

export interface Apache {
  origin: string
  /** The client's record, for the provider's side. */
  record: Record<string, unknown>
  /** The environment variable that the record names. */
  env: Record<string, string>
  /** Where to sign out. */
  signOut: string
  remove(): Promise<void>
}

/** `more` are directives besides. */
export async function apache(issuer: string, clientId: string, more: string[]): Promise<Apache> {
  const secret = randomBytes(32).toString('base64url')
  const secretName = `${clientId.toUpperCase()}_SECRET`
  const application = createServer(({ headers }, response) => response.end(JSON.stringify(headers)))
  application.listen(0, '127.0.0.1')
  await once(application, 'listening')
  const service = await startService({
    name: 'apache',
    scheme: 'http',
    command(port, folder) {
      const lines = [...server(port, folder, application), ...relyingParty(port, issuer, clientId, secret), ...more, '']
      writeFileSync(join(folder, 'httpd.conf'), lines.join('\n'))
      // One process (-X), so that nothing is left of it when it is killed.
      const run: [string, ...string[]] = ['/usr/sbin/apache2', '-X', '-d', folder, '-f', 'httpd.conf']
      if (process.getuid?.() !== 0) return run
      chownSync(folder, WWW_DATA, WWW_DATA)
      // Apache does not serve as root; one that became www-data by itself would not be killed with us (prctl(2)).
      const as = [`--reuid=${WWW_DATA}`, `--regid=${WWW_DATA}`, '--clear-groups', '--pdeathsig', 'KILL']
      return ['setpriv', ...as, ...run]
    },
  })
  const origin = service.uri
  return {
    origin,
    record: {
      client_id: clientId,
      client_name: `Application ${clientId}`,
      redirect_uris: [origin + OWN_PATH],
      post_logout_redirect_uris: [origin + GOODBYE],
      backchannel_logout_uri: `${origin}${OWN_PATH}?logout=backchannel`,
      client_secret: { env: secretName },
      first_party: true,
    },
    env: { [secretName]: secret },
    signOut: `${origin}${OWN_PATH}?logout=${encodeURIComponent(origin + GOODBYE)}`,
    async remove() {
      await service.stop()
      await service.remove()
      application.closeAllConnections()
      application.close()
    },
  }
}

/** Opens an address behind Apache, up to the page of ours that is due or the application itself. */
export async function visit({ browser }: Someone, address: string): Promise<void> {
  await browser.visit(address)
  // To a step-up, mod_auth_openidc sends people by a page.
  const onward = /http-equiv="refresh" content="0; url=([^"]+)"/.exec(browser.page.html)?.[1]
  if (onward) await browser.visit(onward)
}

/** The headers in which the application behind Apache is told who it is; undefined if nothing came through to it. */
export function told({ browser }: Someone): Record<string, string> | undefined {
  const { html } = browser.page
  return html.startsWith('{') ? (JSON.parse(html) as Record<string, string>) : undefined
}

/** The web server, in front of the application. */
function server(port: number, folder: string, application: Server): string[] {
  const behind = `http://127.0.0.1:${(application.address() as AddressInfo).port}`
  return [
    ...LOADED.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`),
    'ServerName 127.0.0.1',
    `Listen 127.0.0.1:${port}`,
    'PidFile httpd.pid',
    `DefaultRuntimeDir ${folder}`,
    'ErrorLog error.log',
    // A connection that fetch keeps open holds up the end.
    'KeepAlive Off',
    // A browser that goes somewhere says so; Node's fetch says `cors` and cannot be told otherwise.
    'RequestHeader set Sec-Fetch-Mode navigate early',
    // Two Apaches on one host would overwrite each other's, for cookies know no ports.
    `OIDCCookie session-${port}`,
    `ProxyPass ${OWN_PATH} !`,
    `ProxyPass / ${behind}/`,
  ]
}

/** What somebody writes who connects Apache. */
function relyingParty(port: number, issuer: string, clientId: string, secret: string): string[] {
  return [
    `OIDCProviderMetadataURL ${issuer}/.well-known/openid-configuration`,
    `OIDCClientID ${clientId}`,
    `OIDCClientSecret ${secret}`,
    `OIDCRedirectURI http://127.0.0.1:${port}${OWN_PATH}`,
    `OIDCCryptoPassphrase ${randomBytes(32).toString('base64url')}`,
    'OIDCPKCEMethod S256',
    'OIDCScope "openid profile email organization"',
    '<Location />',
    '  AuthType openid-connect',
    '  Require valid-user',
    '</Location>',
    `<Location ${GOODBYE}>`,
    '  AuthType none',
    '  Require all granted',
    '</Location>',
  ]
}
