/** delivery/outbox.ts: the development carrier that a person or a test reads. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Outbox, outbox } from '../../../src/delivery/outbox.ts'

const START = Date.UTC(2026, 0, 5, 9)
const mail = { to: 'sanne@sigma.example', subject: 'Welcome', text: 'Hello', html: '<p>Hello</p>' }
let time = START
let folder: string
let box: Outbox

beforeEach(async () => {
  time = START
  folder = join(await mkdtemp(join(tmpdir(), 'sigma-outbox-')), 'outbox')
  box = outbox(folder, () => time)
})

afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }))

test('an outbox that was never used is empty', async () => {
  expect(await box.list()).toEqual([])
})

test('mails and text messages are listed newest first, with the same fields', async () => {
  await box.sendEmail(mail, 'm-1')
  time += 1000
  await box.sendSms('+31612345678', 'Your code', 'sms-1')
  expect(await box.list()).toEqual([
    {
      channel: 'sms',
      to: '+31612345678',
      subject: null,
      text: 'Your code',
      html: null,
      at: '2026-01-05T09:00:01.000Z',
    },
    { channel: 'email', ...mail, at: '2026-01-05T09:00:00.000Z' },
  ])
})

test('messages of one millisecond keep their order', async () => {
  for (const n of [1, 2, 3]) await box.sendSms('+31612345678', `message ${n}`, `sms-${n}`)
  expect((await box.list()).map((message) => message.text)).toEqual(['message 3', 'message 2', 'message 1'])
})

test('a parcel that is sent again after a crash leaves one message', async () => {
  await box.sendEmail(mail, 'm-1')
  time += 60_000
  const restarted = outbox(folder, () => time)
  await Promise.all([restarted.sendEmail(mail, 'm-1'), restarted.sendSms('+31612345678', 'Your code', 's-1')])
  await Promise.all([restarted.sendSms('+31612345678', 'Your code', 's-1'), restarted.sendEmail(mail, '1')])
  expect((await box.list()).map((message) => message.channel).sort()).toEqual(['email', 'email', 'sms'])
})

test('race: two attempts with one id at the same moment leave one message', async () => {
  await Promise.all([box.sendEmail(mail, 'm-1'), box.sendEmail(mail, 'm-1'), box.sendEmail(mail, 'm-1')])
  expect(await box.list()).toHaveLength(1)
})

test('at most 500 are kept, and the oldest go', async () => {
  for (let n = 1; n <= 503; n += 1) {
    time += 1
    await box.sendSms('+31612345678', `message ${n}`, `sms-${n}`)
  }
  const texts = (await box.list()).map((message) => message.text)
  expect([texts.length, texts[0], texts.at(-1)]).toEqual([500, 'message 503', 'message 4'])
})

test('one file a message, and a half-written one is not shown', async () => {
  await box.sendEmail(mail, 'm-1')
  await writeFile(join(folder, '000000000000000-000001-x.json.tmp'), '{"chan')
  expect(await box.list()).toHaveLength(1)
  const [, name = ''] = (await readdir(folder)).sort()
  expect(name).toMatch(/-m-1\.json$/)
  expect(JSON.parse(await readFile(join(folder, name), 'utf8'))).toMatchObject({ subject: 'Welcome' })
})

test('path traversal: an id cannot leave the folder', async () => {
  await box.sendEmail(mail, '/../../escaped')
  expect(await readdir(folder)).toHaveLength(1)
})

test('header injection is refused here as it is by the real carrier (K-05)', async () => {
  await expect(box.sendEmail({ ...mail, subject: 'Hi\r\nBcc: x@y.example' }, 'm-1')).rejects.toMatchObject({
    permanent: true,
  })
  expect(await box.list()).toEqual([])
})
