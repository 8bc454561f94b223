/** One API on the pages: its address, and what a verb tells of it. */
import type { RouterContext } from '@koa/router'
import type { Requester } from '../../../accounts/requester.ts'
import { showResource } from '../../../admin/resources.ts'
import type { Desk } from '../desk.ts'

export const APIS = '/admin/apis'

/** An indicator is an address itself: as it is, not every proxy would let it through as a part of a path. */
export function apiAddress(indicator: string, path = ''): string {
  return `${APIS}/${Buffer.from(indicator).toString('base64url')}${path}`
}

/** What `apiAddress` was made of; whatever else stands there names no API. */
export function indicatorIn({ params }: Pick<RouterContext, 'params'>): string {
  const { id = '' } = params
  const indicator = Buffer.from(id, 'base64url').toString()
  return apiAddress(indicator) === `${APIS}/${id}` ? indicator : id
}

export async function apiAt(at: Desk, ctx: RouterContext, requester: Requester) {
  return at.run(ctx, requester, showResource, { resource: indicatorIn(ctx) })
}

export type Api = Awaited<ReturnType<typeof apiAt>>

/** By somebody here: not what a file says, and not what is gone for good. */
export function changeable({ owner, status }: Pick<Api, 'owner' | 'status'>): boolean {
  return owner.kind === 'store' && status !== 'deleted'
}
