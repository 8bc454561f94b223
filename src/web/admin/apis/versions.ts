/** The versions of an API: who changed what, when, by which door; and putting one back. */
import type { RouterContext } from '@koa/router'
import type { Requester } from '../../../accounts/requester.ts'
import { listResourceVersions, previewResource, restoreResource } from '../../../admin/resources.ts'
import type { FieldChange } from '../../../client/record.ts'
import { seeOther } from '../../page.ts'
import type { Submission, Visit } from '../../signed-in.ts'
import { shownChanges, shownVersions } from '../applications/diff.ts'
import { type Trouble, troubleIn } from '../applications/refused.ts'
import type { Desk } from '../desk.ts'
import { type Api, apiAddress, apiAt, changeable } from './api.ts'

/** Fields of the form that puts one back. */
export const PUT_BACK = ['version']

export interface VersionPages {
  list: Visit
  show: Visit
  putBack: Submission
}

export function versionPages(at: Desk): VersionPages {
  const mayPutBack = (requester: Requester, api: Api) => changeable(api) && at.may(requester, restoreResource)

  async function showVersion(ctx: RouterContext, requester: Requester, late?: Trouble): Promise<void> {
    const api = await apiAt(at, ctx, requester)
    const { resource, version } = api
    const to = Number(ctx.params.version)
    const back = apiAddress(resource, '/versions')
    if (to === version || !mayPutBack(requester, api)) return seeOther(ctx, back)
    let trouble = late
    let changes: FieldChange[] = []
    try {
      const found = await at.run(ctx, requester, previewResource, { resource, to: ctx.params.version })
      changes = found.changes
    } catch (fault) {
      trouble ??= await troubleIn(at, fault)
    }
    const self = `${back}/${to}`
    at.show(ctx, requester, {
      view: 'api/version',
      self,
      status: trouble?.status,
      data: {
        api,
        to,
        action: self,
        back,
        changes: shownChanges(changes),
        faults: trouble?.kind === 'faults' ? trouble.faults : [],
        meanwhile: trouble?.kind === 'meanwhile' ? trouble.since : undefined,
      },
    })
  }

  return {
    async list(ctx, requester) {
      const api = await apiAt(at, ctx, requester)
      const { resource, version: current } = api
      const versions = await shownVersions(at, await at.run(ctx, requester, listResourceVersions, { resource }))
      const may = mayPutBack(requester, api)
      at.show(ctx, requester, {
        view: 'api/versions',
        self: apiAddress(resource, '/versions'),
        data: {
          api,
          base: apiAddress(resource),
          current,
          versions: versions.map((one) => ({
            ...one,
            href: may && one.version !== current && apiAddress(resource, `/versions/${one.version}`),
          })),
        },
      })
    },

    show: (ctx, requester) => showVersion(ctx, requester),

    async putBack(ctx, requester, { version }) {
      const api = await apiAt(at, ctx, requester)
      try {
        await at.run(ctx, requester, restoreResource, { resource: api.resource, to: ctx.params.version, version })
      } catch (fault) {
        return showVersion(ctx, requester, await troubleIn(at, fault))
      }
      at.leaveNotice(ctx, 'api-changed')
      seeOther(ctx, apiAddress(api.resource))
    },
  }
}
