/** The APIs that take our access tokens as a list, and one of them as it is. */
import { connectResource } from '../../../admin/connect.ts'
import { addResource, changeResource, listResources } from '../../../admin/resources.ts'
import type { Visit } from '../../signed-in.ts'
import { shownConnection } from '../applications/connect.ts'
import { applicationAddress } from '../applications/head.ts'
import type { Desk } from '../desk.ts'
import { actsFor } from './acts.ts'
import { APIS, apiAddress, apiAt, changeable } from './api.ts'

export function apiList(at: Desk): Visit {
  return async (ctx, requester) => {
    const apis = await at.run(ctx, requester, listResources, {})
    at.show(ctx, requester, {
      view: 'api/list',
      self: APIS,
      data: {
        apis: apis.map((api) => ({ ...api, href: apiAddress(api.resource) })),
        may: { add: at.may(requester, addResource) },
      },
    })
  }
}

export function apiPage(at: Desk): Visit {
  return async (ctx, requester) => {
    const api = await apiAt(at, ctx, requester)
    const { resource, definition, applications, status } = api
    const { connection } = await at.run(ctx, requester, connectResource, { resource })
    const may = changeable(api) && at.may(requester, changeResource)
    at.show(ctx, requester, {
      view: 'api/show',
      self: apiAddress(resource),
      data: {
        api,
        facts: Object.entries(definition).map(([field, value]) => ({ field, value })),
        applications: applications.map((one) => ({ ...one, href: applicationAddress(one.client) })),
        base: apiAddress(resource),
        acts: [...(may ? ['change'] : []), ...actsFor(at, requester, api)],
        connection: status === 'active' ? shownConnection(connection) : undefined,
        changeHref: may && apiAddress(resource, '/change'),
      },
    })
  }
}
