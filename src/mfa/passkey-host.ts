/** The name that passkeys are for. */
import { isIP } from 'node:net'

/** The RP id (WebAuthn Level 3 section 5.1.2): undefined for a host that is an address, which can have no passkeys. */
export function rpIdOf({
  issuer,
  passkeys,
}: {
  issuer: string
  passkeys: { rpId?: string | undefined }
}): string | undefined {
  const { hostname } = new URL(issuer)
  return isIP(hostname.replace(/^\[|\]$/g, '')) ? undefined : (passkeys.rpId ?? hostname)
}
