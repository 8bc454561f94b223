/** Whether a mail server takes us is found out without a mail, and told in words. */
import { expect, onTestFinished, test } from 'vitest'
import { checkMail } from '../../../src/check/mail.ts'
import { freePort } from '../../support/app/ports.ts'
import { type SmtpServer, smtpServer } from '../../support/delivery/smtp-server.ts'

const CANARY = 'canary7KQ2'
const credentials = { user: 'sigma', pass: 'of-its-own' }

async function server(options = {}): Promise<SmtpServer> {
  const started = await smtpServer(options)
  onTestFinished(() => started.close())
  return started
}

test('one that takes us is in order, and gets no mail', async () => {
  const { url, messages, commands } = await server({ credentials })
  const ours = url.replace('smtp://', `smtp://${credentials.user}:${credentials.pass}@`)
  expect(await checkMail(ours)).toMatchObject({ level: 'ok', name: 'SIGMA_SMTP_URL' })
  expect(messages).toEqual([])
  expect(commands.filter((line) => /^(MAIL|RCPT|DATA)/.test(line))).toEqual([])
})

test.each<[string, (url: string, one: SmtpServer) => string, RegExp]>([
  [
    'a wrong password',
    (url) => url.replace('smtp://', `smtp://sigma:${CANARY}@`),
    /^127\.0\.0\.1:\d+ does not take the user and password: it answered 535$/,
  ],
  [
    'silence',
    (url, one) => {
      one.fail('connect', 'hang')
      return url
    },
    /^127\.0\.0\.1:\d+ did not answer in time$/,
  ],
  [
    'a server that is closing',
    (url, one) => {
      one.fail('EHLO', '421 closing')
      return url
    },
    /^127\.0\.0\.1:\d+ did not take what we said: it answered 421$/,
  ],
  [
    'TLS where there is none',
    (url) => url.replace('smtp://', `smtps://sigma:${CANARY}@`),
    /^127\.0\.0\.1:\d+ does not speak TLS on that port$/,
  ],
  [
    'a host that there is not',
    () => `smtps://sigma:${CANARY}@mail.sigma.invalid`,
    /^mail\.sigma\.invalid was not found: /,
  ],
])('%s', async (_what, addressed, said) => {
  const one = await server({ credentials })
  const finding = await checkMail(addressed(one.url, one), 500)
  expect(finding).toMatchObject({ level: 'fault', name: 'SIGMA_SMTP_URL', found: expect.stringMatching(said) })
  expect(JSON.stringify(finding)).not.toContain(CANARY)
})

test('a port on which nothing listens', async () => {
  const finding = await checkMail(`smtp://user:${CANARY}@127.0.0.1:${await freePort()}`)
  expect(finding).toMatchObject({ level: 'fault', found: expect.stringMatching(/refused the connection/) })
  expect(JSON.stringify(finding)).not.toContain(CANARY)
})
