/** The versions of an application: who changed what, when, by which door; what one was; putting one back. */
import type { RouterContext } from '@koa/router'
import type { Requester } from '../../../accounts/requester.ts'
import { listVersions, previewClient, showClient } from '../../../admin/client-looks.ts'
import { restoreClient } from '../../../admin/clients.ts'
import type { FieldChange } from '../../../client/record.ts'
import { AppError } from '../../../lib/errors.ts'
import { seeOther } from '../../page.ts'
import type { Submission, Visit } from '../../signed-in.ts'
import { goToApproval } from '../approvals.ts'
import type { Desk } from '../desk.ts'
import { shownChanges, shownVersions } from './diff.ts'
import { applicationAddress, changeable, headOf } from './head.ts'
import { type Trouble, troubleIn } from './refused.ts'
import { shownAt, type Whole, yamlOf } from './shown.ts'

/** Fields of the form that puts one back. */
export const PUT_BACK = ['version']

export interface VersionPages {
  list: Visit
  show: Visit
  putBack: Submission
}

export function versionPages(at: Desk): VersionPages {
  const addressOf = (client: string, version: unknown) => applicationAddress(client, `/versions/${version}`)

  /** What putting it back would change; undefined for who may not. */
  async function differences(
    ctx: RouterContext,
    requester: Requester,
    { client, version, ...application }: Whole,
    to: number,
  ): Promise<{ changes: FieldChange[] } | { trouble: Trouble } | undefined> {
    if (to === version || !changeable(application) || !at.may(requester, restoreClient)) return undefined
    try {
      return await at.run(ctx, requester, previewClient, { client, to })
    } catch (fault) {
      return { trouble: await troubleIn(at, fault) }
    }
  }

  async function showVersion(ctx: RouterContext, requester: Requester, late?: Trouble): Promise<void> {
    const application = await shownAt(at, ctx, requester)
    const { client, version } = application
    const then = await at.run(ctx, requester, showClient, { client, version: ctx.params.version })
    const versions = await at.run(ctx, requester, listVersions, { client })
    const to = Number(ctx.params.version)
    const [told] = await shownVersions(
      at,
      versions.filter((one) => one.version === to),
    )
    const found = await differences(ctx, requester, application, to)
    const self = addressOf(client, to)
    at.show(ctx, requester, {
      view: 'application/version',
      self,
      status: late?.status,
      data: {
        head: headOf(at, requester, application, 'versions'),
        told,
        current: to === version,
        version,
        yaml: yamlOf({ ...then, secrets: [] }),
        action: self,
        back: applicationAddress(client, '/versions'),
        changes: found && 'changes' in found ? shownChanges(found.changes) : undefined,
        faults: found && 'trouble' in found && found.trouble.kind === 'faults' ? found.trouble.faults : [],
        meanwhile: late?.kind === 'meanwhile' ? late.since : undefined,
      },
    })
  }

  return {
    async list(ctx, requester) {
      const application = await shownAt(at, ctx, requester)
      const { client, version: current } = application
      const versions = await shownVersions(at, await at.run(ctx, requester, listVersions, { client }))
      at.show(ctx, requester, {
        view: 'application/versions',
        self: applicationAddress(client, '/versions'),
        data: {
          head: headOf(at, requester, application, 'versions'),
          current,
          versions: versions.map((one) => ({ ...one, href: addressOf(client, one.version) })),
        },
      })
    },

    show: (ctx, requester) => showVersion(ctx, requester),

    async putBack(ctx, requester, { version = '' }) {
      const { id: client = '', version: to } = ctx.params
      try {
        const { approval } = await at.run(ctx, requester, restoreClient, { client, to, version })
        if (approval !== undefined) return goToApproval(at, ctx, approval)
      } catch (fault) {
        if (fault instanceof AppError && fault.code === 'owned-by-file')
          return seeOther(ctx, applicationAddress(client, '/versions'))
        return showVersion(ctx, requester, await troubleIn(at, fault))
      }
      at.leaveNotice(ctx, 'application-restored')
      seeOther(ctx, applicationAddress(client))
    },
  }
}
