/** What the application asks for: PKCE, the response type, scopes, a level of sign-in. */
import { type Evidence, type Fault, fieldsOf, refusedFor, weighed } from '../evidence.ts'

const pkce: Fault = {
  id: 'pkce',
  find(evidence) {
    const refusal = refusedFor(evidence, 'no-pkce', 'plain-pkce')
    if (!refusal) return undefined
    const required = evidence.record.definition.require_pkce !== false
    if (refusal.reason === 'no-pkce' && !required) return undefined
    return {
      variant: refusal.reason === 'plain-pkce' ? 'plain' : undefined,
      weight: weighed(evidence, refusal, 'likely'),
      at: refusal.at,
    }
  },
}

const responseType: Fault = {
  id: 'response-type',
  find(evidence) {
    const { refusals } = evidence.memory
    const refusal = refusals.findLast(
      ({ error, parameter }) =>
        parameter === 'response_type' || parameter === 'response_mode' || error.startsWith('unsupported_response'),
    )
    if (!refusal) return undefined
    return {
      variant: refusal.refused === undefined ? 'none' : undefined,
      weight: weighed(evidence, refusal, 'likely'),
      values: { sent: refusal.refused ?? '' },
      at: refusal.at,
    }
  },
}

const scope: Fault = {
  id: 'scope',
  find(evidence) {
    const { scopes } = fieldsOf(evidence)
    const onRecord = new Set([...scopes, 'openid', 'offline_access'])
    const refusal = evidence.memory.refusals.findLast(
      ({ parameter, refused = '' }) => parameter === 'scope' && refused !== '' && !onRecord.has(refused),
    )
    // Names that belong to nothing are left out without a refusal.
    const asked = refusal?.refused ?? evidence.memory.scopes.find((name) => !onRecord.has(name))
    if (asked === undefined) return undefined
    const known = scopes.filter((name) => name !== 'offline_access').join(', ')
    return {
      variant: evidence.scopes.has(asked) ? 'record' : undefined,
      weight: refusal ? weighed(evidence, refusal, 'likely') : 'likely',
      values: { scope: asked, known },
      at: refusal?.at ?? evidence.memory.seen.asked,
    }
  },
}

const stepUp: Fault = {
  id: 'step-up',
  find(evidence) {
    const { below, refusals } = evidence.memory
    const unmet = refusals.findLast(({ error }) => error === 'unmet_authentication_requirements')
    if (unmet) return { variant: 'unmet', weight: weighed(evidence, unmet, 'likely'), at: unmet.at }
    if (!below) return undefined
    return {
      weight: wentOn(evidence, below.at) ? 'likely' : 'possible',
      values: { asked: below.asked, given: below.given },
      at: below.at,
    }
  },
}

/** It asked for more with what it was given. */
function wentOn({ memory: { seen } }: Evidence, since: number): boolean {
  return (seen.userinfo ?? 0) >= since || (seen.refresh ?? 0) > since
}

export const REQUEST: Fault[] = [pkce, responseType, scope, stepUp]
