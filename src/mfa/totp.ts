/** The authenticator app, as a challenge sees it; what its codes are is app-code.ts. */
import { findPerson } from '../accounts/people.ts'
import type { Sealer } from '../lib/crypto.ts'
import type { Clock } from '../lib/time.ts'
import { advanceStep, listApps, waysOf } from '../person/authenticator.ts'
import type { People } from '../person/kind.ts'
import { APP } from '../person/second-factor.ts'
import { stepOf } from './app-code.ts'
import type { Factor } from './challenge.ts'
import { openAuthenticator } from './sealed-authenticator.ts'

/** A person may have several entries; a code of any of them is right, once. */
export function totp(people: Pick<People, 'find' | 'change'>, seal: Sealer, now: Clock): Factor {
  return {
    method: APP,
    async available(_account, authenticators) {
      const apps = authenticators.filter(({ kind }) => kind === APP)
      if (apps.length === 0) return undefined
      const digits = new Set(apps.flatMap(waysOf).map((way) => way.digits))
      const old = apps.some(({ imported }) => imported)
      const entries = apps.map(({ label }) => label)
      return { hint: entries.join(', '), entries, digits: [...digits], old }
    },
    async verify({ account, code }) {
      for (const app of listApps(await findPerson(people, account.id))) {
        const secret = openAuthenticator(seal, app)
        const [right] = waysOf(app).flatMap((way) => {
          const step = stepOf(secret, code, now, way)
          return step === undefined ? [] : [{ step, way }]
        })
        if (!right) continue
        const { step, way } = right
        const fresh = await people.change(account.id, (person) => advanceStep(person, app.id, step, now(), way))
        return fresh ? 'right' : 'used-code'
      }
      return 'wrong-code'
    },
  }
}
