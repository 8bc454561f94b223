/** The provider, with what the product gives it: pages, clients, seats, and what is known of second factors. */
import type { Source } from '../audit/audit.ts'
import { TURNED_AWAY } from '../audit/repeats.ts'
import { networks } from '../lib/network.ts'
import { ladder } from '../mfa/assurance.ts'
import { secondFactorsOf } from '../mfa/second-factors.ts'
import { type Oidc, oidc } from '../oidc/provider.ts'
import { postpone } from '../person/account.ts'
import { providerPages } from '../web/provider-pages.ts'
import { factsOf } from '../web/request.ts'
import type { Core } from './core.ts'
import type { Front } from './front.ts'

export type SecondFactorsOf = ReturnType<typeof secondFactorsOf>

export interface ProviderDoor {
  oidc: Oidc
  /** What a person has, and owes. */
  secondFactors: SecondFactorsOf
  /** Told of whoever is refused because so many sign-ins were left open where they come from. */
  onFull: (source: Source) => void
}

export async function providerDoor(
  core: Core,
  { pages, errors, busy, cookies, seats, requests }: Front,
): Promise<ProviderDoor> {
  const { config, store, admitted, organizations, seal, ring, keys, clients, home, record, wrap, log, now } = core
  const { durable, expiring, leases } = store
  const secondFactors = secondFactorsOf(durable.people, core.campaign, config.imported, now, {
    usable: core.passkeys.usable,
    settable: core.passkeys.rpId !== undefined,
  })
  const onFull = tellOfFull(core)
  const provider = await oidc({
    issuer: config.issuer,
    people: admitted,
    organizations,
    store: { ...expiring, enqueue: durable.enqueue },
    leases,
    leftOpen: core.leftOpen,
    onTooManySittings({ req }) {
      core.counters.countBusy('sittings')
      onFull(factsOf(req))
    },
    onTooManyPushed: () => core.counters.countBusy('pushed'),
    seal,
    ring,
    keys,
    clients,
    noteUse: core.secretUses.note,
    tell: core.notes.note,
    doctorAgent: core.doctorAgent,
    ladder: ladder(
      config.assurance.names,
      config.assurance.aliases,
      core.passkeys.rpId === undefined ? 'mfa' : undefined,
    ),
    secondFactors,
    postpone: (accountId) => durable.people.change(accountId, (person) => postpone(person, now())),
    pages: providerPages({ pages, errors, seats, cookies, busy, home, development: !config.production }),
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
  return { oidc: provider, secondFactors, onFull }
}

/** Once a minute for each network, and then how often: whoever floods us does not write our trail. */
function tellOfFull({ record, log }: Core): (source: Source) => void {
  const details = { door: 'sittings' }
  return (source) => {
    const repeats = { by: networks(source.ip).network, rule: TURNED_AWAY }
    record({ type: 'throttle.engaged', outcome: 'refused', source, details, repeats }).catch((fault: unknown) =>
      log.error({ fault, event: 'throttle.engaged' }, 'audit'),
    )
  }
}
