/** Races about turning second factors on and off. */
import { expect } from 'vitest'
import type { Account } from '../../../src/person/account.ts'
import {
  type Activation,
  activate,
  addNumber,
  changeApp,
  removeAuthenticator,
  turnOff,
} from '../../../src/person/factor-changes.ts'
import { keyOf } from '../../../src/person/kind.ts'
import { addPasskey, usePasskey } from '../../../src/person/passkey.ts'
import type { Draft } from '../../../src/person/person.ts'
import { putWizard } from '../../../src/person/wizard.ts'
import { RP_ID } from '../../support/people/asked-people.ts'
import {
  activation,
  appChange,
  authenticator,
  backupCode,
  device,
  numberChange,
  passkey,
  pending,
  sentCode,
} from '../../support/samples/factors.ts'
import { NOW } from '../../support/samples/records.ts'
import { EACH, type Race, SANNE } from './people-race.ts'

const WIZARD = pending()
const SENT = sentCode()
const DEVICE = device()
const NEW = { ...SANNE, enrolledAt: undefined }

/** One thing for each caller. */
const APPS = EACH.map((racer) => authenticator({ id: `${racer}` }))
const WIZARDS = EACH.map((racer) => pending({ key: `${racer}` }))
const CODES = EACH.map((racer) => sentCode({ key: `${racer}`, digest: `${racer}` }))
const TWO = APPS.slice(0, 2)
const ONE = APPS.slice(0, 1)

function of<T>(things: T[], racer: number): T {
  const thing = things[racer % things.length]
  if (thing === undefined) throw new Error('there is one for each')
  return thing
}

/** All that one caller brings has its number. */
function proven(racer: number, from = WIZARD, given: Partial<Activation> = {}) {
  const [authenticator, backup] = [of(APPS, racer), backupCode({ id: `${racer}` })]
  return activation(from, { authenticator, backup, next: { ...from, version: 2, sealed: `${racer}` }, ...given })
}

const MOST = 3
const KEY = passkey({ id: 'key' }, { backupEligible: false, backedUp: false, signCount: 4 })
const KEYS = EACH.map((racer) => passkey({ id: `${racer}` }, { key: `${racer}` }))
const USE = { signCount: 5, backedUp: false, agent: 'Chrome', at: NOW, strict: false, tell: () => [] }

function other(racer: number): Account {
  const email = `sanne-${racer}@sigma.example`
  return { ...SANNE, id: `sanne-${racer}`, email, emailKey: email }
}

function add(person: Draft, racer: number, key: string, accountId = `sanne-${racer}`) {
  const one = passkey({ id: `${racer}`, accountId }, { key })
  return addPasskey(person, { epoch: SANNE.epoch, passkey: one, most: MOST }, [])
}

