/** delivery/smtp.ts against a real server on the loopback, alone and as part of the whole way from the queue. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { courier } from '../../../src/delivery/courier.ts'
import { wrapper } from '../../../src/delivery/queue.ts'
import { connection, type SmtpOptions, smtp } from '../../../src/delivery/smtp.ts'
import { keyring, sealer } from '../../../src/lib/crypto.ts'
import { logger } from '../../../src/lib/log.ts'
import { MINUTE, SECOND } from '../../../src/lib/time.ts'
import { type Fault, type SmtpServer, type Stage, smtpServer } from '../../support/delivery/smtp-server.ts'
import { memoryQueue } from '../../support/unit/memory-queue.ts'

const mail = {
  to: 'sanne@sigma.example',
  subject: 'Bevestig je Sigma-account – één klik',
  text: 'Hallo Sanne,\n\nhttps://id.sigma.example/activate#t=abc=def\n.\nÉén punt.',
  html: '<p>Hallo Sanne, <a href="https://id.sigma.example/activate#t=abc=def">één klik</a></p>',
}
let server: SmtpServer

beforeEach(async () => {
  server = await smtpServer()
})

afterEach(() => server.close())

function carrier(options: Partial<SmtpOptions> = {}) {
  const sendEmail = smtp({ url: server.url, from: 'Sigma ID <no-reply@sigma.example>', ...options })
  onTestFinished(() => sendEmail.close())
  return sendEmail
}

test('a mail arrives once, whole, and says what it is', async () => {
  await carrier()(mail, 'parcel-1')

  expect(server.messages).toHaveLength(1)
  const [received] = server.messages
  expect(received).toMatchObject({ from: 'no-reply@sigma.example', to: [mail.to], text: mail.text, html: mail.html })
  expect(received?.headers).toMatchObject({
    from: 'Sigma ID <no-reply@sigma.example>',
    to: mail.to,
    subject: mail.subject,
    'message-id': '<parcel-1@sigma.example>',
    'auto-submitted': 'auto-generated',
    'content-type': expect.stringContaining('multipart/alternative'),
  })
})

test('connections are kept for the next mail', async () => {
  const sendEmail = carrier({ host: 'id.sigma.example' })
  for (let n = 0; n < 5; n += 1) await sendEmail(mail, `parcel-${n}`)
  expect(server.messages.map((received) => received.headers['message-id'])).toEqual(
    [0, 1, 2, 3, 4].map((n) => `<parcel-${n}@id.sigma.example>`),
  )
  expect(server.connections()).toBe(1)
})

test('a kept connection that the server closed in between costs the next mail nothing', async () => {
  const sendEmail = carrier()
  await sendEmail(mail, 'parcel-1')
  server.fail('MAIL', 'drop', 1)
  await sendEmail(mail, 'parcel-2')
  expect(server.messages).toHaveLength(2)
})

test('credentials come from the URL', async () => {
  const strict = await smtpServer({ credentials: { user: 'sigma@mail', pass: 'p@ss/word' } })
  onTestFinished(() => strict.close())
  const address = strict.url.slice('smtp://'.length)
  await carrier({ url: `smtp://sigma%40mail:p%40ss%2Fword@${address}` })(mail, 'parcel-1')
  expect(strict.messages).toHaveLength(1)
  const refused = carrier({ url: `smtp://sigma%40mail:wrong@${address}` })(mail, 'parcel-2')
  // An operator can mend it, so the mail must not be given up.
  await expect(refused).rejects.toMatchObject({ code: 'smtp-535' })
  await expect(refused).rejects.not.toHaveProperty('permanent')
})

describe('header injection is refused for good, and nothing reaches the server (K-05)', () => {
  test.each([
    ['a line break in the subject', { subject: 'Hi\r\nBcc: mallory@evil.example' }],
    ['a bare line feed in the subject', { subject: 'Hi\nBcc: mallory@evil.example' }],
    ['a bare carriage return in the subject', { subject: 'Hi\rBcc: mallory@evil.example' }],
    ['a NUL in the subject', { subject: 'Hi\u0000' }],
    ['a line break in the address', { to: 'sanne@sigma.example\r\nBcc: mallory@evil.example' }],
    ['a line break after the address', { to: 'sanne@sigma.example\n' }],
    ['a command in the address', { to: 'sanne@sigma.example>\r\nRCPT TO:<mallory@evil.example' }],
    ['two addresses', { to: 'sanne@sigma.example, mallory@evil.example' }],
    ['two addresses, semicolon', { to: 'sanne@sigma.example;mallory@evil.example' }],
    ['an address in angle brackets', { to: 'Sanne <sanne@sigma.example>' }],
    ['a group', { to: 'all:sanne@sigma.example;' }],
    ['a quoted local part', { to: '"mallory@evil.example"@sigma.example' }],
    ['a comment', { to: 'sanne(x)@sigma.example' }],
    ['two at signs', { to: 'mallory@evil.example@sigma.example' }],
    ['a domain without a dot', { to: 'root@localhost' }],
    ['a source route', { to: '@evil.example:sanne@sigma.example' }],
    ['nobody', { to: '' }],
  ])('%s', async (_, part) => {
    await expect(carrier()({ ...mail, ...part }, 'parcel-1')).rejects.toMatchObject({ permanent: true })
    expect(server.connections()).toBe(0)
  })

  test('a sender is checked at start', () => {
    expect(() => carrier({ from: 'Sigma <no-reply@sigma.example>\r\nBcc: x@y.example' })).toThrow(/mail.from/)
    expect(() => carrier({ from: 'Sigma\r\nBcc: x@y.example <no-reply@sigma.example>' })).toThrow(/mail.from/)
    expect(() => carrier({ from: 'nobody' })).toThrow(/mail.from/)
  })
})

const ORDINARY = ["o'brien+payroll@mail.sigma.example", 'r&d/nl=x@a-b.co', 'anna@post.xn--p1ai']
test.each(['sanne@sigma.example', ...ORDINARY])('an ordinary address is taken: %s', async (to) => {
  await carrier()({ ...mail, to }, 'parcel-1')
  expect(server.messages[0]?.to).toEqual([to])
})

describe('encryption', () => {
  test.each<[string, Partial<SmtpOptions>, { secure: boolean; requireTLS: boolean }]>([
    ['another machine', { url: 'smtp://mail.sigma.example:587' }, { secure: false, requireTLS: true }],
    ['another machine, TLS from the start', { url: 'smtps://mail.sigma.example' }, { secure: true, requireTLS: false }],
    ['this machine', { url: 'smtp://[::1]:2525' }, { secure: false, requireTLS: false }],
    [
      'a name that only begins like this machine',
      { url: 'smtp://127.0.0.1.evil.example' },
      { secure: false, requireTLS: true },
    ],
    [
      'a URL that asks for less',
      { url: 'smtp://mail.sigma.example?ignoreTLS=true&requireTLS=false' },
      { secure: false, requireTLS: true },
    ],
  ])('%s', (_, options, expected) => {
    const made = connection({ url: '', ...options })
    expect(made).toMatchObject(expected)
    expect(made.ignoreTLS).toBe(!expected.secure && !expected.requireTLS)
    expect(made).not.toHaveProperty('tls')
  })

  test('a server without TLS gets neither mail nor password where TLS is required', async () => {
    const strict = await smtpServer({ credentials: { user: 'u', pass: 'p' } })
    onTestFinished(() => strict.close())
    const url = strict.url.replace('//', '//u:p@')
    await expect(carrier({ url, plain: false })(mail, 'parcel-1')).rejects.toMatchObject({ code: 'smtp-502' })
    expect(strict.commands.filter((line) => !line.startsWith('EHLO'))).toEqual(['STARTTLS'])
  })
})

describe.each([false, true])('a server that refuses (pipelining: %s)', (pipelining) => {
  beforeEach(async () => {
    await server.close()
    server = await smtpServer({ pipelining })
  })

  test.each<[Stage, Fault, string, boolean]>([
    ['RCPT', '550 no such user', 'smtp-550', true],
    ['RCPT', '451 greylisted', 'smtp-451', false],
    ['message', '554 looks like spam', 'smtp-554', true],
    ['message', '452 disk full', 'smtp-452', false],
    ['DATA', '451 not now', 'smtp-451', false],
    ['RCPT', '530 authenticate first', 'smtp-530', false],
    ['MAIL', '550 sender unknown', 'smtp-550', false],
    ['connect', '554 go away', 'smtp-554', false],
    ['connect', '421 busy', 'smtp-421', false],
  ])('at %s with %s', async (stage, fault, code, permanent) => {
    server.fail(stage, fault)
    const refusal = await carrier()(mail, 'parcel-1').catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code })
    expect(refusal instanceof Error && 'permanent' in refusal).toBe(permanent)
    expect(server.messages).toEqual([])
  })
})

test.each<Stage>(['connect', 'EHLO', 'RCPT', 'DATA', 'message'])(
  'a server that falls silent at %s is left',
  async (stage) => {
    server.fail(stage, 'hang')
    await expect(carrier({ patience: 50 })(mail, 'parcel-1')).rejects.toMatchObject({ code: 'smtp-etimedout' })
  },
)

test('a server that keeps us waiting a little at every step is left when the time for one mail is over', async () => {
  server.fail('message', 'hang')
  await expect(carrier({ limit: 60 })(mail, 'parcel-1')).rejects.toMatchObject({ code: 'smtp-eabort' })
})

test('a mail that the server may have taken is not sent again behind the courier’s back', async () => {
  server.fail('message', 'keep-and-drop', 1)
  const sendEmail = carrier()
  await expect(sendEmail(mail, 'parcel-1')).rejects.toMatchObject({ code: expect.stringMatching(/^smtp-/) })
  expect(server.messages).toHaveLength(1)

  // The courier's next attempt is then a duplicate that can be told by its id: the one window that stays open.
  await sendEmail(mail, 'parcel-1')
  expect(server.messages.map((received) => received.headers['message-id'])).toEqual(
    Array(2).fill('<parcel-1@sigma.example>'),
  )
})

describe('from the queue', () => {
  const seal = sealer(keyring([{ id: 'test', key: Buffer.alloc(32, 7) }]), 'parcel')

  test.each<[Stage, Fault]>([
    ['connect', 'drop'],
    ['RCPT', '451 greylisted'],
    ['DATA', 'drop'],
    ['message', 'drop'],
    ['message', '451 try later'],
  ])('a server that fails once at %s (%s) gets the mail at the next attempt, once', async (stage, fault) => {
    let time = Date.UTC(2026, 0, 5, 9)
    const now = () => time
    const queue = memoryQueue()
    const sendEmail = carrier()
    const handlers = { email: (email: typeof mail, { id }: { id: string }) => sendEmail(email, id) }
    const post = courier({ store: queue, seal, handlers, now, log: logger('silent') })
    const parcel = wrapper(seal, now)('email', mail)
    await queue.enqueue([parcel])
    server.fail(stage, fault, stage === 'connect' ? 2 : 1)

    await post.drain()
    expect(server.messages).toEqual([])
    time += 10 * SECOND
    await post.drain()
    time += MINUTE
    await post.drain()

    expect(server.messages.map((received) => received.headers['message-id'])).toEqual([`<${parcel.id}@sigma.example>`])
    expect(queue.ids()).toEqual([])
  })
})

describe('kill -9', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sigma-smtp-'))
  })

  afterEach(() => rm(folder, { recursive: true, force: true }))

  function run(ahead: number, id = '-'): ChildProcess {
    const script = new URL('../../support/delivery/courier-process.ts', import.meta.url).pathname
    return spawn('node', [script, join(folder, 'sigma.db'), server.url, String(ahead), id], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
  }

  async function backlogAfter(ahead: number): Promise<unknown> {
    const child = run(ahead)
    if (!child.stdout) throw new Error('no output')
    const [said] = await Promise.all([text(child.stdout), once(child, 'exit')])
    return JSON.parse(said)
  }

  test.each<Stage>(['DATA', 'message'])(
    'a node that is killed while the server is silent at %s: another sends the mail, once',
    async (stage) => {
      server.fail(stage, 'hang')
      const first = run(0, 'parcel-1')
      const ended = once(first, 'exit')
      await server.reached(stage)
      first.kill('SIGKILL')
      expect(await ended).toEqual([null, 'SIGKILL'])
      server.recover()

      // Within the lease nobody else touches it.
      expect(await backlogAfter(0)).toMatchObject({ waiting: 1 })
      expect(server.messages).toEqual([])
      expect(await backlogAfter(2 * MINUTE)).toMatchObject({ waiting: 0 })
      expect(await backlogAfter(60 * MINUTE)).toMatchObject({ waiting: 0 })

      expect(server.messages.map((received) => received.headers['message-id'])).toEqual(['<parcel-1@sigma.example>'])
    },
  )
})
