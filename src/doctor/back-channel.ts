/** What becomes of a logout token, for the memory of the application that it was for: a code, and how it answered. */
import { AppError } from '../lib/errors.ts'
import type { Tell } from '../oidc/observed.ts'

/** Delivers, tells what became of it, and leaves the rest as it was. */
export async function tellingOf(client: string, tell: Tell, deliver: () => Promise<void>): Promise<void> {
  try {
    await deliver()
  } catch (fault) {
    const refusal = { endpoint: 'back-channel' as const, error: answerOf(fault), refused: kindOf(fault) }
    tell({ what: 'refused', client, refusal })
    throw fault
  }
  tell({ what: 'told', client })
}

/** `http-403`, `private`, `certificate`, `not-found`, `refused`, `timed-out`, `not-allowed`, or `failed`. */
export function answerOf(fault: unknown): string {
  const { response, cause } = (fault ?? {}) as { response?: { status?: unknown }; cause?: unknown }
  if (typeof response?.status === 'number') return `http-${response.status}`
  const chain = [fault, cause].filter((one) => one instanceof Error)
  const ours = chain.find((one) => one instanceof AppError)
  if (ours?.code === 'egress-refused') return 'not-allowed'
  if (ours?.code === 'private-address') return 'private'
  const said = chain.map((one) => `${'code' in one ? one.code : ''} ${one.name} ${one.message}`).join(' ')
  return MEANINGS.find(([pattern]) => pattern.test(said))?.[1] ?? 'failed'
}

/** In the words of Node and of OpenSSL. */
const MEANINGS: Array<[pattern: RegExp, meaning: string]> = [
  [/UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|CERT_|ALTNAME|ERR_TLS|certificate/, 'certificate'],
  [/ENOTFOUND|EAI_AGAIN/, 'not-found'],
  [/ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ECONNRESET|UND_ERR_SOCKET/, 'refused'],
  [/TimeoutError|ETIMEDOUT|TIMEOUT|AbortError/, 'timed-out'],
]

/** What kind of thing it answered: a page, as of a guard against foreign forms, or something for programs. */
function kindOf(fault: unknown): string | undefined {
  const { response } = (fault ?? {}) as { response?: { headers?: Headers } }
  const [, kind] = /\b(html|json|plain)\b/.exec(response?.headers?.get('content-type') ?? '') ?? []
  return kind
}
