/** Races about accounts, their links and passwords. */
import { expect } from 'vitest'
import { insertAccount, setStatus } from '../../../src/person/account.ts'
import { keyOf } from '../../../src/person/kind.ts'
import { rememberBrowser } from '../../../src/person/known-browser.ts'
import { replaceLink } from '../../../src/person/link.ts'
import { changePassword, setPassword, upgradeHash } from '../../../src/person/password.ts'
import type { Draft } from '../../../src/person/person.ts'
import { account, link, NOW } from '../../support/samples/records.ts'
import { EACH, ENDER, type Race, SANNE } from './people-race.ts'

const ACTIVATION = link('sanne')
const RESET = link('sanne', { purpose: 'reset' })
const INVITED = { account: { ...SANNE, status: 'invited' as const, passwordHash: undefined }, links: [ACTIVATION] }

/** By the link. */
function set(person: Draft, { digest, purpose }: typeof ACTIVATION, passwordHash: string): boolean {
  return setPassword(person, { link: { digest, purpose }, passwordHash, at: NOW }, [])
}

function change(person: Draft, passwordHash: string): boolean {
  return changePassword(person, { from: 'hash-1', passwordHash, at: NOW }, [])
}

export const ACCOUNT_RACES: Race[] = [
  {
    name: 'of twenty invited to one address one is there',
    apart: true,
    begins: () => ({}),
    wants: keyOf.email('new@sigma.example'),
    rule(person, racer) {
      const id = `sanne-${racer}`
      return insertAccount(person, account({ id, emailKey: 'new@sigma.example' }), link(id), [])
    },
  },
  {
    name: 'one activates by one link',
    begins: () => INVITED,
    rule: (person, racer) => set(person, ACTIVATION, `hash-${racer}`),
    holds: ({ person, winner }) =>
      expect(person.account).toMatchObject({ status: 'active', passwordHash: `hash-${winner}`, epoch: 2 }),
  },
  {
    name: 'one sets a password by one link for a reset, which the page looks up by its digest',
    begins: () => ({ account: SANNE, links: [RESET] }),
    by: keyOf.link(RESET.digest),
    rule: (person, racer) => set(person, RESET, `hash-${racer}`),
    holds: ({ person, winner }) => expect(person.account).toMatchObject({ passwordHash: `hash-${winner}`, epoch: 2 }),
  },
  {
    name: 'of twenty new links all are kept, and one opens anything',
    begins: () => INVITED,
    rule: (person, racer) => replaceLink(person, link('sanne', { digest: `${racer}` }), []) ?? true,
    wins: 20,
    holds({ person: { links } }) {
      expect(links.map(({ digest }) => Number(digest)).toSorted((a, b) => a - b)).toEqual(EACH)
      expect(links.filter(({ usedAt }) => usedAt === undefined)).toHaveLength(1)
    },
  },
  {
    name: 'one changes the password from one hash',
    begins: () => ({ account: SANNE, links: [RESET] }),
    rule: (person, racer) => change(person, `new-${racer}`),
    holds: ({ person, winner }) => expect(person.account).toMatchObject({ passwordHash: `new-${winner}`, epoch: 2 }),
  },
  {
    name: 'a change, a stronger hash and a link: what was set last is kept',
    begins: () => ({ account: SANNE, links: [RESET] }),
    rule(person, racer) {
      const acts = [
        () => change(person, 'changed'),
        () => upgradeHash(person, 'hash-1', 'upgraded', 0),
        () => set(person, RESET, 'reset'),
      ]
      return acts[racer % acts.length]?.()
    },
    wins: 'some',
    holds({ person, won }) {
      const [changed, upgraded, reset] = [0, 1, 2].map((act) => won.filter((racer) => racer % 3 === act).length)
      // A change kills the link; it and a stronger hash both begin with the hash that the other replaces.
      expect([
        [1, 0, 0],
        [0, 1, 1],
        [0, 0, 1],
      ]).toContainEqual([changed, upgraded, reset])
      expect(person.account?.passwordHash).toBe(changed ? 'changed' : 'reset')
      expect(person.account?.epoch).toBe(2)
    },
  },
  {
    name: 'a browser that proved the password is not known by the one that replaced it',
    begins: () => ({ account: SANNE }),
    rule(person, racer) {
      if (racer === ENDER) return change(person, 'new')
      rememberBrowser(person, { digest: `${racer}`, expiresAt: NOW + 1 }, 'hash-1')
      return true
    },
    wins: 20,
    holds: ({ person }) => expect([person.browsers, person.account?.passwordHash]).toEqual([[], 'new']),
  },
  {
    name: 'one moves the status',
    begins: () => INVITED,
    rule: (person) => setStatus(person, { from: ['active', 'invited'], to: 'disabled' }, []),
    holds: ({ person }) => expect(person.account).toMatchObject({ status: 'disabled', epoch: 2 }),
  },
  {
    name: 'disabled while a link sets a password: however it ends, nobody is in',
    begins: () => INVITED,
    rule: (person, racer) =>
      racer % 2 === 0
        ? set(person, ACTIVATION, 'hash')
        : setStatus(person, { from: ['active', 'invited'], to: 'disabled' }, []),
    wins: 'some',
    holds: ({ person, won }) => expect(person.account).toMatchObject({ status: 'disabled', epoch: 1 + won.length }),
  },
]
