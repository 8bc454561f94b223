/**
 * What of a session's proofs counts for an application, and what the person could prove to it beside: by the application's
 * record, the age of each proof, and what the person has now. Which rung that is, is in mfa/assurance.ts.
 */
import type { OwnFields } from '../client/own-fields.ts'
import { HOUR, SECOND, seconds } from '../lib/time.ts'
import { counted, type Proofs, type Rung } from '../mfa/assurance.ts'
import type { SecondFactors } from '../mfa/second-factors.ts'
import { HELD_FACTORS, type HeldFactor, type Holding } from '../person/held-code.ts'
import { APP, opening, PASSKEY, type RememberedFactor, type SecondFactor } from '../person/second-factor.ts'

/** A second factor is good for as long as half a day in one session; applications may want it fresher. */
export const FACTOR_LIFE = 12 * HOUR

/** The highest that they can prove to the application with what they have; where that is lost, with a code of ours. */
export function provable({ enrolled, equipped, has }: SecondFactors, { second_factors }: OwnFields): Rung {
  if (!enrolled) return 'password'
  const counts = (equipped ? has : HELD_FACTORS).filter((factor) => second_factors.includes(factor))
  if (counts.some((factor) => factor === PASSKEY)) return 'phishingResistant'
  return counts.length > 0 ? 'mfa' : 'password'
}

/** Only what is spent: of a code that is held, nothing has come yet. */
export function spent({ holding = {} }: { holding?: Holding | undefined }, proofs: Proofs): Proofs {
  return without(
    proofs,
    HELD_FACTORS.filter((factor) => holding[factor] !== undefined),
  )
}

export function without(proofs: Proofs, factors: readonly HeldFactor[]): Proofs {
  if (factors.length === 0) return proofs
  return Object.fromEntries(Object.entries(proofs).filter(([method]) => !factors.some((factor) => factor === method)))
}

/**
 * Of somebody who has no second factor any more, none counts: it was turned off in this very session. Nor does a passkey of
 * whoever has none any more. One that it was signed in with has opened it all the same.
 */
export function lasting(proofs: Proofs, { enrolled, has }: Pick<SecondFactors, 'enrolled' | 'has'>): Proofs {
  if (enrolled && has.includes(PASSKEY)) return proofs
  const { passkey: opened, ...others } = proofs
  const left = enrolled ? others : { password: proofs.password }
  return { ...left, ...(proofs.password === undefined && opened !== undefined && { opened }) }
}

export interface Presented {
  proofs: Proofs
  deviceMethod: RememberedFactor | undefined
  /** Milliseconds. */
  now: number
  /** Seconds that a second factor stays good, besides what the application's record says. */
  limits?: Array<number | undefined>
  /** Proven within this very request: never too old for it. */
  just?: Proofs | undefined
}

/** What of these proofs counts for an application: second factors that it accepts and that are fresh enough. */
export function countedFor(
  client: OwnFields,
  { proofs, deviceMethod, now, limits = [], just = {} }: Presented,
): Proofs {
  // A device that was remembered for a text message says nothing to an application that takes none.
  const device = client.remembered_devices && client.second_factors.includes(deviceMethod ?? APP)
  const acceptable = device ? proofs : { ...proofs, device: undefined }
  const ages = [FACTOR_LIFE / SECOND, client.mfa_max_age, ...limits].filter((limit) => limit !== undefined)
  const fresh = Object.fromEntries(Object.entries(just).filter(([method]) => method !== 'device'))
  return counted(acceptable, {
    now: seconds(now),
    accepted: client.second_factors,
    maxAge: Math.min(...ages),
    just: fresh,
  })
}

/** Those of the proofs that may change other factors, whatever the application takes. */
export function bindingIn(client: OwnFields, presented: Presented): Array<{ factor: SecondFactor; at: number }> {
  return opening('account').flatMap((factor) => {
    const at = countedFor({ ...client, second_factors: [factor] }, presented)[factor]
    return at === undefined ? [] : [{ factor, at }]
  })
}
