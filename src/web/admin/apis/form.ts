/**
 * Adding an API and changing one. What a change would do is shown before it is saved; somebody else's change meanwhile is
 * shown, stays, and what was typed goes on over it.
 */
import type { RouterContext } from '@koa/router'
import { addResource, changeResource, previewResource, showResource } from '../../../admin/resources.ts'
import type { Definition } from '../../../client/record.ts'
import { AppError } from '../../../lib/errors.ts'
import { isSame } from '../../../record/copy.ts'
import type { Fields } from '../../form.ts'
import { seeOther } from '../../page.ts'
import type { SignedInRequester, Submission, Visit } from '../../signed-in.ts'
import { shownChanges } from '../applications/diff.ts'
import { reasonIn, type Trouble, troubleIn } from '../applications/refused.ts'
import type { Desk } from '../desk.ts'
import { APIS, type Api, apiAddress, apiAt, changeable } from './api.ts'

const TYPED = ['scopes', 'format', 'introspected_by']
/** Fields of the form that adds. */
export const NEW = ['indicator', ...TYPED]
/** `read` is the version that the form was filled in from, `version` the one that the changes were shown over. */
export const CHANGE = [...TYPED, 'read', 'version', 'step']

export interface FormPages {
  show: Visit
  take: Submission
}

function linesIn(text = ''): string[] {
  return text.split(/\s+/).filter((line) => line !== '')
}

/** What the form says, as a definition has it. */
function said({ scopes, format = 'jwt', introspected_by }: Fields): Definition {
  return { scopes: linesIn(scopes), format, introspected_by: linesIn(introspected_by) }
}

function asForm({ scopes, format, introspected_by }: Definition): Fields {
  const lines = (list: unknown) => (Array.isArray(list) ? list.join('\n') : '')
  return { scopes: lines(scopes), format: String(format), introspected_by: lines(introspected_by) }
}

export function addPages(at: Desk): FormPages {
  const self = `${APIS}/new`

  function show(ctx: RouterContext, requester: SignedInRequester, typed: Fields, trouble?: Trouble): void {
    const faults = trouble?.kind === 'faults' ? trouble.faults : []
    const data = { action: self, back: APIS, typed, faults, refused: reasonIn(trouble) }
    at.show(ctx, requester, { view: 'api/form', self, status: trouble?.status, data })
  }

  return {
    async show(ctx, requester) {
      at.insistMay(ctx, requester, addResource)
      show(ctx, requester, { format: 'jwt' })
    },
    async take(ctx, requester, fields) {
      const indicator = (fields.indicator ?? '').trim()
      try {
        await at.run(ctx, requester, addResource, { indicator, ...said(fields) })
      } catch (fault) {
        return show(ctx, requester, fields, await troubleIn(at, fault))
      }
      at.leaveNotice(ctx, 'api-added')
      seeOther(ctx, apiAddress(indicator))
    },
  }
}

interface Asking {
  ctx: RouterContext
  requester: SignedInRequester
  api: Api
}

export function changePages(at: Desk): FormPages {
  function showForm({ ctx, requester, api }: Asking, typed: Fields, trouble?: Trouble): void {
    const self = apiAddress(api.resource, '/change')
    const faults = trouble?.kind === 'faults' ? trouble.faults : []
    const back = apiAddress(api.resource)
    const data = { api, action: self, back, typed, faults, refused: reasonIn(trouble) }
    at.show(ctx, requester, { view: 'api/form', self, status: trouble?.status, data })
  }

  /** Of what was typed, what is other than the form showed at first. */
  async function changed({ ctx, requester, api }: Asking, fields: Fields): Promise<Definition> {
    const read = Number(fields.read)
    const before = read === api.version ? api.definition : await definitionAt({ ctx, requester, api }, read)
    return Object.fromEntries(Object.entries(said(fields)).filter(([name, value]) => !isSame(value, before[name])))
  }

  async function definitionAt({ ctx, requester, api }: Asking, version: number): Promise<Definition> {
    try {
      return (await at.run(ctx, requester, showResource, { resource: api.resource, version })).definition
    } catch (fault) {
      // So long ago that it is not kept any more: then everything that differs is shown.
      if (fault instanceof AppError && ['no-such-version', 'invalid-input'].includes(fault.code)) return api.definition
      throw fault
    }
  }

  async function since(asking: Asking, fields: Fields, version: string): Promise<Trouble | undefined> {
    const { ctx, requester, api } = asking
    try {
      await at.run(ctx, requester, previewResource, {
        resource: api.resource,
        version,
        ...(await changed(asking, fields)),
      })
      return undefined
    } catch (fault) {
      const trouble = await troubleIn(at, fault)
      return trouble.kind === 'meanwhile' ? trouble : undefined
    }
  }

  async function review(asking: Asking, fields: Fields, late?: Trouble): Promise<void> {
    const { ctx, requester, api } = asking
    const { resource, version } = api
    const read = fields.version ?? fields.read ?? ''
    try {
      const meanwhile = late ?? (read === String(version) ? undefined : await since(asking, fields, read))
      const fresh = await changed(asking, fields)
      const { changes } = await at.run(ctx, requester, previewResource, { resource, version, ...fresh })
      const self = apiAddress(resource, '/change')
      const typed = Object.fromEntries([...TYPED, 'read'].map((name) => [name, fields[name] ?? '']))
      at.show(ctx, requester, {
        view: 'api/changes',
        self,
        status: late?.status,
        data: {
          api,
          action: self,
          back: apiAddress(resource),
          changes: shownChanges(changes),
          meanwhile: meanwhile?.kind === 'meanwhile' ? meanwhile.since : undefined,
          version,
          typed,
        },
      })
    } catch (fault) {
      showForm(asking, fields, await troubleIn(at, fault))
    }
  }

  async function save(asking: Asking, fields: Fields): Promise<void> {
    const { ctx, requester, api } = asking
    const { resource } = api
    try {
      const version = fields.version ?? fields.read
      await at.run(ctx, requester, changeResource, { resource, version, ...(await changed(asking, fields)) })
    } catch (fault) {
      const trouble = await troubleIn(at, fault)
      if (trouble.kind !== 'meanwhile') return showForm(asking, fields, trouble)
      return review({ ...asking, api: await apiAt(at, ctx, requester) }, fields, trouble)
    }
    at.leaveNotice(ctx, 'api-changed')
    seeOther(ctx, apiAddress(resource))
  }

  return {
    async show(ctx, requester) {
      at.insistMay(ctx, requester, changeResource)
      const api = await apiAt(at, ctx, requester)
      if (!changeable(api)) return seeOther(ctx, apiAddress(api.resource))
      showForm({ ctx, requester, api }, { ...asForm(api.definition), read: String(api.version) })
    },
    async take(ctx, requester, fields) {
      await at.insistSent(ctx, requester, changeResource)
      const api = await apiAt(at, ctx, requester)
      if (!changeable(api)) return seeOther(ctx, apiAddress(api.resource))
      if (fields.step === 'edit') return showForm({ ctx, requester, api }, fields)
      await (fields.step === 'save' ? save : review)({ ctx, requester, api }, fields)
    },
  }
}
