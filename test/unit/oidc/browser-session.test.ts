/** Who counts as signed in. What a browser's session opens is in test/flow/links and test/flow/account. */
import { expect, test } from 'vitest'
import { type BrowserSessionParts, browserSession } from '../../../src/oidc/browser-session.ts'

test('somebody is signed in in a session that is there and has an account', async () => {
  const sessions: Record<string, object> = { nobody: {}, sanne: { accountId: 'sanne' } }
  const provider = () => ({ Session: { find: async (id: string) => sessions[id] } })
  const { isSignedIn } = browserSession({ oidc: { provider } } as unknown as BrowserSessionParts)
  expect(await Promise.all(['sanne', 'nobody', 'ended'].map(isSignedIn))).toEqual([true, false, false])
})
