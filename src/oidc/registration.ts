/** What an application may be registered as, by the library's rules: asked before a record is kept. */
import { generateKeyPairSync } from 'node:crypto'
import { createRequire } from 'node:module'
import type { Adapter, Configuration } from 'oidc-provider'
import type { LibraryRefusal } from '../client/definition.ts'
import { OWN_FIELDS } from '../client/own-fields.ts'
import { CLAIMS } from '../client/scopes.ts'

/** Without `fragment`: a code there is for scripts on the page it lands on, and no application of ours reads one. */
export const RESPONSE_MODES = ['query', 'form_post']

/** Of the profile (profile.ts) what the library asks of a client's metadata. */
export const REGISTRATION = {
  claims: CLAIMS,
  scopes: ['openid', 'offline_access'],
  subjectTypes: ['public'],
  extraClientMetadata: { properties: [...OWN_FIELDS] },
  clientDefaults: { id_token_signed_response_alg: 'RS256', response_modes: RESPONSE_MODES },
  clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
  responseTypes: ['code'],
  enabledJWA: {
    idTokenSigningAlgValues: ['RS256', 'ES256'],
    requestObjectSigningAlgValues: ['RS256', 'PS256', 'ES256'],
    clientAuthSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA'],
    userinfoSigningAlgValues: ['RS256', 'ES256'],
    dPoPSigningAlgValues: ['ES256', 'EdDSA', 'RS256', 'PS256'],
  },
} satisfies Configuration

/**
 * An instance that answers nobody, only to ask. Made when it is first asked: a command about people need not load the library,
 * and make a pair of keys, for applications that it never looks at.
 */
export function libraryRefusal(issuer: string, acrValues: readonly string[]): LibraryRefusal {
  let refusal: LibraryRefusal | undefined
  return (metadata) => {
    refusal ??= asking(issuer, acrValues)
    return refusal(metadata)
  }
}

function asking(issuer: string, acrValues: readonly string[]): LibraryRefusal {
  // The one that an import would give, without anybody having to wait for it.
  const { Provider }: typeof import('oidc-provider') = createRequire(import.meta.url)('oidc-provider')
  // Of both kinds, because the library lets nobody register what it could not sign. They sign nothing, so the RSA one is of a
  // length that takes a millisecond to make and not a hundred.
  const keys = [
    generateKeyPairSync('rsa', { modulusLength: 512 }).privateKey,
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  ]
  const provider = new Provider(issuer, {
    ...REGISTRATION,
    adapter: () => ({}) as Adapter,
    jwks: { keys: keys.map((key) => key.export({ format: 'jwk' })) as never[] },
    cookies: { keys: ['of nobody'] },
    acrValues: [...acrValues],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      pushedAuthorizationRequests: { enabled: true },
      dPoP: { enabled: true },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true },
    },
  })
  const Model = provider.Client as unknown as new (metadata: object) => object
  return (metadata) => {
    try {
      void new Model(metadata)
      return undefined
    } catch (fault) {
      const { message, error_description = message } = fault as Error & { error_description?: string }
      return error_description
    }
  }
}