export const FACTOR_RACES: Race[] = [
  {
    name: 'one proves a factor from one version of the wizard, and all that is kept is its own',
    begins: () => ({ account: SANNE, wizards: [WIZARD], devices: [DEVICE] }),
    rule: (person, racer) => activate(person, proven(racer, WIZARD, { replacesAll: racer % 2 === 1 }), NOW, []),
    holds({ person, winner }) {
      const own = {
        authenticators: [{ id: `${winner}` }],
        backup: { id: `${winner}` },
        wizards: [{ sealed: `${winner}` }],
      }
      expect(person).toMatchObject(own)
      expect(person.account?.epoch).toBe(winner % 2 === 1 ? 2 : 1)
    },
  },
  {
    name: 'hijacking: of twenty first factors from as many sessions one comes',
    begins: () => ({ account: NEW, wizards: WIZARDS }),
    rule: (person, racer) => activate(person, proven(racer, of(WIZARDS, racer), { firstOnly: true }), NOW, []),
    holds: ({ person, winner }) => expect(person.authenticators).toMatchObject([{ id: `${winner}` }]),
  },
  {
    name: 'a factor is proven while others change the wizard: one of all is done',
    begins: () => ({ account: SANNE, wizards: [WIZARD] }),
    rule: (person, racer) =>
      racer % 2 === 0
        ? activate(person, proven(racer), NOW, [])
        : putWizard(person, { ...WIZARD, version: 2, sealed: `${racer}` }, NOW),
    holds({ person, winner }) {
      expect(person.wizards).toMatchObject([{ version: 2, sealed: `${winner}` }])
      expect(person.authenticators).toHaveLength(winner % 2 === 0 ? 1 : 0)
    },
  },
  {
    name: 'one more app from one wizard confirmed twenty times: one comes',
    begins: () => ({ account: SANNE, authenticators: ONE, wizards: [WIZARD] }),
    rule: (person) => changeApp(person, appChange(WIZARD), NOW, []),
    holds: ({ person }) => expect([person.authenticators.length, person.account?.epoch]).toEqual([2, 2]),
  },
  {
    name: 'one more app from each of twenty wizards: one comes, and what the others were begun in has ended',
    begins: () => ({ account: SANNE, authenticators: ONE, wizards: WIZARDS }),
    rule: (person, racer) => changeApp(person, appChange(of(WIZARDS, racer)), NOW, []),
    holds: ({ person }) => expect(person.authenticators).toHaveLength(2),
  },
  {
    name: 'one takes the place of one app',
    begins: () => ({ account: SANNE, authenticators: ONE, wizards: WIZARDS }),
    rule: (person, racer) => changeApp(person, appChange(of(WIZARDS, racer), { replaces: '0' }), NOW, []),
    holds: ({ person }) => expect(person.authenticators).toHaveLength(1),
  },
  {
    name: 'one number comes with one code',
    begins: () => ({ account: SANNE, sentCodes: [SENT] }),
    rule: (person) => addNumber(person, numberChange(SENT, { raisesEpoch: false }), NOW, []),
    holds: ({ person }) => expect([person.authenticators.length, person.sentCodes]).toEqual([1, []]),
  },
  {
    name: 'a number that ends everything else comes once, though twenty come with as many codes',
    begins: () => ({ account: SANNE, sentCodes: CODES }),
    rule: (person, racer) => addNumber(person, numberChange(of(CODES, racer)), NOW, []),
    holds: ({ person }) => expect([person.authenticators.length, person.account?.epoch]).toEqual([1, 2]),
  },
  {
    name: 'a number is one, though twenty come with as many codes',
    begins: () => ({ account: SANNE, sentCodes: CODES }),
    rule: (person, racer) => addNumber(person, numberChange(of(CODES, racer), { raisesEpoch: false }), NOW, []),
    wins: 20,
    holds: ({ person }) => expect([person.authenticators.length, person.sentCodes]).toEqual([1, []]),
  },
  {
    name: 'a number is removed once',
    begins: () => ({ account: SANNE, authenticators: [...ONE, authenticator({ id: 'number', kind: 'sms' })] }),
    rule: (person) => removeAuthenticator(person, { id: 'number', rpId: RP_ID }, []) === 'removed',
    holds: ({ person }) => expect([person.authenticators.length, person.account?.epoch]).toEqual([1, 2]),
  },
  {
    name: 'of two apps that are removed one stays',
    begins: () => ({ account: SANNE, authenticators: TWO }),
    rule: (person, racer) => removeAuthenticator(person, { id: of(TWO, racer).id, rpId: RP_ID }, []) === 'removed',
    holds: ({ person }) => expect([person.authenticators.length, person.account?.epoch]).toEqual([1, 2]),
  },
  {
    name: 'of twenty apps that are all removed one stays',
    begins: () => ({ account: SANNE, authenticators: APPS }),
    rule: (person, racer) => removeAuthenticator(person, { id: `${racer}`, rpId: RP_ID }, []) === 'removed',
    wins: 19,
    holds: ({ person }) => expect([person.authenticators.length, person.account?.epoch]).toEqual([1, 20]),
  },
  {
    name: 'two-step verification is turned off once',
    begins: () => ({ account: SANNE, authenticators: ONE, devices: [DEVICE] }),
    rule: (person) => turnOff(person, { id: '0', rpId: RP_ID }, []),
    holds: ({ person }) => expect([person.authenticators, person.account?.epoch]).toEqual([[], 2]),
  },
  {
    name: 'turned off while another app takes the place of the only one: one of both happens',
    begins: () => ({ account: SANNE, authenticators: ONE, wizards: [WIZARD] }),
    rule: (person, racer) =>
      racer % 2 === 0
        ? turnOff(person, { id: '0', rpId: RP_ID }, [])
        : changeApp(person, appChange(WIZARD, { replaces: '0' }), NOW, []),
    // An app that nobody is asked for, or an enrolled person without one, is what must not be.
    holds: ({ person }) => expect(person.authenticators).toHaveLength(person.account?.enrolledAt === undefined ? 0 : 1),
  },
  {
    name: 'one passkey registered for twenty accounts at once is one’s',
    apart: true,
    begins: (racer) => ({ account: other(racer) }),
    wants: keyOf.passkey('credential'),
    rule: (person, racer) => add(person, racer, 'credential') === 'added',
    holds: ({ person, winner }) =>
      expect(person.authenticators).toMatchObject([{ accountId: `sanne-${winner}`, passkey: { key: 'credential' } }]),
  },
  {
    name: 'of twenty passkeys for one account as many come as there is room for',
    begins: () => ({ account: SANNE }),
    rule: (person, racer) => add(person, racer, `${racer}`, 'sanne') === 'added',
    wins: MOST,
    holds: ({ person }) => expect(person.authenticators).toHaveLength(MOST),
  },
  {
    name: 'of twenty signatures with one number one is not lower',
    begins: () => ({ account: SANNE, authenticators: [KEY] }),
    rule: (person) => usePasskey(person, KEY.id, { ...USE, strict: true }) === 'right',
    holds: ({ person }) => expect(person.authenticators).toMatchObject([{ passkey: { signCount: 5 } }]),
  },
  {
    name: 'of passkeys that are all removed one stays',
    begins: () => ({ account: SANNE, authenticators: KEYS, backup: backupCode({ savedAt: NOW }) }),
    rule: (person, racer) => removeAuthenticator(person, { id: `${racer}`, rpId: RP_ID }, []) === 'removed',
    wins: 19,
    holds: ({ person }) => expect([person.authenticators.length, person.account?.epoch]).toEqual([1, 20]),
  },
]
