/**
 * An authenticator that is not there, for one tab: it keeps passkeys and answers by itself (WebAuthn, section 11, by
 * Chromium's own protocol). Nobody is asked for a finger.
 */
import type { Page } from 'playwright-core'

export interface AuthenticatorOptions {
  /** A security key that is plugged in, and not the device itself. */
  usb?: boolean
  /** Whether it can tell who holds it; a security key of old cannot. */
  verifies?: boolean
  /** Whether it is the right finger. */
  verified?: boolean
  /** Somebody is there from the beginning, so that each request is answered at once, one that is conditional too. */
  present?: boolean
  /** Passkeys of it are kept by a password manager that copies them to other devices. */
  synced?: boolean
}

/** As Chromium shows it: bytes as base64 (not base64url). */
export interface KeptPasskey {
  credentialId: string
  isResidentCredential: boolean
  rpId?: string
  privateKey: string
  userHandle?: string
  signCount: number
  backupEligibility?: boolean
  backupState?: boolean
  userName?: string
  userDisplayName?: string
}

export interface VirtualAuthenticator {
  /** What it keeps. */
  passkeys(): Promise<KeptPasskey[]>
  /** Puts one in, such as that of another authenticator. */
  add(passkey: KeptPasskey): Promise<void>
  empty(): Promise<void>
  /** From now on it is the right finger, or not. */
  verify(verified: boolean): Promise<void>
  /** From now on somebody is there, or nobody; a request that is open waits. */
  attend(present: boolean): Promise<void>
  /** Takes it out; a request that is open waits for another one. */
  remove(): Promise<void>
}

/**
 * Puts an authenticator in: the device's own, with somebody who is not there yet. Pages with a conditional request would
 * be answered before a test has done anything.
 */
export async function virtualAuthenticator(
  page: Page,
  options: AuthenticatorOptions = {},
): Promise<VirtualAuthenticator> {
  const { usb = false, verifies = true, verified = true, present = false, synced = false } = options
  const session = await page.context().newCDPSession(page)
  await session.send('WebAuthn.enable', { enableUI: false })
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: usb ? 'usb' : 'internal',
      hasResidentKey: true,
      hasUserVerification: verifies,
      isUserVerified: verified,
      automaticPresenceSimulation: present,
      defaultBackupEligibility: synced,
      defaultBackupState: synced,
    },
  })
  const one = { authenticatorId }
  return {
    passkeys: async () => (await session.send('WebAuthn.getCredentials', one)).credentials,
    add: async (credential) => {
      await session.send('WebAuthn.addCredential', { ...one, credential })
    },
    empty: async () => {
      await session.send('WebAuthn.clearCredentials', one)
    },
    verify: async (isUserVerified) => {
      await session.send('WebAuthn.setUserVerified', { ...one, isUserVerified })
    },
    attend: async (enabled) => {
      await session.send('WebAuthn.setAutomaticPresenceSimulation', { ...one, enabled })
    },
    remove: async () => {
      await session.send('WebAuthn.removeVirtualAuthenticator', one)
    },
  }
}
