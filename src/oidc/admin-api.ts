/** The API of administration as a resource of our own provider (RFC 8707): what its tokens are for, and what they hold. */
import type { Resource } from '../client/resource-fields.ts'
import { ADMIN_SCOPES } from '../client/scopes.ts'

export const ADMIN_API = '/admin/api/v1'

/** `origin` is where administration is: the issuer, unless it has a host of its own. */
export function adminResource(origin: string): Resource {
  return {
    indicator: `${origin}${ADMIN_API}`,
    scopes: [...ADMIN_SCOPES],
    // Looked up at each use: what ended meanwhile is refused at once.
    format: 'opaque',
    introspected_by: [],
  }
}
