/** Races about codes, each used once, and about devices and wizards. */
import { expect } from 'vitest'
import { advanceStep } from '../../../src/person/authenticator.ts'
import { renewBackupCode } from '../../../src/person/backup-code.ts'
import { keyOf } from '../../../src/person/kind.ts'
import { insertDevice, removeDevices, rotateDevice } from '../../../src/person/remembered-device.ts'
import { spendSentCode } from '../../../src/person/sent-code.ts'
import { putWizard } from '../../../src/person/wizard.ts'
import { useBackupCode, useTemporaryCode } from '../../support/people/spent-codes.ts'
import { authenticator, backupCode, device, pending, sentCode, temporaryCode } from '../../support/samples/factors.ts'
import { NOW } from '../../support/samples/records.ts'
import { type Race, SANNE } from './people-race.ts'

const APP = authenticator()
const BACKUP = backupCode()
const TEMPORARY = temporaryCode()
const SENT = sentCode()
const DEVICE = device()
const WIZARD = pending()
const MOST = 5

const renewed = (racer: number) => backupCode({ id: `${racer}` })

export const CODE_RACES: Race[] = [
  {
    name: 'one uses one step of an app',
    begins: () => ({ account: SANNE, authenticators: [APP] }),
    rule: (person) => advanceStep(person, APP.id, 8, NOW),
    holds: ({ person }) => expect(person.authenticators).toMatchObject([{ lastStep: 8, lastUsedAt: NOW }]),
  },
  {
    name: 'twenty steps of an app: the last used one never moves back',
    begins: () => ({ account: SANNE, authenticators: [APP] }),
    rule(person, racer) {
      const before = person.authenticators[0]?.lastStep
      return advanceStep(person, APP.id, racer + 1, NOW) && before
    },
    wins: 'some',
    // Each begins where the one before ended.
    holds({ person, won, outcomes }) {
      expect([...won.map((racer) => outcomes[racer]), 20]).toEqual([0, ...won.map((racer) => racer + 1)])
      expect(person.authenticators).toMatchObject([{ lastStep: 20 }])
    },
  },
  {
    name: 'one of twenty sessions uses a backup code: its new one is kept',
    begins: () => ({ account: SANNE, backup: BACKUP }),
    rule: (person, racer) => useBackupCode(person, BACKUP.id, renewed(racer), NOW, `${racer}`),
    holds: ({ person, winner }) => expect(person.backup?.id).toBe(`${winner}`),
  },
  {
    name: 'of twenty new backup codes in the place of one, one is kept',
    begins: () => ({ account: SANNE, backup: BACKUP, devices: [DEVICE] }),
    rule: (person, racer) => renewBackupCode(person, renewed(racer), BACKUP.id, [], 1),
    holds: ({ person, winner }) =>
      expect([person.backup?.id, person.account?.epoch, person.devices]).toEqual([`${winner}`, 2, []]),
  },
  {
    name: 'of twenty new backup codes where there is none, one is kept',
    begins: () => ({ account: SANNE }),
    rule: (person, racer) => renewBackupCode(person, renewed(racer), undefined, [], 1),
    holds: ({ person, winner }) => expect(person.backup?.id).toBe(`${winner}`),
  },
  {
    name: 'a backup code that is used while another takes its place: one of both happens',
    begins: () => ({ account: SANNE, backup: BACKUP }),
    rule: (person, racer) =>
      racer % 2 === 0
        ? useBackupCode(person, BACKUP.id, renewed(racer), NOW, `${racer}`)
        : renewBackupCode(person, renewed(racer), BACKUP.id, [], 1),
    holds: ({ person, winner }) => expect(person.backup?.id).toBe(`${winner}`),
  },
  {
    name: 'one of twenty sessions uses a temporary code',
    begins: () => ({ account: SANNE, temporaryCodes: [TEMPORARY] }),
    rule: (person, racer) => useTemporaryCode(person, TEMPORARY.digest, NOW, `${racer}`),
    holds: ({ person, winner }) =>
      expect(person.temporaryCodes).toMatchObject([{ spentAt: NOW, held: { by: `${winner}` } }]),
  },
  {
    name: 'one uses a code that was sent',
    begins: () => ({ account: SANNE, sentCodes: [SENT] }),
    rule: (person) => spendSentCode(person, SENT.key, SENT.digest, NOW),
    holds: ({ person }) => expect(person.sentCodes).toEqual([]),
  },
  {
    name: 'two tabs and more exchange one token of a device: the winner’s is kept',
    begins: () => ({ account: SANNE, devices: [DEVICE] }),
    by: keyOf.device(DEVICE.id),
    rule: (person, racer) =>
      rotateDevice(person, { id: DEVICE.id, from: DEVICE.digest, to: `${racer}`, previousUntil: NOW }, NOW),
    holds: ({ person, winner }) =>
      expect(person.devices).toMatchObject([{ digest: `${winner}`, previousDigest: DEVICE.digest }]),
  },
  {
    name: 'of twenty remembered devices the newest stay, no more than may',
    begins: () => ({ account: SANNE }),
    rule: (person, racer) => insertDevice(person, device({ id: `${racer}`, createdAt: NOW + racer }), MOST, [], 1),
    wins: 20,
    holds: ({ person }) => expect(person.devices.map(({ id }) => id)).toEqual(['15', '16', '17', '18', '19']),
  },
  {
    name: 'all devices are forgotten once',
    begins: () => ({ account: SANNE, devices: [DEVICE] }),
    rule: (person) => removeDevices(person) > 0,
    holds: ({ person }) => expect(person.devices).toEqual([]),
  },
  {
    name: 'of twenty wizards that begin under one key one is kept',
    begins: () => ({ account: SANNE }),
    rule: (person, racer) => putWizard(person, { ...WIZARD, sealed: `${racer}` }, NOW),
    holds: ({ person, winner }) => expect(person.wizards).toEqual([{ ...WIZARD, sealed: `${winner}` }]),
  },
  {
    name: 'of twenty wizards that begin over an expired one, one is kept',
    begins: () => ({ account: SANNE, wizards: [{ ...WIZARD, expiresAt: NOW }] }),
    rule: (person, racer) => putWizard(person, { ...WIZARD, sealed: `${racer}` }, NOW),
    holds: ({ person, winner }) => expect(person.wizards).toEqual([{ ...WIZARD, sealed: `${winner}` }]),
  },
  {
    name: 'of twenty changes from one version of a wizard one is kept',
    begins: () => ({ account: SANNE, wizards: [WIZARD] }),
    rule: (person, racer) => putWizard(person, { ...WIZARD, version: 2, sealed: `${racer}` }, NOW),
    holds: ({ person, winner }) => expect(person.wizards).toEqual([{ ...WIZARD, version: 2, sealed: `${winner}` }]),
  },
]
