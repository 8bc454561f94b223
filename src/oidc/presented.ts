/**
 * How a refused request said who it is, and whether what it showed would have been right by another method or encoding. It
 * is looked at once, while the secret is in hand, and only yes or no is kept. The answer was given before: nobody hears
 * anything of this.
 */
import { type Client, type Clients, secretMatching } from '../client/client.ts'
import type { MethodSeen } from './observed.ts'

export interface Request {
  authorization: string | undefined
  params: Readonly<Record<string, unknown>>
}

/** The application that it is said to be of. Undefined if there is none of that name. */
export function claimedClient({ authorization, params }: Request, clients: Pick<Clients, 'find'>): string | undefined {
  const named = [params.client_id, ...(basicOf(authorization)?.ids ?? [])]
  return named.filter((id) => typeof id === 'string').find((id) => clients.find(id) !== undefined)
}

export function methodSeen({ authorization, params }: Request): MethodSeen {
  const ways: MethodSeen[] = []
  if (authorization) ways.push('client_secret_basic')
  if (params.client_secret) ways.push('client_secret_post')
  if (params.client_assertion) ways.push('private_key_jwt')
  return ways.length > 1 ? 'both' : (ways[0] ?? 'none')
}

/** A secret of it is there, as it is or in a spelling that our decoding makes something else of. */
export function showsSecret(request: Request, client: Pick<Client, 'secrets'> | undefined): boolean {
  if (!client || client.secrets.length === 0) return false
  return secretsIn(request).some((secret) => secretMatching(client.secrets, secret) !== undefined)
}

/** RFC 6749 section 2.3.1 wants it encoded as in a form; a library that does not, or does so twice, shows another secret. */
export function showsUnencodedSecret({ authorization }: Request, client: Pick<Client, 'secrets'> | undefined): boolean {
  const { secret } = basicOf(authorization) ?? {}
  if (!client || secret === undefined || !/[+/%=]/.test(secret)) return false
  return [secret, decoded(decoded(secret))].some((one) => secretMatching(client.secrets, one) !== undefined)
}

function secretsIn({ authorization, params }: Request): string[] {
  const { secret } = basicOf(authorization) ?? {}
  const found = [params.client_secret, secret, secret === undefined ? undefined : decoded(secret)]
  return found.filter((one) => typeof one === 'string' && one !== '') as string[]
}

function basicOf(authorization = ''): { ids: string[]; secret: string } | undefined {
  const [, credentials] = /^basic ([A-Za-z0-9+/]+={0,2})$/i.exec(authorization) ?? []
  if (credentials === undefined) return undefined
  const text = Buffer.from(credentials, 'base64').toString()
  const colon = text.indexOf(':')
  if (colon < 0) return undefined
  const id = text.slice(0, colon)
  return { ids: [decoded(id), id], secret: text.slice(colon + 1) }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', '%20'))
  } catch {
    return text
  }
}
