/** What goes out: mails, text messages, tokens of sign-out, and links that are made when they are sent. */

import { type Courier, courier, type Handlers } from '../delivery/courier.ts'
import type { Outbox } from '../delivery/outbox.ts'
import { tellingOf } from '../doctor/back-channel.ts'
import { SECOND } from '../lib/time.ts'
import type { Oidc } from '../oidc/provider.ts'
import { keyOf } from '../person/kind.ts'
import { renewLink } from '../person/link.ts'
import { carriers } from './carriers.ts'
import type { Core } from './core.ts'

export interface Deliveries extends Courier {
  /** Where mails and messages end up in development. */
  box: Outbox | undefined
  closeMail(): void
}

export async function deliveries(
  core: Core,
  oidc: Pick<Oidc, 'sendLogout'>,
  clockIsRight: () => Promise<boolean>,
): Promise<Deliveries> {
  const { config, store, seal, links, counters, record, log, now } = core
  const { durable } = store
  const { sendEmail, sendSms, box, closeMail } = await carriers(config, log, now)
  const handlers: Handlers = {
    async email({ link, ...email }, { id }) {
      if (link) {
        const until = now() + link.lifetime
        await durable.people.changeBy(keyOf.link(link.digest), (person) => renewLink(person, link.digest, until))
      }
      await sendEmail(email, id)
    },
    sms: ({ to, text }, { id }) => sendSms(to, text, id),
    link: (content) => links.send(content),
    async logout(content) {
      await tellingOf(content.clientId, core.notes.note, () => oidc.sendLogout(content))
      await record({ type: 'logout.notified', outcome: 'ok', subject: content.accountId, client: content.clientId })
    },
  }
  counters.watch('queue', () => durable.backlog(), [
    {
      name: 'sigma_queue_waiting',
      help: 'Mails, messages and logout tokens that wait to be delivered',
      value: ({ waiting }) => waiting,
    },
    {
      name: 'sigma_queue_oldest_seconds',
      help: 'Age of the oldest of them; 0 if none waits',
      value: ({ oldest }) => (oldest === undefined ? 0 : (now() - oldest) / SECOND),
    },
  ])
  const carried = courier({
    store: {
      ...durable,
      // A node whose clock is wrong would take what another node has in hand.
      claim: async (at, leasedUntil, limit) => ((await clockIsRight()) ? durable.claim(at, leasedUntil, limit) : []),
    },
    seal,
    handlers,
    now,
    log,
    onAttempt: counters.countDelivery,
    onGivenUp: (channel, reason) =>
      record({ type: 'delivery.failed', outcome: 'failed', details: { channel, reason } }),
  })
  return { ...carried, box, closeMail }
}
