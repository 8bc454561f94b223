/** Of the document: how the API says that something went wrong, and the headers of its answers. */

export const PROBLEM = {
  type: 'object',
  description: 'RFC 9457',
  required: ['type', 'title', 'status', 'detail', 'code', 'reference'],
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'for whoever has to mend it' },
    code: { type: 'string', description: 'stable, for machines: the one that the command line tells' },
    reason: { type: 'string', description: 'why somebody may not' },
    reference: { type: 'string', description: 'of this request, in the log and in the audit trail' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['code', 'detail'],
        properties: {
          pointer: {
            type: 'string',
            description: 'of a field in the body (RFC 6901)',
            examples: ['#/redirect_uris/0'],
          },
          parameter: { type: 'string', description: 'of the path, the query or the headers' },
          code: { type: 'string' },
          detail: { type: 'string' },
        },
      },
    },
    version: { type: 'integer', description: 'that it is at by now' },
    since: {
      type: 'array',
      description: 'what was changed since the version that was read',
      items: {
        type: 'object',
        properties: {
          version: { type: 'integer' },
          at: { type: 'string', format: 'date-time' },
          actor: { type: 'string' },
          via: { type: 'string' },
          fields: { type: 'array', items: { type: 'string' } },
        },
      },
    },
  },
}

export const NAMES: Record<string, string> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  406: 'NotAcceptable',
  409: 'Conflict',
  412: 'ChangedMeanwhile',
  413: 'TooLarge',
  415: 'UnsupportedType',
  422: 'KeyUsed',
  428: 'VersionRequired',
  429: 'TooOften',
  500: 'Fault',
  503: 'Unavailable',
}

const SAYS: Record<string, string> = {
  400: 'Something of the request is not in order: errors says what and where.',
  401: 'There is no token, it is no good, or it is not enough: WWW-Authenticate says what to ask for.',
  403: 'The token is good, and may not do this.',
  404: 'There is none.',
  406: 'The answer is application/json.',
  409: 'It cannot be done as things are: code says why.',
  412: 'It was changed meanwhile: since says what, when and by whom.',
  413: 'The body is too long.',
  415: 'The body is not JSON.',
  422: 'The key was used for another request.',
  428: 'If-Match has to say which version was read.',
  429: 'Too many requests.',
  500: 'A fault of ours.',
  503: 'Something that this needs is away.',
}

export function responses(): Record<string, unknown> {
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }
  return Object.fromEntries(
    Object.entries(NAMES).map(([status, name]) => [
      name,
      {
        description: SAYS[status],
        ...(status === '401' && { headers: { 'WWW-Authenticate': { $ref: '#/components/headers/WWW-Authenticate' } } }),
        ...(['429', '503'].includes(status) && {
          headers: { 'Retry-After': { $ref: '#/components/headers/Retry-After' } },
        }),
        content,
      },
    ]),
  )
}

const text = (description: string, example: string) => ({ description, schema: { type: 'string' }, example })

export const HEADERS = {
  ETag: text('the version of the record, for If-Match', '"7"'),
  Link: text('the next page (RFC 8288)', '</admin/api/v1/clients?after=roster>; rel="next"'),
  Location: text('where what was made is', '/admin/api/v1/clients/roster'),
  'Retry-After': { description: 'seconds to wait', schema: { type: 'integer' }, example: 60 },
  'WWW-Authenticate': text(
    'RFC 6750, RFC 9449 and RFC 9470',
    'Bearer realm="https://id.example.org/admin/api/v1", error="insufficient_user_authentication", max_age="300"',
  ),
}
