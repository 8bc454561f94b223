/**
 * Who is signed in with the browser that sends a request, for pages that stand outside the dispatcher: a mailed link is
 * opened wherever its reader is, also where somebody else sits.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { findAccount } from '../accounts/people.ts'
import type { Audit, Source } from '../audit/audit.ts'
import type { Account } from '../person/account.ts'
import type { People } from '../person/kind.ts'
import { artifactKey } from './artifact-key.ts'
import type { Oidc } from './provider.ts'
import type { LiveSession, Sessions } from './sessions.ts'

export interface BrowserSession {
  /** Whose session this browser has, if it is one that still opens something. */
  account(request: IncomingMessage, response: ServerResponse): Promise<Account | undefined>
  /** Whether somebody is signed in in the session with this id: one read. A session of nobody is one too. */
  isSignedIn(session: string): Promise<boolean>
  /** Signs out here, as **Sign out** does: applications that asked to be told are told. */
  end(request: IncomingMessage, response: ServerResponse, source: Source): Promise<void>
}

export interface BrowserSessionParts {
  oidc: Oidc
  people: Pick<People, 'find'>
  sessions: Pick<Sessions, 'end'>
  audit: Audit
}

export function browserSession({ oidc, people, sessions, audit }: BrowserSessionParts): BrowserSession {
  async function sessionOf(request: IncomingMessage, response: ServerResponse): Promise<LiveSession> {
    const provider = oidc.provider()
    return provider.Session.get(provider.createContext(request, response) as never)
  }

  return {
    async account(request, response) {
      const { accountId, epoch } = await sessionOf(request, response)
      const account = accountId === undefined ? undefined : await findAccount(people, accountId)
      return account?.status === 'active' && account.epoch === epoch ? account : undefined
    },

    async isSignedIn(id) {
      return (await oidc.provider().Session.find(id))?.accountId !== undefined
    },

    async end(request, response, source) {
      const { jti } = await sessionOf(request, response)
      await oidc.inTurn(jti, async () => {
        // Whatever came before it in this session may have ended it, or written it.
        const session = await sessionOf(request, response)
        const { accountId } = session
        if (accountId === undefined) return
        await sessions.end(accountId, { key: artifactKey('Session', session.jti), content: { ...session } })
        await audit({ type: 'session.ended', outcome: 'ok', actor: accountId, subject: accountId, source })
      })
    },
  }
}
