/** Where people come back to: the address differs from the registered one (RFC 9700 section 2.1), and why it may. */
import { nearestAddress } from '../../oidc/nearest-address.ts'
import { isInside, isOnOriginOf, mayOffer, originOf } from '../address.ts'
import { type Evidence, type Fault, fieldsOf, mayReturnTo, weighed } from '../evidence.ts'
import type { Refusal } from '../memory.ts'

type Kind = 'http' | 'inside' | 'differs'

interface Wrong {
  refusal: Refusal
  refused: string
  kind: Kind
  nearest: string | undefined
}

/** The one that most speaks for: an address of the application's own, and of those the last. */
function wrongAddress(evidence: Evidence): Wrong | undefined {
  const { redirectUris, native } = fieldsOf(evidence)
  const wrong = evidence.memory.refusals.flatMap((refusal): Wrong[] => {
    const { parameter, refused } = refusal
    if (parameter !== 'redirect_uri' || refused === undefined || mayReturnTo(evidence, refused)) return []
    const near = nearestAddress(refused, redirectUris, { anyPort: native })
    return [{ refusal, refused, kind: kindOf(refused, redirectUris), nearest: near?.address }]
  })
  const own = wrong.filter(({ refused }) => isOwn(refused, redirectUris))
  return (own.length > 0 ? own : wrong).at(-1)
}

function kindOf(refused: string, registered: string[]): Kind {
  if (registered.some((one) => isSameButForScheme(refused, one))) return 'http'
  return isInside(refused) && !registered.some(isInside) ? 'inside' : 'differs'
}

function isSameButForScheme(refused: string, registered: string): boolean {
  if (!URL.canParse(refused) || !URL.canParse(registered)) return false
  const [sent, known] = [new URL(refused), new URL(registered)]
  if (sent.protocol !== 'http:' || known.protocol !== 'https:') return false
  return sent.hostname === known.hostname && sent.pathname === known.pathname
}

/** On a host of its own: somebody else's would not get there by a slip. */
function isOwn(refused: string, registered: string[]): boolean {
  const host = URL.canParse(refused) ? new URL(refused).hostname : undefined
  return registered.some((one) => URL.canParse(one) && new URL(one).hostname === host)
}

const differs: Fault = {
  id: 'redirect-address',
  find(evidence) {
    const wrong = wrongAddress(evidence)
    if (wrong?.kind !== 'differs') return undefined
    const { refusal, refused, nearest } = wrong
    const { redirectUris } = fieldsOf(evidence)
    const own = isOwn(refused, redirectUris)
    const offered = mayOffer(refusal, { registered: redirectUris, production: evidence.production })
    const known = nearest ?? redirectUris[0]
    return {
      variant: variantOf(own, isOnOriginOf(refused, redirectUris), known),
      weight: weighed(evidence, refusal, own ? 'likely' : 'possible'),
      values: { sent: refused, registered: known ?? '' },
      at: refusal.at,
      ...(offered && { fix: { kind: 'change', fields: { redirect_uris: [...redirectUris, refused] } } }),
    }
  },
}

function variantOf(own: boolean, sameOrigin: boolean, known: string | undefined): string | undefined {
  if (known === undefined) return 'none'
  if (own) return sameOrigin ? undefined : 'origin'
  return 'stranger'
}

const http: Fault = {
  id: 'redirect-http',
  find(evidence) {
    const wrong = wrongAddress(evidence)
    if (wrong?.kind !== 'http') return undefined
    const values = { sent: wrong.refused }
    return { weight: weighed(evidence, wrong.refusal, 'likely'), values, at: wrong.refusal.at }
  },
}

const inside: Fault = {
  id: 'redirect-inside',
  find(evidence) {
    const wrong = wrongAddress(evidence)
    if (wrong?.kind !== 'inside') return undefined
    const values = { sent: wrong.refused }
    return { weight: weighed(evidence, wrong.refusal, 'likely'), values, at: wrong.refusal.at }
  },
}

/** Our pages go on by themselves; pages of a proxy or of another sign-in in between may still be held to one origin. */
const elsewhere: Fault = {
  id: 'redirect-elsewhere',
  find(evidence) {
    const { redirectUris, home, native } = fieldsOf(evidence)
    const [first] = redirectUris
    if (native || home === undefined || first === undefined) return undefined
    if (isOnOriginOf(home, redirectUris)) return undefined
    return { weight: 'possible', values: { callback: originOf(first) ?? first, home: originOf(home) ?? home } }
  },
}

export const REDIRECT: Fault[] = [differs, http, inside, elsewhere]
