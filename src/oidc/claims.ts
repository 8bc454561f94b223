/** What applications learn about a person, and when they learn nothing because the account may not be used. */
import type { FindAccount, Account as ProviderAccount } from 'oidc-provider'
import type { Account, AccountStore } from '../accounts/account.ts'
import type { GrantFacts } from './grant.ts'

/** Claims by scope (OpenID Connect Core 1.0 section 5.4); `organization` is ours. */
export const CLAIMS = {
  openid: ['sub', 'acr', 'amr', 'auth_time'],
  profile: ['name', 'locale'],
  email: ['email', 'email_verified'],
  organization: ['organization'],
}

/** What the provider knows of an account: the epoch lets a session of before be told from one of now. */
export interface KnownAccount extends ProviderAccount {
  epoch: number
  /** The record, for checks that would otherwise look it up again. */
  person: Account
}

export function findAccount(store: Pick<AccountStore, 'findAccount'>): FindAccount {
  return async (ctx, sub, token) => {
    const account = await store.findAccount(sub)
    if (account?.status !== 'active') return undefined
    // A code or refresh token that was being issued while everything of before was ended does not outlive it.
    const grant = ctx.oidc?.entities.Grant as GrantFacts | undefined
    if (token && grant && grant.epoch !== account.epoch) return undefined
    return known(account)
  }
}

function known(account: Account): KnownAccount {
  return {
    accountId: account.id,
    epoch: account.epoch,
    person: account,
    claims: () => ({
      sub: account.id,
      name: account.name,
      locale: account.locale,
      email: account.email,
      // The address was proven at activation, when the link that was mailed to it was used.
      email_verified: true,
      ...(account.organization && { organization: account.organization }),
    }),
  }
}
