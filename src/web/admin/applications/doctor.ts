/**
 * The doctor of an application: what is wrong with it, the most likely first. A button leads to the page that changes it,
 * filled in, where what would change is shown before anything is saved.
 */

import { changeClient } from '../../../admin/clients.ts'
import { type CheckTold, examineClient } from '../../../admin/doctor.ts'
import { asWritten, itemAsYaml } from '../../../client/as-yaml.ts'
import { seeOther } from '../../page.ts'
import type { Submission, Visit } from '../../signed-in.ts'
import type { Desk } from '../desk.ts'
import { applicationAddress, changeable, headOf } from './head.ts'
import { shownAt, type Whole } from './shown.ts'

export interface DoctorPages {
  show: Visit
  act: Submission
}

const PATH = '/doctor'

export function doctorPages(at: Desk): DoctorPages {
  return {
    async show(ctx, requester) {
      const application = await shownAt(at, ctx, requester)
      const { client } = application
      const { checks, liveAt } = await at.run(ctx, requester, examineClient, { client })
      const mends = at.may(requester, changeClient) && changeable(application)
      at.show(ctx, requester, {
        view: 'application/doctor',
        self: applicationAddress(client, PATH),
        data: {
          head: headOf(at, requester, application, 'doctor'),
          owner: application.owner,
          lines: checks.map((check) => ({ ...check, fix: mends ? fixOf(check, application) : undefined })),
          liveAt,
          action: at.may(requester, changeClient) && applicationAddress(client, PATH),
        },
      })
    },

    async act(ctx, requester) {
      const { client } = await shownAt(at, ctx, requester)
      await at.run(ctx, requester, examineClient, { client, live: true })
      seeOther(ctx, applicationAddress(client, PATH))
    },
  }
}

/** Where it leads, and what that form is filled in with. */
function fixOf({ fix }: CheckTold, { client, definition, secrets, version }: Whole) {
  if (!fix) return undefined
  if (fix.verb === 'client:secret-add') return { kind: 'new-secret', href: applicationAddress(client, '/secrets') }
  const { client: _id, version: _read, ...fields } = fix.input
  const changed = { definition: { ...definition, ...fields }, secrets }
  const yaml = itemAsYaml(asWritten({ noun: 'client', record: changed }))
  // An address came from whoever sent a request.
  const planted = 'redirect_uris' in fields || 'post_logout_redirect_uris' in fields
  return { kind: 'change', action: applicationAddress(client, '/change'), yaml, read: version, planted }
}
