/** The end: where people go after signing out, and whether the application hears of it. */
import { nearestAddress } from '../../oidc/nearest-address.ts'
import { isOnOriginOf, mayOffer } from '../address.ts'
import { type Fault, fieldsOf, weighed } from '../evidence.ts'

const address: Fault = {
  id: 'sign-out-address',
  find(evidence) {
    const { redirectUris, logoutUris, native } = fieldsOf(evidence)
    const refusal = evidence.memory.refusals.findLast(
      ({ parameter, refused = '' }) => parameter === 'post_logout_redirect_uri' && !logoutUris.includes(refused),
    )
    if (!refusal?.refused) return undefined
    const registered = [...redirectUris, ...logoutUris]
    const known = nearestAddress(refusal.refused, logoutUris, { anyPort: native })?.address ?? logoutUris[0]
    const own = isOnOriginOf(refusal.refused, registered)
    return {
      variant: own ? (known === undefined ? 'none' : undefined) : 'stranger',
      weight: own ? 'likely' : 'possible',
      values: { sent: refusal.refused, registered: known ?? '' },
      at: refusal.at,
      ...(mayOffer(refusal, { registered, production: evidence.production }) && {
        fix: { kind: 'change', fields: { post_logout_redirect_uris: [...logoutUris, refusal.refused] } },
      }),
    }
  },
}

const nameless: Fault = {
  id: 'sign-out-nameless',
  find({ memory }) {
    const refusal = memory.refusals.findLast(({ reason }) => reason === 'no-hint')
    return refusal && { weight: 'certain', at: refusal.at }
  },
}

const untold: Fault = {
  id: 'back-channel-none',
  find(evidence) {
    const { backChannel, native, method, signsIn } = fieldsOf(evidence)
    const { untold: at } = evidence.memory.seen
    if (backChannel !== undefined || native || method === 'none' || !signsIn || at === undefined) return undefined
    return { weight: 'likely', at }
  },
}

/** What became of the logout tokens, as a sentence of its own. */
const VARIANTS: Array<[pattern: RegExp, variant: string]> = [
  [/^http-(?:401|403|419|422)$/, 'forbidden'],
  [/^http-(?:404|405|410)$/, 'missing'],
  [/^http-3/, 'redirect'],
  [/^http-5/, 'server'],
  [/^http-/, 'refused'],
  [/^(?:private|not-allowed)$/, 'private'],
  [/^certificate$/, 'certificate'],
  [/^not-found$/, 'unknown-host'],
]

const backChannel: Fault = {
  id: 'back-channel',
  find(evidence) {
    const { backChannel: uri } = fieldsOf(evidence)
    const refusal = evidence.memory.refusals.findLast(({ endpoint }) => endpoint === 'back-channel')
    const tried = evidence.live.get('back-channel')
    const answer = tried?.state === 'failed' ? String(tried.found ?? '') : refusal?.error
    if (uri === undefined || answer === undefined || tried?.state === 'passed') return undefined
    return {
      variant: VARIANTS.find(([pattern]) => pattern.test(answer))?.[1],
      weight: refusal && tried === undefined ? weighed(evidence, refusal, 'certain') : 'certain',
      values: { status: answer.replace('http-', ''), address: uri },
      at: refusal?.at,
    }
  },
}

export const SIGN_OUT: Fault[] = [address, nameless, untold, backChannel]
