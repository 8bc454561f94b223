/**
 * What tests ask of people: one rule or one look at a time, each as a change or a find of its own. The product puts its
 * rules together itself; here is only what saves a test from saying so.
 */
import type { Parcel } from '../../../src/delivery/queue.ts'
import type { Locale } from '../../../src/lib/locales.ts'
import * as accounts from '../../../src/person/account.ts'
import * as addresses from '../../../src/person/address.ts'
import * as authenticators from '../../../src/person/authenticator.ts'
import * as backup from '../../../src/person/backup-code.ts'
import * as undos from '../../../src/person/email-undo.ts'
import { erase } from '../../../src/person/erasure.ts'
import * as factors from '../../../src/person/factor-changes.ts'
import { keyOf, type People } from '../../../src/person/kind.ts'
import * as browsers from '../../../src/person/known-browser.ts'
import * as links from '../../../src/person/link.ts'
import * as passwords from '../../../src/person/password.ts'
import { type Draft, emptyPersonRecord, type PersonRecord } from '../../../src/person/person.ts'
import * as cases from '../../../src/person/recovery-case.ts'
import * as devices from '../../../src/person/remembered-device.ts'
import * as sent from '../../../src/person/sent-code.ts'
import * as temporary from '../../../src/person/temporary-code.ts'
import { tidy } from '../../../src/person/tidy.ts'
import * as wizards from '../../../src/person/wizard.ts'
import { unlessTaken } from '../../../src/record/records.ts'
import { NOW } from '../samples/records.ts'
import { useBackupCode, useTemporaryCode } from './spent-codes.ts'

type Parcels = Parcel[]
/** With whose it is. */
export type Of<T> = T & { accountId: string }
export type Asked = ReturnType<typeof asked>

const ALL = 10_000
/** That of the passkeys in samples/factors.ts. */
export const RP_ID = 'sigma.example'
const ABSENT = {
  givenName: undefined,
  familyName: undefined,
  organizationId: undefined,
  passwordHash: undefined,
  passwordChangedAt: undefined,
  enrolledAt: undefined,
  noticeEmail: undefined,
  previousEmail: undefined,
  emailChangedAt: undefined,
}

export function asked(people: People) {
  return {
    ...askedOfAccounts(people),
    ...askedOfAddresses(people),
    ...askedOfFactors(people),
    ...askedOfCodes(people),
    ...askedOfCases(people),
  }
}

/** Of whoever has the key. */
async function look<T>(people: People, key: string, find: (person: PersonRecord) => T): Promise<T | undefined> {
  const found = await people.findBy(key)
  return found && find(found.record)
}

async function personOf(people: People, id: string): Promise<PersonRecord> {
  return (await people.find(id)) ?? emptyPersonRecord()
}

function askedOfAccounts(people: People) {
  const { change } = people
  return {
    /** With what it does not have as undefined, which a test may look for. */
    findAccount: async (id: string): Promise<accounts.Account | undefined> => {
      const account = (await people.find(id))?.account
      return account && { ...ABSENT, ...account }
    },
    findAccountByEmail: (emailKey: string) => look(people, keyOf.email(emailKey), ({ account }) => account),
    erasedAt: async (id: string) => (await people.find(id))?.erasedAt,
    searchAccounts: async (text: string, limit: number) =>
      (await people.search(text, limit)).flatMap(({ record }) => record.account ?? []),
    insertAccount: (account: accounts.Account, link: links.Link, parcels: Parcels) =>
      unlessTaken(
        keyOf.email(account.emailKey),
        false,
        change(account.id, (draft) => accounts.insertAccount(draft, account, link, parcels)),
      ),
    setLocale: (id: string, locale: Locale, parcels: Parcels) =>
      change(id, (draft) => accounts.setLocale(draft, locale, parcels)),
    setStatus: (to: Of<accounts.StatusChange>, parcels: Parcels) =>
      change(to.accountId, (draft) => accounts.setStatus(draft, to, parcels)),
    eraseAccount: (id: string, at: number, parcels: Parcels) => change(id, (draft) => erase(draft, at, parcels)),
    listHashKeys: () => people.values('hashKey'),
    listOrganizations: () => people.values('organization'),
    findLink: (digest: string) => look(people, keyOf.link(digest), (person) => links.findLink(person, digest)),
    replaceLink: (link: links.Link, parcels: Parcels) =>
      change(link.accountId, (draft) => links.replaceLink(draft, link, parcels)),
    renewLink: (digest: string, expiresAt: number) =>
      people.changeBy(keyOf.link(digest), (draft) => links.renewLink(draft, digest, expiresAt)),
    setPassword: (to: Of<passwords.PasswordChange>, parcels: Parcels) =>
      change(to.accountId, (draft) => passwords.setPassword(draft, to, parcels)),
    changePassword: (to: Of<passwords.OwnPasswordChange>, parcels: Parcels) =>
      change(to.accountId, (draft) => passwords.changePassword(draft, to, parcels)),
    upgradeHash: (id: string, from: string, to: string) =>
      change(id, (draft) => passwords.upgradeHash(draft, from, to, 0)),
    rememberBrowser: (digest: string, id: string, hash: string, expiresAt: number) =>
      change(id, (draft) => browsers.rememberBrowser(draft, { digest, expiresAt }, hash)),
    isKnownBrowser: async (digest: string, id: string, now: number) =>
      browsers.isKnownBrowser(await personOf(people, id), digest, now),
    /** Returns how much was dropped. */
    async tidy(now: number) {
      const due = await people.list({ by: 'tidyAt', to: now, limit: ALL })
      let dropped = 0
      for (const { id } of due) dropped += await change(id, (draft) => tidy(draft, now))
      return dropped
    },
  }
}

