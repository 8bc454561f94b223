/** Invitations of many, by their parts. */
import { type InvitationRounds, invitationRounds } from '../accounts/invitation-rounds.ts'
import { type Invitations, type InvitationsParts, invitations } from '../accounts/invitations.ts'
import { hmac } from '../lib/crypto.ts'
import { workingHours } from '../lib/working-hours.ts'
import type { Foundation } from './foundation.ts'

export function invitationsOf(
  { store: { durable }, organizations, ring, config, record, now }: Foundation,
  { links, life }: Pick<InvitationsParts, 'links' | 'life'>,
): { invitations: Invitations; rounds: InvitationRounds } {
  const { people, invitationRounds: rounds } = durable
  const PURPOSE = 'invitations'
  // As long as the digest of a file of applications.
  const digest = (text: string) =>
    Buffer.from(hmac(ring.derive(PURPOSE), text), 'base64url')
      .toString('hex')
      .slice(0, 32)
  return {
    invitations: invitations({
      ...{ people, rounds, organizations, links, life, digest, now },
      audit: record,
      isWorking: workingHours(config.brand.timeZone),
    }),
    rounds: invitationRounds({ people, rounds }),
  }
}
