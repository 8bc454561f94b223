/**
 * How an application is connected by a library, out of the library's page in docs/applications: its code as printed, what
 * that code finds in its environment, and what the application's record has to say for it. The tests of other people's
 * applications (test/peers) run what these functions make of the same pages.
 */
import { parse } from 'yaml'
import type { Definition } from './record.ts'

/** Code as it stands on the page, and the paragraphs before it. */
export interface Part {
  text: string[]
  kind: string
  code: string
}

export interface LibraryPage {
  /** The page's name. */
  library: string
  title: string
  about: string[]
  /** The first YAML of the page: the record of an application that uses the library. */
  record: string
  /** All code beside the record. */
  parts: Part[]
  /** What is to be known besides. */
  rest: string[]
}

/** What the pages stand for: where Sigma ID is, and where the application is. */
export const ISSUER = 'https://id.example.org'
export const APPLICATION = 'https://roster.example.org'

export function readPage(library: string, markdown: string): LibraryPage {
  const pieces = markdown.split(/^```(\w+)\n([\s\S]*?)\n```$/gm)
  const parts: Part[] = []
  for (let at = 0; at + 2 < pieces.length; at += 3)
    parts.push({ text: paragraphs(pieces[at]), kind: pieces[at + 1] ?? '', code: pieces[at + 2] ?? '' })
  const place = parts.findIndex(({ kind }) => kind === 'yaml')
  const [record] = place < 0 ? [] : parts.splice(place, 1)
  const [title = library, ...about] = record?.text ?? []
  return { library, title, about, record: record?.code ?? '', parts, rest: paragraphs(pieces.at(-1)) }
}

/** Without tables, and without the way back to the index. */
function paragraphs(text = ''): string[] {
  return text
    .split(/\n\n+|\n(?=- )/)
    .map((paragraph) =>
      paragraph
        .replace(/^# /, '')
        .replace(/^- /, '')
        .replaceAll('**', '')
        .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .replace(/\s*\n\s*/g, ' ')
        .trim(),
    )
    .filter((paragraph) => paragraph !== '' && paragraph !== 'Applications' && !paragraph.startsWith('|'))
}

export interface PageRecords {
  clients: Array<Record<string, unknown>>
  resources: Array<Record<string, unknown>>
}

/** What the page's record says, for an application and a provider that are elsewhere. */
export function recordsOf({ record }: Pick<LibraryPage, 'record'>, to: { issuer: string; base: string }): PageRecords {
  const read: unknown = parse(record.replaceAll(ISSUER, to.issuer).replaceAll(APPLICATION, to.base))
  const { clients = [], resources = [] } = (Array.isArray(read) ? { clients: read } : read) as Partial<PageRecords>
  return { clients, resources }
}

export interface Connected {
  issuer: string
  clientId: string
  secret: string
  /** Where the application is. */
  base: string
  /** What it asks for a token for, and with which scopes. */
  resource?: string | undefined
  scope?: string | undefined
}

/** What the code on every page finds in its environment, by the names that it has there. */
export function environmentOf({ issuer, clientId, secret, base, resource, scope }: Connected): Record<string, string> {
  return {
    ISSUER: issuer,
    CLIENT_ID: clientId,
    CLIENT_SECRET: secret,
    BASE_URL: base,
    ...(resource !== undefined && { RESOURCE: resource }),
    ...(scope !== undefined && { SCOPE: scope }),
  }
}

/** What an application's record has to say for a library, and does not. */
export interface Need {
  field: string
  to: unknown
}

/** As it is where a record says nothing (fields.ts). */
const UNSAID: Definition = {
  application_type: 'web',
  token_endpoint_auth_method: 'client_secret_basic',
  require_pkce: true,
  id_token_claims: false,
}

/** Where the library's page has this value, the record has to have it too; where it has another, either does. */
const ONLY_IF: Definition = { require_pkce: false, require_nonce: false, id_token_claims: true }

export function needsOf(page: Pick<LibraryPage, 'record'>, definition: Definition): Need[] {
  const [record = {}] = recordsOf(page, { issuer: ISSUER, base: baseOf(page, definition) }).clients
  const has = (field: string) => definition[field] ?? UNSAID[field]
  const says = (field: string) => record[field] ?? UNSAID[field]
  const fields = ['application_type', 'token_endpoint_auth_method', 'require_pkce', 'require_nonce', 'id_token_claims']
  const needs: Need[] = fields
    .filter((field) => says(field) !== has(field) && (!(field in ONLY_IF) || says(field) === ONLY_IF[field]))
    .map((field) => ({ field, to: says(field) }))
  const missing = listOf(record.grant_types).filter((grant) => !listOf(definition.grant_types).includes(grant))
  if (missing.length > 0) needs.push({ field: 'grant_types', to: missing })
  const [address] = listOf(record.redirect_uris)
  if (address !== undefined && !listOf(definition.redirect_uris).includes(address))
    needs.push({ field: 'redirect_uris', to: [address] })
  return needs
}

/** Where the application is: what is before the library's own path in its address, or before any path. */
export function baseOf(page: Pick<LibraryPage, 'record'>, definition: Definition): string {
  const [record] = recordsOf(page, { issuer: ISSUER, base: APPLICATION }).clients
  const [address = ''] = listOf(record?.redirect_uris)
  const path = address.startsWith(APPLICATION) ? address.slice(APPLICATION.length) : ''
  const addresses = listOf(definition.redirect_uris)
  const own = path === '' ? undefined : addresses.find((uri) => uri.endsWith(path))
  if (own !== undefined) return own.slice(0, own.length - path.length)
  const [first = definition.client_uri] = addresses
  return typeof first === 'string' && URL.canParse(first) ? new URL(first).origin : APPLICATION
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}