function askedOfAddresses(people: People) {
  const { change } = people
  return {
    putAddressCode: (code: addresses.AddressCode, parcels: Parcels) =>
      change(code.accountId, (draft) => addresses.putAddressCode(draft, code, parcels)),
    findAddressCode: async (id: string, key: string, now: number) =>
      addresses.findAddressCode(await personOf(people, id), key, now),
    changeEmail: async (to: Of<addresses.EmailChange>, parcels: Parcels) => {
      const changed = change(to.accountId, (draft) => addresses.changeEmail(draft, to, parcels))
      const outcome = await unlessTaken(keyOf.email(to.emailKey), 'taken' as const, changed)
      return outcome === 'taken' ? outcome : outcome ? 'changed' : 'wrong-code'
    },
    setNoticeEmail: (
      accountId: string,
      code: { key: string; digest: string },
      noticeEmail: string,
      at: number,
      parcels: Parcels,
      epoch?: number,
    ) =>
      change(accountId, (draft) => {
        const given = { code, noticeEmail, at, epoch: epoch ?? draft.account?.epoch ?? 0 }
        return addresses.setNoticeEmail(draft, given, parcels)
      }),
    removeNoticeEmail: (id: string, parcels: Parcels) =>
      change(id, (draft) => addresses.removeNoticeEmail(draft, parcels)),
    findEmailUndo: (digest: string) =>
      look(people, keyOf.undo(digest), (person) => undos.findEmailUndo(person, digest)),
    listEmailUndos: async (id: string, now: number) => undos.listEmailUndos(await personOf(people, id), now),
    undoEmail: async (digest: string, at: number, parcels: Parcels) => {
      const undo = await look(people, keyOf.undo(digest), (person) => undos.findEmailUndo(person, digest))
      const undone = people.changeBy(keyOf.undo(digest), (draft) => undos.undoEmail(draft, digest, at, parcels))
      return (await unlessTaken(keyOf.email(undo?.emailKey ?? ''), false, undone)) ?? false
    },
  }
}

function askedOfFactors(people: People) {
  const { change } = people
  return {
    listAuthenticators: async (id: string) => authenticators.listAuthenticators(await personOf(people, id)),
    renameAuthenticator: (accountId: string, id: string, label: string, parcels: Parcels) =>
      change(accountId, (draft) => authenticators.renameAuthenticator(draft, id, label, parcels)),
    advanceStep: (accountId: string, id: string, step: number, now: number) =>
      change(accountId, (draft) => authenticators.advanceStep(draft, id, step, now)),
    countNumber: (numberKey: string) => people.count('number', numberKey),
    activate: (to: Of<factors.Activation>, now: number, parcels: Parcels) =>
      change(to.accountId, (draft) => factors.activate(draft, to, now, parcels)),
    changeApp: (to: Of<factors.AppChange>, now: number, parcels: Parcels) =>
      change(to.accountId, (draft) => factors.changeApp(draft, to, now, parcels)),
    addNumber: (to: factors.NumberChange, now: number, parcels: Parcels) =>
      change(to.authenticator.accountId, (draft) => factors.addNumber(draft, to, now, parcels)),
    removeAuthenticator: (accountId: string, id: string, parcels: Parcels) =>
      change(accountId, (draft) => factors.removeAuthenticator(draft, { id, rpId: RP_ID }, parcels)),
    turnOff: (accountId: string, id: string, parcels: Parcels) =>
      change(accountId, (draft) => factors.turnOff(draft, { id, rpId: RP_ID }, parcels)),
    findPending: async (key: string, accountId: string, now: number) =>
      wizards.findWizard(await personOf(people, accountId), key, now),
    putPending: (wizard: wizards.PendingEnrollment, now: number) =>
      change(wizard.accountId, (draft) => wizards.putWizard(draft, wizard, now)),
    removePending: (id: string, key: string) => change(id, (draft) => wizards.removeWizard(draft, key)),
    insertDevice: (device: devices.RememberedDevice, most: number, parcels: Parcels, epoch?: number) =>
      change(device.accountId, (draft) =>
        devices.insertDevice(draft, device, most, parcels, epoch ?? draft.account?.epoch),
      ),
    findDevice: (id: string, now: number) =>
      look(people, keyOf.device(id), (person) => devices.findDevice(person, id, now)),
    rotateDevice: async (id: string, from: string, to: string, previousUntil: number, now: number) =>
      (await people.changeBy(keyOf.device(id), (draft) =>
        devices.rotateDevice(draft, { id, from, to, previousUntil }, now),
      )) ?? false,
    listDevices: async (id: string, now: number) => devices.listDevices(await personOf(people, id), now),
    removeDevice: (accountId: string, id: string, parcels: Parcels) =>
      change(accountId, (draft) => devices.removeDevice(draft, id, parcels)),
    removeDevices: (id: string, parcels?: Parcels) => change(id, (draft) => devices.removeDevices(draft, parcels)),
  }
}

