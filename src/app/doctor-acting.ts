/** How the doctor acts as an application: with a provider of its own each time, which has the keys of the moment. */
import { type Act, acting } from '../doctor/live/acting.ts'
import { frontDoor } from '../doctor/live/front-door.ts'
import { withTrialPerson } from '../doctor/live/trial.ts'
import { cookieSigner } from '../lib/cookie-signer.ts'
import { lookingAt } from '../oidc/outgoing.ts'
import { trialSessions } from '../oidc/trial-session.ts'
import type { Core } from './core.ts'
import { trialParts } from './doctor.ts'
import { front } from './front.ts'
import { providerDoor } from './provider.ts'

export function doctorActing(core: Core): Act {
  const { config, ring, clients, clientSecret, doctorAgent, store, now } = core
  return async (id, record) => {
    const { oidc } = await providerDoor(core, front(core))
    const sessions = trialSessions({
      oidc,
      people: store.durable.people,
      clients,
      cookieSigner: cookieSigner(ring.deriveAll('cookies')),
      secure: config.issuer.startsWith('https:'),
      now,
    })
    return acting({
      issuer: config.issuer,
      door: frontDoor(config.issuer, doctorAgent),
      sessions,
      withPerson: (work) => withTrialPerson(trialParts(core), work),
      lookAt: lookingAt(oidc.provider),
      sendLogout: oidc.sendLogout,
      secret: clientSecret,
      mfa: config.assurance.names.mfa,
      now,
    })(id, record)
  }
}
