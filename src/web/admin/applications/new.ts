/**
 * A new application: three questions, or its definition as text; then all that it would be; then it is made. Its secret is
 * in the answer to the form that made it and nowhere else. Sending the form again meets an id that is taken.
 */
import type { RouterContext } from '@koa/router'
import { previewClient } from '../../../admin/client-looks.ts'
import { addClient } from '../../../admin/clients.ts'
import { addResource } from '../../../admin/resources.ts'
import type { Verb } from '../../../admin/verb.ts'
import { beginning, KINDS, kindOf, proposedId } from '../../../client/kinds.ts'
import { readDefinition } from '../../../client/one-definition.ts'
import type { Fields } from '../../form.ts'
import type { SignedInRequester, Submission, Visit } from '../../signed-in.ts'
import { asked } from '../address.ts'
import type { Desk } from '../desk.ts'
import { withText } from './as-text.ts'
import { APPLICATIONS, applicationAddress } from './head.ts'
import { type Trouble, troubleIn } from './refused.ts'
import { factGroups } from './shown.ts'

export const NEW = `${APPLICATIONS}/new`

/** Fields of the form. */
export const BEGINNING = ['kind', 'name', 'address', 'id', 'yaml', 'step']

export interface NewPages {
  show: Visit
  send: Submission
  /** Of somebody who has to prove a second factor again before anything is made. */
  stale: Submission
}

interface Asking {
  ctx: RouterContext
  requester: SignedInRequester
  fields: Fields
}

export function newPages(at: Desk): NewPages {
  function showForm({ ctx, requester, fields }: Asking, trouble?: Trouble | 'no-kind'): void {
    const text = fields.yaml !== undefined
    const of = typeof trouble === 'object' ? trouble : undefined
    at.show(ctx, requester, {
      view: text ? 'application/new-text' : 'application/new',
      self: text ? `${NEW}?as=yaml` : NEW,
      status: trouble === 'no-kind' ? 400 : of?.status,
      data: {
        action: NEW,
        back: NEW,
        apiHref: at.may(requester, addResource) && '/admin/apis/new',
        sorts: KINDS,
        typed: fields,
        noKind: trouble === 'no-kind',
        faults: of?.kind === 'faults' ? of.faults : [],
        taken: of?.kind === 'taken' ? of.reason : undefined,
        refused: of?.kind === 'refused' ? of.reason : undefined,
      },
    })
  }

  /** Runs the verb on what was typed. */
  async function runOn<R>({ ctx, requester, fields }: Asking, verb: Verb<R>): Promise<R> {
    const { yaml } = fields
    if (yaml === undefined) return at.run(ctx, requester, verb, definitionIn(fields))
    return withText(yaml, {
      check: ({ definition }) => at.run(ctx, requester, previewClient, definition),
      use: ({ definition }) => at.run(ctx, requester, verb, definition),
    })
  }

  async function showWhole(asking: Asking, fresh: boolean): Promise<void> {
    const { ctx, requester, fields } = asking
    if (fields.yaml === undefined && !KINDS.some((kind) => kind === fields.kind)) return showForm(asking, 'no-kind')
    const typed = { ...fields, ...(fields.yaml === undefined && { id: await idFor(fields) }) }
    try {
      const { definition, changes } = await runOn({ ...asking, fields: typed }, previewClient)
      const named = changes.some(({ field, to }) => field === 'secrets' && Array.isArray(to))
      at.show(ctx, requester, {
        view: 'application/new-whole',
        self: NEW,
        data: {
          action: NEW,
          typed: withoutTokens(typed),
          groups: factGroups(definition),
          sort: kindOf(definition),
          name: definition.client_name,
          asksId: fields.yaml === undefined,
          proof: named ? 'env' : definition.token_endpoint_auth_method,
          fresh,
        },
      })
    } catch (fault) {
      showForm({ ...asking, fields: typed }, await troubleIn(at, fault))
    }
  }

  async function make(asking: Asking): Promise<void> {
    const { ctx, requester, fields } = asking
    try {
      const { client, secret } = await runOn(asking, addClient)
      const href = applicationAddress(client)
      const name = fields.yaml === undefined ? fields.name?.trim() : client
      const connectHref = applicationAddress(client, '/connect')
      const data = { name, id: client, secret: secret?.value, issuer: at.issuer, href, connectHref }
      at.show(ctx, requester, { view: 'application/made', self: '', data })
    } catch (fault) {
      const trouble = await troubleIn(at, fault)
      if (trouble.kind === 'taken' && (await isMadeBy(asking))) return showMadeBefore(asking)
      showForm(asking, trouble)
    }
  }

  async function idFor({ id = '', name = '' }: Fields): Promise<string> {
    if (id.trim() !== '') return id.trim()
    const taken = new Set<string>()
    for (;;) {
      const proposed = proposedId(name, (one) => taken.has(one))
      if (!(await at.context.clients.find(proposed))) return proposed
      taken.add(proposed)
    }
  }

  /** Whether what has the id was made by this person on these pages: the form was sent twice, or the page reloaded. */
  async function isMadeBy({ ctx, requester, fields }: Asking): Promise<boolean> {
    const record = await at.context.clients.find(idIn(fields))
    const first = record?.versions.find(({ version }) => version === 1)
    return record?.status === 'active' && first?.via === 'pages' && first.actor === at.actor(ctx, requester).id
  }

  function showMadeBefore({ ctx, requester, fields }: Asking): void {
    const id = idIn(fields)
    const data = { id, href: applicationAddress(id), secretsHref: applicationAddress(id, '/secrets') }
    at.show(ctx, requester, { view: 'application/made-before', self: NEW, status: 409, data })
  }

  async function take(asking: Asking, fresh: boolean): Promise<void> {
    await at.insistSent(asking.ctx, asking.requester, addClient)
    const { step } = asking.fields
    if (step === 'edit') return showForm(asking)
    if (step === 'make' && fresh) return make(asking)
    return showWhole(asking, fresh)
  }

  return {
    async show(ctx, requester) {
      at.insistMay(ctx, requester, addClient)
      showForm({ ctx, requester, fields: asked(ctx, 'as') === 'yaml' ? { yaml: '' } : {} })
    },
    send: (ctx, requester, fields) => take({ ctx, requester, fields }, true),
    stale: (ctx, requester, fields) => take({ ctx, requester, fields }, false),
  }
}

function definitionIn({ kind, id = '', name = '', address = '' }: Fields): Record<string, unknown> {
  const chosen = KINDS.find((one) => one === kind) ?? 'web'
  return beginning(chosen, { client_id: id.trim(), client_name: name.trim(), address: address.trim() })
}

function idIn({ yaml, id = '' }: Fields): string {
  return yaml === undefined ? id.trim() : String(readDefinition(yaml).definition?.client_id)
}

function withoutTokens({ csrf: _csrf, for: _for, step: _step, ...typed }: Fields): Fields {
  return typed
}
