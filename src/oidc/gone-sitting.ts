/** The sitting of a page that was left open until it was over: whatever the page is answered with begins its request again. */
import { clientOf, type Interaction, OTHER_ACCOUNT } from './interaction.ts'
import type { KeptRequest } from './kept-request.ts'
import type { Oidc } from './provider.ts'

/** A page of a sitting that is over, and how its request begins again. */
export interface GoneSitting {
  uid: string
  prompt: string
  kept: Pick<KeptRequest, 'client' | 'query' | 'locale'>
  beginAgain(result: Record<string, unknown>): Promise<void>
}

/**
 * The page of a sitting that is over, as somebody left it open: what it is answered with begins its request again, and
 * answers the first page. Nobody is known to sit there. Undefined if there is no such application any more.
 */
export async function reopen(
  oidc: Oidc,
  { uid, prompt, kept: { client: id, query, locale }, beginAgain }: GoneSitting,
): Promise<Interaction | undefined> {
  const client = await oidc.provider().Client.find(id)
  if (!client) return undefined
  return {
    uid,
    prompt,
    reasons: [],
    params: { ...Object.fromEntries(new URLSearchParams(query)), ...(locale && { ui_locales: locale }) },
    accountId: undefined,
    // Somebody was named on it, unless it asked who that is.
    email: prompt === 'login' ? undefined : '',
    client: clientOf(client),
    sitting: uid,
    browser: '',
    session: undefined,
    justSignedIn: false,
    passwordJustProven: false,
    provenSecondAt: async () => undefined,
    provenAt: undefined,
    epoch: undefined,
    sessionEpoch: async () => undefined,
    holding: {},
    earlier: {},
    asked: { scopes: [], claims: [], resources: [] },
    async finish(result) {
      await beginAgain({ ...result, rounds: { login: 1 } })
      return undefined
    },
    async switchAccount() {
      await beginAgain(OTHER_ACCOUNT)
      return undefined
    },
    async refuse(error, error_description) {
      await beginAgain({ error, error_description })
      return undefined
    },
    speak: async () => undefined,
    async consent() {
      throw new Error('nobody consents on a page that is gone')
    },
  }
}
