/** What applications learn about a person, and when they learn nothing because the account may not be used. */

import type { FindAccount, KoaContextWithOIDC, Account as ProviderAccount } from 'oidc-provider'
import { findAccount } from '../accounts/people.ts'
import { ownFields } from '../client/own-fields.ts'
import { claimsOf } from '../client/scopes.ts'
import type { Directory } from '../organization/directory.ts'
import type { Organization } from '../organization/organization.ts'
import type { Account } from '../person/account.ts'
import type { People } from '../person/kind.ts'
import type { Found } from '../record/records.ts'

/** What the provider knows of an account: the epoch lets a session of before be told from one of now. */
export interface KnownAccount extends ProviderAccount {
  epoch: number
  /** The record, for checks that would otherwise look it up again. */
  person: Account
}

/** The epoch of the account that a grant was last used in: tokens under it end with that epoch. */
export interface GrantFacts {
  epoch?: number
  /** Something in it was given because the application was one of our own: nobody was asked. */
  house?: boolean
}

/** `people` and `organizations` know whose organization lets nobody in (accounts/admitted.ts), and what it is called. */
export function findActive(people: Pick<People, 'find'>, organizations: Pick<Directory, 'find'>): FindAccount {
  return async (ctx, sub, token) => {
    const account = await findAccount(people, sub)
    if (account?.status !== 'active') return undefined
    // A code or refresh token that was being issued while everything of before was ended does not outlive it.
    const grant = ctx.oidc?.entities.Grant as GrantFacts | undefined
    if (token && grant && grant.epoch !== account.epoch) return undefined
    // It was opened to everybody when this was issued. Whoever asks now is told why on the page (assessment.ts).
    if (token && isKeptOut(ctx.oidc?.client, account)) return undefined
    return known(account, organizations, ctx)
  }
}

/** Of an application that is for people with a role. */
export function isKeptOut(client: Parameters<typeof ownFields>[0], { roles }: Pick<Account, 'roles'>): boolean {
  return ownFields(client).staff_only && roles.length === 0
}

function known(account: Account, organizations: Pick<Directory, 'find'>, ctx: KoaContextWithOIDC): KnownAccount {
  return {
    accountId: account.id,
    epoch: account.epoch,
    person: account,
    claims(use, scope, asked) {
      const scopes = use === 'id_token' && !inIdToken(ctx) ? ['openid'] : scope.split(' ')
      const names = new Set([...claimsOf(scopes), ...Object.keys(asked)])
      const { organizationId } = account
      const organization = organizationId === undefined ? undefined : organizations.find(organizationId)
      const claims = Object.entries(claimsAbout(account, organization))
      return Object.fromEntries(claims.filter(([name]) => names.has(name))) as { sub: string }
    },
  }
}

/**
 * Whether the ID token holds what the scopes give. Otherwise that is told at the userinfo endpoint only, and a token for
 * a resource does not open that (OpenID Connect Core 1.0 section 5.4).
 */
function inIdToken({ oidc }: KoaContextWithOIDC): boolean {
  return ownFields(oidc.client).id_token_claims || oidc.entities.AccessToken?.aud !== undefined
}

/** All that there is to tell. */
function claimsAbout(account: Account, organization: Found<Organization> | undefined): Record<string, unknown> {
  const called = organization?.record.name
  return {
    sub: account.id,
    name: account.name,
    given_name: account.givenName,
    family_name: account.familyName,
    preferred_username: account.email,
    locale: account.locale,
    email: account.email,
    // Proven at activation, when the link that was mailed to it was used; of an account that was brought along, as is known.
    email_verified: account.emailVerified ?? true,
    organization: called,
    organization_id: organization?.id,
    groups: called === undefined ? [] : [called],
    roles: account.roles,
  }
}
