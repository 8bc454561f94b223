/** What the API answers of applications and APIs, their file, and changes that wait for a second person. */
import { z } from 'zod'
import { KINDS } from '../../client/kinds.ts'
import { change, id, moment, version } from './answer-parts.ts'

const owner = z.union([
  z.strictObject({ kind: z.literal('store') }),
  z.strictObject({ kind: z.literal('file'), file: z.string(), line: z.int().optional() }),
])
const logo = z.string().optional().describe('digest: the picture is at /logo/<digest>.png')
const clientStatus = z.enum(['active', 'disabled', 'deleted'])

/** Of releases before it may lack a field; the document says what there is (openapi.ts). */
export const DEFINITION = z.record(z.string(), z.unknown())

export const CLIENT_SUMMARY = z.strictObject({
  client: id,
  name: z.string(),
  kind: z.enum(KINDS),
  status: clientStatus,
  owner,
  version,
  logo,
  changedAt: moment,
})

export const CLIENT = z.strictObject({
  client: id,
  definition: DEFINITION,
  status: clientStatus,
  endedAt: moment.optional(),
  owner,
  version,
  logo,
  createdAt: moment,
  changedAt: moment,
  secrets: z.array(
    z.strictObject({ id, createdAt: moment, lastUsedAt: moment.optional(), env: z.string().optional() }),
  ),
})

/** What would become of a change; over is 0 where there is none yet. */
export const PREVIEW = z.strictObject({
  over: z.int(),
  changes: z.array(change),
  definition: DEFINITION,
  waits: z.boolean().optional().describe('it would wait for a second person'),
})

/** What became of a change. */
const approval = z.string().optional().describe('it waits for a second person under this id: nothing was changed yet')
export const KEPT = z.strictObject({ ok: z.literal(true), version, changes: z.array(change), approval })

const secret = z.strictObject({
  id,
  value: z.string().optional().describe('shown this once: keep it'),
  shown: z
    .literal(true)
    .optional()
    .describe('in place of the value, where the key came again: it was shown before. If it was lost, make another.'),
})
export const CLIENT_MADE = z.strictObject({ client: id, version, secret: secret.optional() })
export const SECRET_MADE = z.strictObject({ client: id, version, secret: secret.optional(), approval })

export const VERSION = z.strictObject({
  version,
  at: moment,
  actor: z.string(),
  via: z.string(),
  approvedBy: z.string().optional(),
  changes: z.array(change),
})

const resource = {
  resource: id.describe('its indicator'),
  status: clientStatus,
  owner,
  version,
  changedAt: moment,
}
const scopes = z.array(z.string())
export const RESOURCE_SUMMARY = z.strictObject({ ...resource, scopes, format: z.enum(['opaque', 'jwt']) })
export const RESOURCE = z.strictObject({
  ...resource,
  definition: z.looseObject({ indicator: z.string(), scopes }),
  endedAt: moment.optional(),
  createdAt: moment,
  applications: z.array(z.strictObject({ client: id, name: z.string(), status: clientStatus })),
})
export const RESOURCE_MADE = z.strictObject({ resource: id, version })

const connection = z.strictObject({
  library: z.string(),
  title: z.string(),
  about: z.array(z.string()),
  environment: z.array(z.strictObject({ name: z.string(), value: z.string().optional(), env: z.string().optional() })),
  needs: z.array(z.strictObject({ field: z.string(), to: z.unknown().optional() })),
  parts: z.array(z.strictObject({ text: z.array(z.string()), kind: z.string(), code: z.string() })),
  rest: z.array(z.string()),
})
export const CONNECTED = z.strictObject({
  client: id,
  kind: z.enum(KINDS),
  libraries: z.array(z.strictObject({ library: z.string(), title: z.string() })),
  connection: connection.optional(),
})
export const RESOURCE_CONNECTED = z.strictObject({ resource: id, connection })

export const SIGN_INS = z.strictObject({
  people: z.int(),
  sinceAt: moment,
  stopped: z.boolean(),
  newest: z
    .array(
      z.strictObject({
        id,
        name: z.string().optional(),
        email: z.string().optional(),
        at: moment,
        acr: z.string(),
      }),
    )
    .optional()
    .describe('for whoever may look at people'),
})

export const YAML = z.strictObject({ yaml: z.string() })
const named = { noun: z.enum(['client', 'resource']), id }
const written = { ...named, definition: z.record(z.string(), z.unknown()), secrets: z.array(z.string()) }
const rewritten = { ...written, version, changes: z.array(change) }
const proposalState = z.enum(['open', 'approved', 'declined', 'withdrawn', 'expired', 'stale'])
export const PLAN = z.strictObject({
  created: z.array(z.strictObject(written)),
  changed: z.array(z.strictObject(rewritten)),
  disabled: z.array(z.strictObject({ ...named, version })),
  waiting: z.array(
    z.strictObject({
      ...rewritten,
      approval: z.strictObject({ id, state: proposalState, asked: z.literal(true).optional() }).optional(),
    }),
  ),
  byHand: z.array(z.strictObject({ ...named, at: moment, actor: z.string() })),
  untouched: z.array(z.strictObject(named)),
  digest: z.string(),
})
const waiting = {
  id,
  client: id,
  name: z.string(),
  state: proposalState,
  at: moment,
  expiresAt: moment,
  actor: z.string(),
  via: z.string(),
  over: z.int(),
  changes: z.array(change),
  decided: z
    .strictObject({
      state: z.enum(['approved', 'declined', 'withdrawn']),
      actor: z.string(),
      via: z.string(),
      at: moment,
    })
    .optional(),
}
export const APPROVAL = z.strictObject(waiting)
export const DECISION = z.strictObject({ ...waiting, version, secret: secret.optional() })

export const RELEASED = z.strictObject({ id, owner: z.literal('store') })

/** What the doctor says of an application. */
export const EXAMINED = z.strictObject({
  client: id,
  version,
  liveAt: moment.optional(),
  checks: z.array(
    z.strictObject({
      check: z.string(),
      state: z.enum(['passed', 'failed', 'unknown']),
      finding: z.string().optional(),
      sentence: z.string(),
      said: z.strictObject({ family: z.enum(['fault', 'check', 'live']), name: z.string(), variant: z.string() }),
      values: z.record(z.string(), z.union([z.string(), z.number()])),
      at: moment.optional(),
      fix: z
        .strictObject({
          verb: z.enum(['client:change', 'client:secret-add']),
          input: z.record(z.string(), z.unknown()),
        })
        .optional(),
    }),
  ),
})
