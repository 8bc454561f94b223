/**
 * The API's own description (OpenAPI 3.1.1), made of the list of verbs and their rows: what it says is what is run. It
 * holds nothing secret, and is the same for everybody.
 */
import { z } from 'zod'
import { ADMIN_SCOPES } from '../../client/scopes.ts'
import { shapeOf } from './answer.ts'
import { DEFINITION } from './application-answers.ts'
import { CLIENT_DEFINITION } from './bodies.ts'
import { HEADERS, NAMES, PROBLEM, responses } from './document-answers.ts'
import { givesParts, hasBody, otherInputs, PART } from './input.ts'
import { ROUTES, type Route } from './routes.ts'

export interface DocumentParts {
  issuer: string
  /** Where the API is: with its path. */
  address: string
  product: string
}

type Json = Record<string, unknown>

export function openApi({ issuer, address, product }: DocumentParts): Json {
  return {
    openapi: '3.1.1',
    info: {
      title: `${product}: administration`,
      version: '1',
      description: DESCRIPTION,
      license: { name: 'Proprietary', url: issuer },
    },
    servers: [{ url: address }],
    security: [{ token: [] }],
    tags: [...new Set(ROUTES.map(tagOf))].map((name) => ({ name })),
    paths: paths(),
    components: {
      schemas: schemas(),
      responses: responses(),
      headers: HEADERS,
      securitySchemes: { token: securityScheme(issuer) },
    },
  }
}

const DESCRIPTION = `Every operation is a verb of the product, as the command line and the pages have it. An access token of the product's own
provider opens it, asked for with \`resource\` set to the address of this API. Moments are texts of ISO 8601 in UTC. Whatever goes wrong is
\`application/problem+json\` (RFC 9457): \`code\` is stable, \`errors\` names each field.`

const tagOf = ({ verb }: Route) => verb.name.split(':')[0] ?? ''

/** `client:secret-add` is `clientSecretAdd`. */
function operationId({ verb }: Route): string {
  return verb.name.replaceAll(/[:-](\w)/g, (_, letter: string) => letter.toUpperCase())
}

/** Name of a schema. */
function named(route: Route, part: 'Body' | 'Answer'): string {
  const id = operationId(route)
  return `${id[0]?.toUpperCase()}${id.slice(1)}${part}`
}

function paths(): Json {
  const found: Record<string, Json> = {}
  for (const route of ROUTES)
    found[route.path] = { ...found[route.path], [route.method.toLowerCase()]: operation(route) }
  return found
}

function operation(route: Route): Json {
  const { verb, makes, people, versioned, scope } = route
  const roles = `For ${verb.roles.join(', ')}${people ? '; never for an application that acts for itself' : ''}.`
  const fresh = verb.sensitive || route.fresh ? ' A person has proven a second factor in the last five minutes.' : ''
  const problems = ['400', '401', '403', '404', '406', '409', '429', '500', '503']
  if (versioned) problems.push('412', '428')
  if (hasBody(route)) problems.push('413', '415')
  if (makes) problems.push('422')
  return {
    operationId: operationId(route),
    tags: [tagOf(route)],
    summary: verb.summary,
    description: roles + fresh,
    security: [{ token: [scope] }],
    ...(parameters(route).length > 0 && { parameters: parameters(route) }),
    ...(hasFields(route) && { requestBody: requestBody(route) }),
    responses: {
      [makes ? '201' : '200']: success(route),
      ...(waits(route) && { '202': { ...success(route), description: 'It waits for a second person.' } }),
      ...(hasTag(route) && route.method === 'GET' && { '304': { description: 'It is as it was.' } }),
      ...Object.fromEntries(
        problems.sort().map((status) => [status, { $ref: `#/components/responses/${NAMES[status]}` }]),
      ),
    },
  }
}

/** Its answer has a version. */
function hasTag({ answer, list }: Route): boolean {
  return list === undefined && answer instanceof z.ZodObject && 'version' in answer.shape
}

/** It may wait for a second person. */
function waits({ answer, list }: Route): boolean {
  return list === undefined && answer instanceof z.ZodObject && 'approval' in answer.shape
}

function parameters(route: Route): Json[] {
  const shape = route.verb.input.shape as Record<string, z.ZodType>
  const inQuery = [
    ...(hasBody(route) ? [] : otherInputs(route)),
    ...(route.list !== undefined && !givesParts(route) ? Object.entries(PART) : []),
  ]
  return [
    ...route.named.map((name) => parameter(name, 'path', shape[name] ?? z.string(), true)),
    ...inQuery.map(([name, type]) => parameter(name, 'query', type, !type.safeParse(undefined).success)),
    ...(route.versioned ? [header('If-Match', true, 'the ETag of what was read, one strong tag', '"7"')] : []),
    ...(hasTag(route) && route.method === 'GET' ? [header('If-None-Match', false, 'an ETag of before', '"7"')] : []),
    ...(route.makes
      ? [header('Idempotency-Key', route.makes === 'key-required', ONCE, '"8e03978e-40d5-43dd-bc93-6894a57f9324"')]
      : []),
  ]
}

const ONCE = `a text of your own for each thing to be made: for a day the same request with the same key gets the same answer, and makes
nothing more. A secret is in the first answer only.`

function parameter(name: string, place: 'path' | 'query', type: z.ZodType, required: boolean): Json {
  const { description, ...schema } = jsonSchema(type)
  return { name, in: place, required, ...(description !== undefined && { description }), schema }
}

