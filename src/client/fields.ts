/**
 * The fields of a client's record, each by itself: its shape, its defaults, and what they are called. What cannot be
 * right of several together is in faults.ts, what ours are to the provider in own-fields.ts.
 *
 * Field names are those of OpenID Connect Dynamic Client Registration 1.0, RFC 7591 and RFC 9126; ours are added where
 * no standard has a word.
 */
import { z } from 'zod'
import { BUILT_IN_NAME, isBuiltInName } from '../lib/built-in-name.ts'
import { type Fault, sentence } from '../lib/errors.ts'
import { mixedWord } from '../lib/look-alike.ts'
import { LADDER } from '../mfa/assurance.ts'
import { APP, PASSKEY, SECOND_FACTORS } from '../person/second-factor.ts'
import { coded } from './coded.ts'
import { SERVICE_ROLES } from './scopes.ts'
import { uriFault } from './uri.ts'

// Signs that cannot be seen, or change the direction of the text around them: a name with them can look like another
// name (Trojan Source, UTR 36).
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

/** What a definition may say depends on where the product runs. */
export interface DefinitionRules {
  production: boolean
  /** What the environment has under this name. */
  secret: (name: string) => string | undefined
  /** What is wrong with how it is given. */
  secretFault?: ((name: string) => Fault | undefined) | undefined
  /** Names that a record may ask for by default (mfa/assurance.ts). */
  acrValues: readonly string[]
  /** Ids of our own pages. */
  reserved: readonly string[]
}

const VARIABLE = /^[A-Z][A-Z0-9_]*$/

/**
 * Where a client's secret comes from: the environment variable of this name. 256 bits are 43 characters of base64url
 * (RFC 9700 section 2.5); 32 is the least that any generator prints of it.
 */
function secretFrom(rules: DefinitionRules) {
  return z
    .strictObject({ env: z.string().regex(VARIABLE, 'the name of an environment variable') })
    .superRefine(({ env }, context) => {
      if (!VARIABLE.test(env)) return
      const fault = rules.secretFault?.(env)
      const value = rules.secret(env)
      if (!fault && value && value.length >= 32) return
      context.addIssue({
        code: 'custom',
        ...(value && !fault
          ? coded('weak-secret', `${env} is shorter than 32 characters in the environment`)
          : coded('no-secret', fault ? sentence(fault) : `${env} is not set in the environment`)),
      })
    })
}

function uri(production: boolean) {
  return z
    .string()
    .max(2000)
    .superRefine((text, context) => {
      const fault = uriFault(text, production)
      if (fault) context.addIssue({ code: 'custom', ...coded(fault.code, fault.reason) })
    })
}

/** The fields, each by itself. */
export function clientFields(rules: DefinitionRules) {
  const address = uri(rules.production)
  const secret = secretFrom(rules)
  return z.strictObject({
    client_id: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,80}$/, 'letters, digits, - and _; at most 80')
      .refine((id) => !isBuiltInName(id), coded('built-in-name', BUILT_IN_NAME))
      .refine((id) => !rules.reserved.includes(id), coded('reserved', 'is an id of our own pages; choose another')),
    client_name: z
      .string()
      .min(1)
      .max(80)
      .refine(
        (text) => !UNSEEN.test(text),
        coded('unseen', 'must not have control characters or text direction controls'),
      )
      .refine((text) => mixedWord(text) === undefined, coded('mixed-scripts', 'has a word of two scripts')),
    client_uri: address.optional(),
    initiate_login_uri: address.optional(),
    application_type: z.enum(['web', 'native']).default('web'),
    redirect_uris: z.array(z.string()).default([]),
    post_logout_redirect_uris: z.array(address).default([]),
    backchannel_logout_uri: address.optional(),
    /** Logout tokens name the one session that ended, not only the person. */
    backchannel_logout_session_required: z.boolean().default(true),
    grant_types: z
      .array(z.enum(['authorization_code', 'refresh_token', 'client_credentials']))
      .default(['authorization_code']),
    /** All that it may ask for: scopes of ours, and those of resources. What is not named here it never gets. */
    scope: z.string().default('openid profile email organization'),
    token_endpoint_auth_method: z
      .enum(['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'])
      .default('client_secret_basic'),
    client_secret: secret.optional(),
    /** Still accepted while an application moves to a new secret. */
    previous_client_secret: secret.optional(),
    jwks_uri: address.optional(),
    jwks: z.strictObject({ keys: z.array(z.record(z.string(), z.unknown())).max(20) }).optional(),
    id_token_signed_response_alg: z.enum(['RS256', 'ES256']).default('RS256'),
    require_pushed_authorization_requests: z.boolean().default(false),
    dpop_bound_access_tokens: z.boolean().default(false),
    default_max_age: z.int().min(1).optional(),
    default_acr_values: z
      .array(
        z
          .string()
          .refine(
            (acr) => rules.acrValues.includes(acr),
            coded('out-of-reach', 'is no name of a rung that anybody can reach'),
          ),
      )
      .optional(),
    /** One of our own applications, whose people are not asked for consent. */
    first_party: z.boolean().default(false),
    /** Ours: the rung below which nobody gets in, whatever the request says. */
    minimum_acr: z.enum(LADDER).default('password'),
    /**
     * Ours: the second factors that count here; without it all that there are, also those of a later release. Without one
     * that can be set up at the door nobody would get in.
     */
    second_factors: z
      .array(z.enum(SECOND_FACTORS))
      .refine(
        (factors) => factors.includes(APP) || factors.includes(PASSKEY),
        coded('factors', `must include ${APP} or ${PASSKEY}`),
      )
      .optional(),
    /** Ours: seconds after which a second factor has to be proven again. */
    mfa_max_age: z
      .int()
      .min(1)
      .max(12 * 60 * 60)
      .optional(),
    /** Ours: whether a remembered device may stand in for a second factor here. */
    remembered_devices: z.boolean().default(true),
    /** Ours: only for people who have a role. */
    staff_only: z.boolean().default(false),
    /**
     * Ours: `aud` of its assertions is our issuer, as a string, and nothing else (FAPI 2.0 Security Profile 5.3.2.1-8).
     * So it is anyway for clients with `dpop_bound_access_tokens`.
     */
    require_issuer_audience: z.boolean().default(false),
    /**
     * Ours: false for a confidential application whose library has no PKCE (RFC 9700 section 2.1.1). A request of it that
     * has a `code_challenge` all the same is held to that.
     */
    require_pkce: z.boolean().default(true),
    /**
     * Ours: whether every request has a `nonce`, which the library then compares. Unless said otherwise so where PKCE is
     * not asked for: something has to tie the code to the browser that asked for it.
     */
    require_nonce: z.boolean().optional(),
    /** Ours: what the scopes give is in the ID token too, for libraries that never ask at the userinfo endpoint. */
    id_token_claims: z.boolean().default(false),
    /** Ours: the role in which it acts for itself at the API of administration. Owner is for people. */
    admin_role: z.enum(SERVICE_ROLES).optional(),
    /** Ours: whether changes that matter to people's safety wait for a second administrator (protection.ts). */
    protected: z.boolean().default(false),
  })
}

export type ClientFields = z.output<ReturnType<typeof clientFields>>