function askedOfCodes(people: People) {
  const { change } = people
  return {
    findBackupCode: async (id: string) => (await people.find(id))?.backup,
    replaceBackupCode: (code: backup.BackupCode, parcels: Parcels, epoch?: number) =>
      change(code.accountId, (draft) => backup.replaceBackupCode(draft, code, parcels, epoch ?? draft.account?.epoch)),
    renewBackupCode: (code: backup.BackupCode, before: string | undefined, parcels: Parcels, epoch?: number) =>
      change(code.accountId, (draft) =>
        backup.renewBackupCode(draft, code, before, parcels, epoch ?? draft.account?.epoch),
      ),
    confirmBackupCode: (accountId: string, id: string, at: number) =>
      change(accountId, (draft) => backup.confirmBackupCode(draft, id, at)),
    /** Of an account that is to have none. */
    withoutBackupCode: (id: string) => change(id, (draft) => void delete draft.backup),
    useBackupCode: (accountId: string, id: string, made: backup.BackupCode, parcels: Parcels = []) =>
      change(accountId, (draft) => useBackupCode(draft, id, made, NOW, 'session', parcels)),
    insertTemporaryCode: (code: temporary.TemporaryCode) =>
      change(code.accountId, (draft) => temporary.insertTemporaryCode(draft, code)),
    useTemporaryCode: (id: string, digest: string, now: number) =>
      change(id, (draft) => useTemporaryCode(draft, digest, now)),
    putSentCode: (code: sent.SentCode, parcels: Parcels) =>
      change(code.accountId, (draft) => sent.putSentCode(draft, code, parcels)),
    findSentCode: async (id: string, key: string, now: number) =>
      sent.findSentCode(await personOf(people, id), key, now),
    spendSentCode: (id: string, key: string, digest: string, now: number) =>
      change(id, (draft) => sent.spendSentCode(draft, key, digest, now)),
  }
}

function askedOfCases(people: People) {
  const { change, changeBy } = people
  const whose = <T>(number: string, rule: (draft: Draft) => T) => changeBy(keyOf.case(number), rule)
  return {
    insertCase: (one: cases.RecoveryCase, parcels: Parcels) =>
      unlessTaken(
        keyOf.case(one.number),
        false,
        change(one.accountId, (draft) => cases.insertCase(draft, one, parcels)),
      ),
    findCase: (number: string) => look(people, keyOf.case(number), (person) => cases.findCase(person, number)),
    findCaseByCancel: (digest: string) =>
      look(people, keyOf.cancel(digest), (person) => cases.findCaseByCancel(person, digest)),
    findOpenCase: async (id: string, now: number) => cases.findOpenCase(await personOf(people, id), now),
    listCasesByAccount: async (id: string) => cases.listCases(await personOf(people, id)),
    setContact: async (number: string, from: string, sealed: string) =>
      (await whose(number, (draft) => cases.setContact(draft, number, from, sealed))) ?? false,
    cancelCase: async (digest: string, at: number, parcels: Parcels) =>
      (await changeBy(keyOf.cancel(digest), (draft) => cases.cancelCase(draft, digest, at, parcels))) ?? false,
    decideCase: (decision: Of<cases.CaseDecision>, parcels: Parcels) =>
      change(decision.accountId, (draft) => cases.decideCase(draft, decision, parcels)),
  }
}

/** A store, and what tests ask of the people in it. */
export function withAsked<S extends { people: People }>(durable: S): S & Asked {
  return { ...durable, ...asked(durable.people) }
}