function header(name: string, required: boolean, description: string, example: string): Json {
  return { name, in: 'header', required, description, schema: { type: 'string' }, example }
}

function jsonSchema(type: z.ZodType): Json {
  const options = { io: 'input', unrepresentable: 'any', override: plainly } as const
  const { $schema: _, ...schema } = z.toJSONSchema(type, options) as Json
  return schema
}

function hasFields(route: Route): boolean {
  return hasBody(route) && (route.body !== undefined || otherInputs(route).length > 0)
}

/** What is sent: the verb's own input, but for what comes in the path and as a header. */
function bodyOf(route: Route): z.ZodType {
  return (
    route.body ??
    z.strictObject(Object.fromEntries(otherInputs(route).map(([name, type]) => [name, nullable(route, type)])))
  )
}

function nullable({ nothing }: Route, type: z.ZodType): z.ZodType {
  return nothing === undefined ? type : z.union([type, z.null()])
}

function requestBody(route: Route): Json {
  const schema = { $ref: `#/components/schemas/${named(route, 'Body')}` }
  const types =
    route.nothing === undefined ? ['application/json'] : ['application/merge-patch+json', 'application/json']
  const required = !bodyOf(route).safeParse({}).success
  return { required, content: Object.fromEntries(types.map((type) => [type, { schema }])) }
}

function success(route: Route): Json {
  const { verb, list, made } = route
  const headers = {
    ...(hasTag(route) && { ETag: { $ref: '#/components/headers/ETag' } }),
    ...(list !== undefined && { Link: { $ref: '#/components/headers/Link' } }),
    ...(made && { Location: { $ref: '#/components/headers/Location' } }),
  }
  const schema = { $ref: `#/components/schemas/${named(route, 'Answer')}` }
  const content = verb.file
    ? { 'application/jsonl': { schema: { type: 'string' } }, 'text/csv': { schema: { type: 'string' } } }
    : { 'application/json': { schema } }
  return { description: 'It was done.', ...(Object.keys(headers).length > 0 && { headers }), content }
}

function schemas(): Json {
  const bodies = z.registry<{ id: string }>()
  const answers = z.registry<{ id: string }>()
  for (const route of ROUTES) {
    if (hasFields(route)) bodies.add(copyOf(bodyOf(route)), { id: named(route, 'Body') })
    if (!route.verb.file) answers.add(copyOf(shapeOf(route)), { id: named(route, 'Answer') })
  }
  answers.add(z.partialRecord(z.string(), z.unknown()), { id: 'ClientDefinition' })
  const uri = (id: string) => `#/components/schemas/${id}`
  const found = {
    ...z.toJSONSchema(bodies, { io: 'input', unrepresentable: 'any', uri, override: plainly }).schemas,
    ...z.toJSONSchema(answers, { io: 'output', unrepresentable: 'any', uri, override: asToldInAnswers }).schemas,
    ClientDefinition: definition(),
    Problem: PROBLEM,
  }
  return Object.fromEntries(
    Object.entries(found)
      .map(([name, { $schema: _, $id: _id, ...schema }]: [string, Json]) => [name, schema] as const)
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  )
}

/** Several verbs take or answer the same shape, and each has a name for it. */
function copyOf<T extends z.ZodType>(type: T): T {
  return type.meta({ ...type.meta() }) as T
}

interface Written {
  zodSchema: unknown
  jsonSchema: Json
}

/**
 * Without what only makes it longer: the pattern of a format, and the numbers that no number is beyond. And without the
 * patterns that other languages than ours cannot read.
 */
function plainly({ jsonSchema }: Written): void {
  if (['date', 'date-time'].includes(String(jsonSchema.format))) delete jsonSchema.pattern
  if (String(jsonSchema.pattern).includes('\\p{')) delete jsonSchema.pattern
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
}

/** A field more in an answer breaks nobody. And a definition is checked by its rules. */
function asToldInAnswers({ zodSchema, jsonSchema }: Written): void {
  plainly({ zodSchema, jsonSchema })
  if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
  if (zodSchema !== DEFINITION) return
  for (const name of Object.keys(jsonSchema)) delete jsonSchema[name]
  jsonSchema.$ref = '#/components/schemas/ClientDefinition'
}

function definition(): Json {
  const { client_secret: _secret, previous_client_secret: _previous, ...fields } = CLIENT_DEFINITION.shape
  const { additionalProperties: _closed, ...schema } = z.toJSONSchema(z.object(fields).partial(), {
    io: 'input',
    unrepresentable: 'any',
  }) as Json
  return { ...schema, description: 'of a release before it may lack fields' }
}

function securityScheme(issuer: string): Json {
  const scopes = Object.fromEntries(ADMIN_SCOPES.map((scope) => [scope, SCOPES[scope]]))
  const tokenUrl = `${issuer}/token`
  return {
    type: 'oauth2',
    description: 'An access token of the provider, for the resource that is the address of this API.',
    flows: {
      clientCredentials: { tokenUrl, scopes },
      authorizationCode: { authorizationUrl: `${issuer}/auth`, tokenUrl, scopes },
    },
  }
}

const SCOPES: Record<(typeof ADMIN_SCOPES)[number], string> = {
  'admin:clients': 'applications, and their file',
  'admin:people': 'people and recovery cases',
  'admin:organizations': 'organizations',
  'admin:audit': 'the audit trail',
  'admin:operations': 'deliveries and signing keys',
}
