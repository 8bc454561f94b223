/** The second factors that somebody has, as they are shown to them, and which of them may not go by itself. */
import type { Authenticator } from '../person/authenticator.ts'
import { findNumber, listApps } from '../person/authenticator.ts'
import { listPasskeys, type Passkey } from '../person/passkey.ts'
import type { PersonRecord } from '../person/person.ts'
import { listDevices } from '../person/remembered-device.ts'
import type { RememberedFactor } from '../person/second-factor.ts'
import { passkeyProvider } from './passkey-names.ts'

export interface AppView {
  id: string
  label: string
  createdAt: number
  lastUsedAt: number | undefined
  /** Brought from elsewhere: good until one that is set up here has answered. */
  old?: true | undefined
}

export interface PasskeyView {
  id: string
  label: string
  createdAt: number
  lastUsedAt: number | undefined
  /** Browser and system in which it was last used, or made. */
  agent: string
  /** Who keeps it, as far as that is known. */
  keptBy: string | undefined
  /** It is on all devices of its person, and not on one only. */
  synced: boolean
  /** Made for the name that is ours now: any other opens nothing here. */
  usable: boolean
}

export interface DeviceView {
  id: string
  agent: string
  method: RememberedFactor
  createdAt: number
  lastUsedAt: number
  expiresAt: number
}

export interface Overview {
  apps: AppView[]
  passkeys: PasskeyView[]
  /** `hint`: the last two digits. */
  phone: { id: string; hint: string; createdAt: number } | undefined
  backup: { createdAt: number; saved: boolean } | undefined
  devices: DeviceView[]
  /** Two-step verification may not be turned off: the campaign, or a role, requires it. */
  demanded: boolean
}

export interface Surroundings {
  /** The RP id that passkeys are good for. */
  rpId: string | undefined
  /** Milliseconds. */
  now: number
  demanded: boolean
}

export function overviewOf(person: PersonRecord, { rpId, now, demanded }: Surroundings): Overview {
  const { backup } = person
  const phone = findNumber(person)
  return {
    apps: listApps(person).map(toApp),
    passkeys: listPasskeys(person).map((passkey) => toPasskey(passkey, rpId)),
    phone: phone && { id: phone.id, hint: phone.label, createdAt: phone.createdAt },
    backup: backup && { createdAt: backup.createdAt, saved: backup.savedAt !== undefined },
    devices: listDevices(person, now).map(({ id, agent, method, createdAt, lastUsedAt, expiresAt }) => ({
      id,
      agent,
      method,
      createdAt,
      lastUsedAt,
      expiresAt,
    })),
    demanded,
  }
}

/** It is the only one that two-step verification is on with: passkeys for another name open nothing. */
export function isLast({ apps, passkeys }: Overview, id: string): boolean {
  const [only, ...others] = [...apps, ...passkeys.filter(({ usable }) => usable)]
  return only?.id === id && others.length === 0
}

/** Without this one only passkeys would be left, and no backup code that is saved: it is not removed (`unsaved`). */
export function needsBackup({ apps, passkeys, phone, backup }: Overview, id: string): boolean {
  const isLeft = (one: { id: string } | undefined) => one !== undefined && one.id !== id
  return !backup?.saved && ![...apps, phone].some(isLeft) && passkeys.some(isLeft)
}

function toPasskey({ id, label, createdAt, lastUsedAt, passkey }: Passkey, rpId: string | undefined): PasskeyView {
  const { agent, aaguid, backupEligible } = passkey
  const usable = passkey.rpId === rpId
  return { id, label, createdAt, lastUsedAt, agent, keptBy: passkeyProvider(aaguid), synced: backupEligible, usable }
}

function toApp({ id, label, createdAt, lastUsedAt, imported }: Authenticator): AppView {
  return { id, label, createdAt, lastUsedAt, old: imported }
}
