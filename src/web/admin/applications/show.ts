/** One application as it is: in words, and as the file would have it. */
import { listAudit } from '../../../admin/trail.ts'
import type { Visit } from '../../signed-in.ts'
import type { Desk } from '../desk.ts'
import { actsFor } from './acts.ts'
import { applicationAddress, headOf } from './head.ts'
import { factGroups, shownAt, yamlOf } from './shown.ts'

export function applicationPages(at: Desk): { show: Visit; yaml: Visit } {
  return {
    async show(ctx, requester) {
      const application = await shownAt(at, ctx, requester)
      const { client, definition, owner, createdAt, changedAt, version } = application
      at.show(ctx, requester, {
        view: 'application/show',
        self: applicationAddress(client),
        data: {
          head: headOf(at, requester, application, 'overview'),
          groups: factGroups(definition),
          owner,
          base: applicationAddress(client),
          acts: actsFor(at, requester, application),
          facts: { createdAt, changedAt, version },
          auditHref: at.may(requester, listAudit) && `/admin/audit?${new URLSearchParams({ application: client })}`,
        },
      })
    },

    async yaml(ctx, requester) {
      const application = await shownAt(at, ctx, requester)
      const { client, owner } = application
      at.show(ctx, requester, {
        view: 'application/yaml',
        self: applicationAddress(client, '/yaml'),
        data: { head: headOf(at, requester, application, 'yaml'), owner, yaml: yamlOf(application) },
      })
    },
  }
}
