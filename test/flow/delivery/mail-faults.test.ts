/** Mail through the whole product while the mail server, or the product itself, is in trouble (SECURITY R-12). */
import { expect, onTestFinished, test } from 'vitest'
import { HOUR, MINUTE } from '../../../src/lib/time.ts'
import { type RunningApp, startApp } from '../../support/app/app.ts'
import { commandLine, installation, startServer } from '../../support/app/process.ts'
import { type Fault, type Stage, smtpServer } from '../../support/delivery/smtp-server.ts'
import { Person } from '../../support/people/person.ts'
import { forEachTest } from '../../support/runner/made.ts'

const PASSWORD = 'vier losse woorden samen'

const mails = forEachTest(smtpServer)

function received(): string[] {
  return mails.messages.map(({ to: [to = ''] }) => to).sort()
}

function addresses(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `person-${n}@sigma.example`)
}

async function startWithMail(now: () => number, folder?: string): Promise<RunningApp> {
  const app = await startApp({ env: { SIGMA_SMTP_URL: mails.url }, now, ...(folder && { folder }) })
  onTestFinished(() => app.stop())
  return app
}

function inviteAll(app: RunningApp, people: string[]): Promise<unknown> {
  return Promise.all(people.map((email) => app.core.links.invite({ email, name: 'Sanne de Vries', locale: 'nl' })))
}

test.each<[string, Stage, Fault]>([
  ['refuses connections', 'connect', '421 down for maintenance'],
  ['drops connections', 'connect', 'drop'],
  ['takes no mail for now', 'MAIL', '451 try again later'],
  ['has a full disk', 'message', '452 insufficient storage'],
])('a mail server that %s for an hour: nothing is lost, and nothing comes twice', async (_what, stage, fault) => {
  let time = Date.now()
  const app = await startWithMail(() => time)
  const people = addresses(8)
  mails.fail(stage, fault)
  await inviteAll(app, people.slice(0, 4))
  for (const end = time + HOUR; time < end; time += 5 * MINUTE) {
    await app.drain()
  }
  await inviteAll(app, people.slice(4))
  await app.drain()
  expect(mails.messages).toEqual([])
  expect(await app.core.store.durable.backlog()).toMatchObject({ waiting: people.length })

  mails.recover()
  for (const end = time + 3 * HOUR; time < end; time += 5 * MINUTE) await app.drain()
  expect(received()).toEqual(people)
  expect(await app.core.store.durable.backlog()).toMatchObject({ waiting: 0 })

  const [late] = people
  const mail = mails.messages.find(({ to }) => to[0] === late)
  const link = /https?:\/\/\S+\/activate\/\S+/.exec(mail?.text ?? '')?.[0] ?? ''
  const person = new Person()
  await person.visit(link)
  await person.submit({ password: PASSWORD, repeat: PASSWORD })
  expect(person.page.url).toContain('/interaction/')
})

test.each<Stage>(['RCPT', 'DATA', 'message'])(
  'killed while the mail server is silent at %s: after a restart every mail arrives, once',
  async (stage) => {
    const where = await installation({ env: { SIGMA_SMTP_URL: mails.url } })
    const server = await startServer(where)
    mails.fail(stage, 'hang')
    const people = addresses(3)
    for (const email of people) {
      expect(await commandLine(where, 'person:invite', '--email', email, '--name', 'Sanne')).toMatchObject({ code: 0 })
    }
    await mails.reached(stage)
    server.signal('SIGKILL')
    await server.ended
    mails.recover()
    expect(mails.messages).toEqual([])

    // The killed process's lease runs for a minute; a clock that is ahead stands in for the wait.
    const app = await startWithMail(() => Date.now() + 2 * MINUTE, where.data)
    while ((await app.drain()) > 0);
    expect(received()).toEqual(people)
    const again = await startWithMail(() => Date.now() + 2 * HOUR, where.data)
    await again.drain()
    expect(received()).toEqual(people)
  },
)
