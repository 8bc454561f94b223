/** One-time links and known browsers (accounts/account.ts). Each method is one write, parcels included. */
import type { AccountStore } from '../../accounts/account.ts'
import type { Link } from '../../person/link.ts'
import { enqueue } from './outbox.ts'
import type { People } from './people.ts'
import { keyOf, type Person } from './person.ts'

type Links = Pick<AccountStore, 'replaceLink' | 'renewLink' | 'findLink' | 'rememberBrowser' | 'isKnownBrowser'>

/** A document cannot grow for ever, and nobody has more: of somebody who makes that many, the first are forgotten. */
const MOST_BROWSERS = 100
/** Anybody may ask for one for anybody; of those before, only the page that says why they open nothing is left. */
const MOST_LINKS = 20

/**
 * Kills the open links of an account. A link that dies is marked as used, so that its page can still say why it opens
 * nothing; when matters to nobody.
 */
export function killLinks(person: Person, at?: number): void {
  for (const link of person.links) link.usedAt ??= at ?? link.createdAt
}

export function links(people: People): Links {
  return {
    replaceLink: (link, parcels) =>
      people.change(link.accountId, (draft) => {
        // Erased meanwhile, an account gets no link, and no mail about one.
        if (!draft.account) return
        killLinks(draft, link.createdAt)
        draft.links = [...draft.links, link].slice(-MOST_LINKS)
        enqueue(draft, parcels)
      }),
    renewLink: (digest, expiresAt) =>
      people.changeByKey(keyOf.link(digest), undefined, (draft) => {
        const link = linkOf(draft, digest)
        if (link && link.usedAt === undefined) link.expiresAt = Math.max(link.expiresAt, expiresAt)
      }),
    findLink: async (digest) => linkOf(await people.findByKey(keyOf.link(digest), 'links'), digest),
    rememberBrowser: (digest, accountId, passwordHash, expiresAt) =>
      people.change(accountId, (draft) => {
        if (draft.account?.passwordHash !== passwordHash) return
        const others = draft.browsers.filter((browser) => browser.digest !== digest)
        draft.browsers = [...others, { digest, expiresAt }].slice(-MOST_BROWSERS)
      }),
    async isKnownBrowser(digest, accountId, now) {
      const found = await people.find(accountId, 'browsers')
      return found?.browsers.some((browser) => browser.digest === digest && browser.expiresAt > now) ?? false
    },
  }
}

function linkOf(person: Pick<Person, 'links'> | undefined, digest: string): Link | undefined {
  return person?.links.find((link) => link.digest === digest)
}
