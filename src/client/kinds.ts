/**
 * What sorts of application there are, told by their records, and what a new one of each begins with. A record has no
 * field for it: what counts is what it says.
 */
import type { Definition } from './record.ts'

export const KINDS = ['web', 'single-page', 'native', 'service'] as const
export type ApplicationKind = (typeof KINDS)[number]

/** Where it is other than what goes anyway (fields.ts), which is the safe choice. */
const BEGINNINGS: Record<ApplicationKind, Definition> = {
  web: {},
  // Neither keeps a secret from whoever has the device, and both go on without asking by rotating refresh tokens.
  'single-page': {
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'none',
  },
  native: {
    application_type: 'native',
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'none',
  },
  // No person is in front of it, so there is nothing to tell of one.
  service: { grant_types: ['client_credentials'], scope: '' },
}

/** A definition to be checked, for a new one. `address` is where people come back to; a service has none. */
export function beginning(
  kind: ApplicationKind,
  { client_id, client_name, address }: { client_id: string; client_name: string; address: string },
): Record<string, unknown> {
  return {
    client_id,
    client_name,
    ...(kind !== 'service' && address !== '' && { redirect_uris: [address] }),
    ...BEGINNINGS[kind],
  }
}

export function kindOf({ grant_types, application_type, token_endpoint_auth_method }: Definition): ApplicationKind {
  if (Array.isArray(grant_types) && !grant_types.includes('authorization_code')) return 'service'
  if (application_type === 'native') return 'native'
  return token_endpoint_auth_method === 'none' ? 'single-page' : 'web'
}

const LONGEST_ID = 40

/** An id as somebody would choose it; the next one where `isTaken`. */
export function proposedId(name: string, isTaken: (id: string) => boolean): string {
  const letters = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, LONGEST_ID)
    .replace(/^-+|-+$/g, '')
  const plain = letters || 'application'
  for (let nth = 1; ; nth += 1) {
    const id = nth === 1 ? plain : `${plain}-${nth}`
    if (!isTaken(id)) return id
  }
}
