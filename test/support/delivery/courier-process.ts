/**
 * A process with nothing but the embedded store, the courier and SMTP, for tests that kill it.
 *
 * Arguments: the database file, the mail server's URL, by how many milliseconds its clock is ahead, and the id of the
 * parcel to put in the queue (`-` for none). It carries what is due, prints how many parcels still wait, and ends.
 */
import { courier } from '../../../src/delivery/courier.ts'
import { wrapper } from '../../../src/delivery/queue.ts'
import { smtp } from '../../../src/delivery/smtp.ts'
import { keyring, sealer } from '../../../src/lib/crypto.ts'
import { logger } from '../../../src/lib/log.ts'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'

const [file = '', url = '', ahead = '0', id = '-'] = process.argv.slice(2)
const now = () => Date.now() + Number(ahead)
const store = openSqliteStore(file)
const seal = sealer(keyring([{ id: 'test', key: Buffer.alloc(32, 7) }]), 'parcel')
const sendEmail = smtp({ url, from: 'Sigma ID <no-reply@sigma.example>' })
const mail = { to: 'sanne@sigma.example', subject: 'Welcome', text: 'Hello', html: '<p>Hello</p>' }

if (id !== '-') {
  const parcel = wrapper(seal, now)('email', mail)
  const sealed = seal.seal(JSON.stringify(mail), `parcel/email/${id}`)
  await store.durable.enqueue([{ ...parcel, id, sealed }])
}
await courier({
  store: store.durable,
  seal,
  handlers: { email: (email, parcel) => sendEmail(email, parcel.id) },
  now,
  log: logger('warn'),
}).drain()
console.log(JSON.stringify(await store.durable.backlog()))
sendEmail.close()
await store.close()
