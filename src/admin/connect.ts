/** Verbs that say how an application or an API is connected: what stands in its environment, and a library's own code. */
import { z } from 'zod'
import { baseOf, environmentOf, type LibraryPage, type Need, needsOf, recordsOf } from '../client/connection.ts'
import { type ApplicationKind, kindOf } from '../client/kinds.ts'
import type { ClientRecord, Definition } from '../client/record.ts'
import { AppError, InputError } from '../lib/errors.ts'
import { CLIENT_READERS, client } from './clients.ts'
import { resource } from './resources.ts'
import { type AdminContext, verb } from './verb.ts'

/** The page that tells an API how it looks at tokens. */
const API = 'api'

export interface Variable {
  name: string
  /** Absent for a secret. */
  value?: string | undefined
  /** Name of the variable that holds it where the application runs now, if that is known. */
  env?: string | undefined
}

export interface Connection {
  library: string
  title: string
  about: string[]
  /** What the code finds in its environment; a secret is nowhere. */
  environment: Variable[]
  /** What the record has to say for this library, and does not. */
  needs: Need[]
  parts: LibraryPage['parts']
  rest: string[]
}

export const connectClient = verb({
  name: 'client:connect',
  summary:
    'Show how an application is connected: what stands in its environment, and code of a library as the tests run it',
  roles: CLIENT_READERS,
  input: z.object({
    client,
    library: z.string().max(80).optional().describe('one of the libraries that are told without it'),
  }),
  async run(context, { client: id, library }) {
    const record = await context.clients.find(id)
    if (!record) throw new AppError('not-found', `there is no application ${id}`, { status: 404 })
    const kind = kindOf(record.definition)
    const pages = context.libraries().filter((page) => page.library !== API && kindOfPage(page) === kind)
    const libraries = pages.map((page) => ({ library: page.library, title: page.title }))
    if (library === undefined) return { client: id, kind, libraries }
    const page = pages.find((one) => one.library === library)
    if (!page)
      throw new InputError('The input is not in order.', [
        {
          path: 'library',
          reason: `is none for this kind of application: ${libraries.map((one) => one.library).join(', ')}`,
        },
      ])
    return { client: id, kind, libraries, connection: connectionOf(context, id, record, page) }
  },
})

export const connectResource = verb({
  name: 'resource:connect',
  summary: 'Show how an API looks at the access tokens that it is called with',
  roles: CLIENT_READERS,
  input: z.object({ resource }),
  async run(context, { resource: indicator }) {
    const record = await context.resources.find(indicator)
    const page = context.libraries().find(({ library }) => library === API)
    if (!record || !page) throw new AppError('not-found', `there is no API ${indicator}`, { status: 404 })
    const { library, title, about, parts, rest } = page
    const environment = [
      { name: 'ISSUER', value: context.issuer },
      { name: 'RESOURCE', value: indicator },
    ]
    const needs = record.definition.format === 'jwt' ? [] : [{ field: 'format', to: 'jwt' }]
    const connection: Connection = { library, title, about, environment, needs, parts, rest }
    return { resource: indicator, connection }
  },
})

function kindOfPage(page: LibraryPage): ApplicationKind {
  const [record = {}] = recordsOf(page, { issuer: '', base: '' }).clients
  return kindOf(record)
}

function connectionOf(context: AdminContext, id: string, record: ClientRecord, page: LibraryPage): Connection {
  const { definition } = record
  const { library, title, about, parts, rest } = page
  const kind = kindOf(definition)
  const api = kind === 'service' ? target(context, definition) : {}
  const values = environmentOf({
    issuer: context.issuer,
    clientId: id,
    secret: '',
    base: baseOf(page, definition),
    ...api,
  })
  const unused = [
    ...(hasSecret(definition) ? [] : ['CLIENT_SECRET']),
    // A page knows where it is, and a program or a service is nowhere.
    ...(kind === 'web' ? [] : ['BASE_URL']),
  ]
  const environment = Object.entries(values)
    .filter(([name]) => !unused.includes(name))
    .map(([name, value]): Variable => (name === 'CLIENT_SECRET' ? secretOf(record) : { name, value }))
  return { library, title, about, environment, needs: needsOf(page, definition), parts, rest }
}

/** Never the secret: whoever connects the application has it, or makes one. */
function secretOf({ secrets }: ClientRecord): Variable {
  return { name: 'CLIENT_SECRET', env: secrets.at(-1)?.env }
}

function hasSecret({ token_endpoint_auth_method: method }: Definition): boolean {
  return String(method).startsWith('client_secret')
}

/** The first API that this service may ask a token for, with all that it may do there. */
function target({ apis }: AdminContext, { scope }: Definition): { resource: string; scope: string } {
  const named = String(scope ?? '').split(' ')
  const found = apis().find(({ scopes }) => scopes.some((one) => named.includes(one)))
  const scopes = found?.scopes.filter((one) => named.includes(one)) ?? []
  return { resource: found?.indicator ?? '', scope: scopes.join(' ') }
}
