/** The provider, with what the product gives it: pages, clients, seats, and what is known of second factors. */
import { ladder } from '../mfa/assurance.ts'
import { secondFactorsOf } from '../mfa/second-factors.ts'
import { type Oidc, oidc } from '../oidc/provider.ts'
import { postpone } from '../person/account.ts'
import { providerPages } from '../web/provider-pages.ts'
import type { Core } from './core.ts'
import type { Front } from './front.ts'

export type SecondFactorsOf = ReturnType<typeof secondFactorsOf>

export interface ProviderDoor {
  oidc: Oidc
  /** What a person has, and owes. */
  secondFactors: SecondFactorsOf
}

export async function providerDoor(core: Core, { pages, errors, seats, requests }: Front): Promise<ProviderDoor> {
  const { config, store, admitted, organizations, seal, ring, keys, clients, home, record, wrap, log, now } = core
  const { durable, expiring, leases } = store
  const secondFactors = secondFactorsOf(durable.people, core.campaign, config.imported, now)
  const provider = await oidc({
    issuer: config.issuer,
    people: admitted,
    organizations,
    store: { ...expiring, enqueue: durable.enqueue },
    leases,
    leftOpen: core.leftOpen,
    onTooManyPushed: () => core.counters.countBusy('pushed'),
    seal,
    ring,
    keys,
    clients,
    noteUse: core.secretUses.note,
    tell: core.notes.note,
    doctorAgent: core.doctorAgent,
    ladder: ladder(config.assurance.names, config.assurance.aliases),
    secondFactors,
    postpone: (accountId) => durable.people.change(accountId, (person) => postpone(person, now())),
    pages: providerPages({ pages, errors, seats, home, development: !config.production }),
    seats,
    requests,
    audit: record,
    wrap,
    log,
    now,
    session: config.session,
    refreshGrace: config.tokens.refreshGrace,
    egress: config.egress,
  })
  return { oidc: provider, secondFactors }
}
