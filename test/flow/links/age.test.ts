import { expect, onTestFinished, test } from 'vitest'
import { HOUR, MINUTE } from '../../../src/lib/time.ts'
import { startApp } from '../../support/app/app.ts'
import { smtpServer } from '../../support/delivery/smtp-server.ts'
import { Person } from '../../support/people/person.ts'
import { forEachTest } from '../../support/runner/made.ts'

const PASSWORD = 'vier losse woorden samen'
const EMAIL = 'person-0@sigma.example'

const mails = forEachTest(smtpServer)

test('a link that was asked for while the mail server was down for an hour still opens when it arrives', async () => {
  let time = Date.now()
  const app = await startApp({ env: { SIGMA_SMTP_URL: mails.url }, now: () => time })
  onTestFinished(() => app.stop())
  const email = EMAIL
  await app.core.links.invite({ email, name: 'Sanne', locale: 'nl' })
  await app.drain()
  const linkIn = (n: number) => /https?:\/\/\S+\/(activate|recover)\/\S+/.exec(mails.messages[n]?.text ?? '')?.[0] ?? ''
  const person = new Person()
  await person.visit(linkIn(0))
  await person.submit({ password: PASSWORD, repeat: PASSWORD })

  mails.fail('MAIL', '451 down for maintenance')
  await person.visit(`${app.origin}/recover`)
  await person.submit({ email })
  for (const end = time + HOUR; time < end; time += 5 * MINUTE) await app.drain()
  mails.recover()
  for (const end = time + 2 * HOUR; mails.messages.length < 2 && time < end; time += MINUTE) await app.drain()
  await person.visit(linkIn(1))
  expect(person.page.status).toBe(200)
})
