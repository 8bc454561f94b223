/**
 * The logo of an application: the one that it has, as people see it by light and by dark, another one, or none. What a
 * file owns has a logo too, given here: the file has no pictures.
 */
import type { RouterContext } from '@koa/router'
import type { Requester } from '../../../accounts/requester.ts'
import { removeClientLogo, setClientLogo } from '../../../admin/client-logo.ts'
import { MOST_BYTES, PICTURE_FAULTS } from '../../../client/logo-picture.ts'
import { seeOther } from '../../page.ts'
import type { Submission, Upload, Visit } from '../../signed-in.ts'
import type { UploadLimits } from '../../upload.ts'
import type { Desk } from '../desk.ts'
import { applicationAddress, headOf } from './head.ts'
import { reasonIn, type Trouble, troubleIn } from './refused.ts'
import { shownAt, type Whole } from './shown.ts'

/** Fields of both forms. */
export const LOGO = ['version']
export const PICTURE: UploadLimits = { name: 'picture', most: MOST_BYTES }

export interface LogoPages {
  show: Visit
  set: Upload
  showTooLarge: Visit
  showRemove: Visit
  remove: Submission
}

export function logoPages(at: Desk): LogoPages {
  function showPage(
    ctx: RouterContext,
    requester: Requester,
    application: Whole,
    { view = 'application/logo', status = 200, ...more }: More = {},
  ) {
    const { client, version } = application
    const self = applicationAddress(client, view === 'application/logo' ? '/logo' : '/logo/remove')
    at.show(ctx, requester, {
      view,
      self,
      status,
      data: {
        head: headOf(at, requester, application, 'logo'),
        action: self,
        back: applicationAddress(client, '/logo'),
        removeHref: application.logo !== undefined && applicationAddress(client, '/logo/remove'),
        version,
        ...more,
      },
    })
  }

  async function opened(ctx: RouterContext, requester: Requester): Promise<Whole | undefined> {
    at.insistMay(ctx, requester, setClientLogo)
    const application = await shownAt(at, ctx, requester)
    if (application.status !== 'deleted') return application
    seeOther(ctx, applicationAddress(application.client))
    return undefined
  }

  async function refuse(ctx: RouterContext, requester: Requester, fault: unknown): Promise<void> {
    const trouble = await troubleIn(at, fault)
    showPage(ctx, requester, await shownAt(at, ctx, requester), { status: trouble.status, ...asShown(trouble) })
  }

  return {
    async show(ctx, requester) {
      const application = await opened(ctx, requester)
      if (application) showPage(ctx, requester, application)
    },

    async set(ctx, requester, { fields, file }) {
      const { id: client = '' } = ctx.params
      try {
        const input = { client, image: file.toString('base64'), version: fields.version ?? '' }
        await at.run(ctx, requester, setClientLogo, input)
      } catch (fault) {
        return refuse(ctx, requester, fault)
      }
      at.leaveNotice(ctx, 'logo-changed')
      seeOther(ctx, applicationAddress(client, '/logo'))
    },

    async showTooLarge(ctx, requester) {
      const application = await opened(ctx, requester)
      if (application) showPage(ctx, requester, application, { status: 413, problem: 'too-large' })
    },

    async showRemove(ctx, requester) {
      at.insistMay(ctx, requester, removeClientLogo)
      const application = await shownAt(at, ctx, requester)
      // Done already, by a colleague or in another tab.
      if (application.logo === undefined) return seeOther(ctx, applicationAddress(application.client, '/logo'))
      showPage(ctx, requester, application, { view: 'application/logo-remove' })
    },

    async remove(ctx, requester, { version = '' }) {
      const { id: client = '' } = ctx.params
      try {
        await at.run(ctx, requester, removeClientLogo, { client, version })
      } catch (fault) {
        return refuse(ctx, requester, fault)
      }
      at.leaveNotice(ctx, 'logo-removed')
      seeOther(ctx, applicationAddress(client, '/logo'))
    },
  }
}

interface More {
  view?: string
  status?: number
  /** Of the picture: `admin.application.logo.problem.<problem>`. */
  problem?: string | undefined
  /** Of anything else: `admin.application.refused.<refused>`. */
  refused?: string | undefined
  meanwhile?: unknown
}

function asShown(trouble: Trouble): Pick<More, 'problem' | 'refused' | 'meanwhile'> {
  if (trouble.kind === 'meanwhile') return { meanwhile: trouble.since }
  if (trouble.kind !== 'faults') return { refused: reasonIn(trouble) }
  const code = trouble.faults.find(({ field }) => field === 'image')?.code
  // One that is longer than base64 may be is too large, too.
  return { problem: PICTURE_FAULTS.find((one) => one === code) ?? 'too-large' }
}
